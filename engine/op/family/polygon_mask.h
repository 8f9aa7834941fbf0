// SPDX-License-Identifier: GPL-3.0-or-later
// The polygons family, masking: values inside, or outside, of polygons stay as they are, all others become nodata. What lies outside is not
// read.
#pragma once

#include <memory>

#include "engine/op/family/placed_features.h"

namespace cubeloom {

struct PolygonMask {
  CoverageRule rule = CoverageRule::Centre;
  bool isInverted = false;  ///< values outside stay
  bool crops = true;        ///< the result has the rows and columns that the polygons meet; not where it is inverted
};

/// `input` masked. A type without nodata gets one (giveNodata). InvalidParameter `name`: no polygon meets the grid.
Result<std::shared_ptr<const BoundOperation>> bindPolygonMask(const ArraySpec& input, PlacedPolygons polygons, const PolygonMask& mask,
                                                              const std::string& name);

}  // namespace cubeloom
