// SPDX-License-Identifier: GPL-3.0-or-later
// Regions are one set of indices per dim, so that a selection, a decimated preview and a nearest reprojection all reach the source as the
// very samples they need.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/index_set.h"

namespace cubeloom {

/// One set per dim, in the array's order of dims.
using Region = std::vector<IndexSet>;

Region fullRegion(const std::vector<std::int64_t>& shape);
std::vector<std::int64_t> regionShape(const Region& region);
std::int64_t regionCount(const Region& region);

}  // namespace cubeloom
