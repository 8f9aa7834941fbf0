// SPDX-License-Identifier: GPL-3.0-or-later
// The placed family at single points: of each the value there, from its neighbours or from a window around it. Only the pixels around the
// points are read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/op/family/placed_features.h"

namespace cubeloom {

/// How a point gets its value.
struct PointSampling {
  bool isBilinear = false;  ///< from the four pixel centres around it, all of which have to be valid; else of the pixel that it lies in
  std::int64_t window = 1;  ///< side of the square of pixels around that pixel, odd; more than 1: `statistic` of what is valid in it
  std::string statistic;    ///< "mean", "median", "min", "max", "std", "sum", "count"
  double buffer = 0;        ///< metres; more than 0: the statistic is of the circle around the point, each pixel by the part of it inside
  bool isComputed() const { return isBilinear || window > 1 || buffer > 0; }
};

/// [point, all dims of `input` but the spatial ones]: labels are the points' ids, beside them their x and y in the array's CRS. Nodata
/// where a point lies outside of the grid, or has no valid value. Values of the nearest pixel keep their type, which gets a nodata value
/// if it has none (giveNodata); computed ones are floats. UnsupportedType: complex values, but for the nearest.
Result<std::shared_ptr<const BoundOperation>> bindSampledPoints(const ArraySpec& input, PlacedPoints points, const PointSampling& sampling);

}  // namespace cubeloom
