// SPDX-License-Identifier: GPL-3.0-or-later
// The lines a set of indices makes a file give up: what the read plan picture shows.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/array/region.h"

namespace cubeloom {

/// (first, count) extents, increasing and apart, of the lines among `lines` that lie in the same blocks of `blockLines` as an index of
/// `rows`.
std::vector<std::pair<std::int64_t, std::int64_t>> touchedLineExtents(const IndexSet& rows, std::int64_t blockLines, std::int64_t lines);

}  // namespace cubeloom
