// SPDX-License-Identifier: GPL-3.0-or-later
// Tables: an array as text, an entry per line.
#pragma once

#include <memory>

#include "engine/access/sink.h"

namespace cubeloom {

/// A column for each dim, those of coordinates along one dim behind it, then the values; a line for each element, the last dim fastest.
/// Entries of a dim "statistic" are columns instead, of layout "wide" those of the last dim, of "long" none. Nodata is an empty cell.
/// Numbers are the shortest that read back as they are.
Result<SinkPlan> planCsv(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openCsv(const SinkRequest& request, BufferPool pool);

}  // namespace cubeloom
