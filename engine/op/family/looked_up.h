// SPDX-License-Identifier: GPL-3.0-or-later
// The placed family by a lookup table: each pixel of a map grid is a pixel of a swath that the table names, or none. Only lines and samples
// that a region's part of the table names are read.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/op/family/swath_locations.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// The array `inputs[0]` on the grid of the table in the inputs behind it (lookupPlanes), with its other dims where they stand. A type
/// without nodata gets one (giveNodata). `infill`: what the table has filled in from a neighbour stays. Errors as lookupPlanes(), and
/// GridMismatch: the array has no two dims for lines and samples, or is a part of its swath.
Result<std::shared_ptr<const BoundOperation>> bindLookedUp(const std::vector<ArraySpec>& inputs, bool infill);

/// The array `inputs[0]` on `grid`, by the locations of its pixels in the inputs behind it (locationPlanes). The nearest keep their type,
/// as above; between four of them values are floats, nodata where one of the four is.
Result<std::shared_ptr<const BoundOperation>> bindLocated(const std::vector<ArraySpec>& inputs, const GeoBox& grid,
                                                          const LocationRule& rule);
/// Lines and samples of a swath.
Result<std::pair<std::int64_t, std::int64_t>> swathSize(const ArraySpec& swath);

}  // namespace cubeloom
