// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/plausible_place.h"

#include "engine/base/text.h"

namespace cubeloom {

std::string implausiblePlace(const GeoBox& grid) {
  if (!grid.crs().isGeographic() || grid.crs().unitName() != "degree") return {};
  // Longitudes to 360 and one turn more are in use; pixels whose centres are at a pole reach half a pixel beyond it.
  constexpr double kFarthestEast = 720, kPole = 90;
  const Bounds b = grid.bounds();
  const double beyond = grid.pixelHeight();
  if (b.xmin >= -kFarthestEast && b.xmax <= kFarthestEast && b.ymin >= -kPole - beyond && b.ymax <= kPole + beyond) return {};
  return "the grid's coordinates, x " + formatSignificant(b.xmin, 9) + " to " + formatSignificant(b.xmax, 9) + " and y " +
         formatSignificant(b.ymin, 9) + " to " + formatSignificant(b.ymax, 9) + ", cannot be degrees, the unit of its CRS " +
         grid.crs().label() + ": give the right one with assign_crs";
}

}  // namespace cubeloom
