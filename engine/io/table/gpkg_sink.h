// SPDX-License-Identifier: GPL-3.0-or-later
// Tables with their polygons or points as GeoPackage.
#pragma once

#include <memory>

#include "engine/access/sink.h"

namespace cubeloom {

/// A layer with a line for each zone or point: its geometry in longitude and latitude, its name, what stands beside it, and a column for
/// each of its values. Without geometries, a line for each entry of the first dim. InvalidParameter: rows and columns of a grid, complex
/// values, or more columns than SQLite takes.
Result<SinkPlan> planGpkg(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openGpkg(const SinkRequest& request, BufferPool pool);

}  // namespace cubeloom
