// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/plausible_place.h"

#include <cmath>

#include "engine/base/text.h"

namespace cubeloom {

namespace {

std::string corners(const Bounds& b) {
  return "the grid's coordinates, x " + formatSignificant(b.xmin, 9) + " to " + formatSignificant(b.xmax, 9) + " and y " +
         formatSignificant(b.ymin, 9) + " to " + formatSignificant(b.ymax, 9);
}

/// Of a projected CRS: small pixels all of which lie where degrees would, beside its origin.
std::string degreesUnderMetres(const GeoBox& grid) {
  constexpr double kFarthestEast = 360, kPole = 90, kLargestPixel = 1;
  const Bounds b = grid.bounds();
  const bool isAsDegrees =
      std::abs(b.xmin) <= kFarthestEast && std::abs(b.xmax) <= kFarthestEast && std::abs(b.ymin) <= kPole && std::abs(b.ymax) <= kPole;
  if (!isAsDegrees || grid.pixelWidth() >= kLargestPixel || grid.pixelHeight() >= kLargestPixel) return {};
  return corners(b) + ", look like degrees, and the unit of its CRS " + grid.crs().label() + " is the " + grid.crs().unitName() +
         ": give the right one with assign_crs";
}

}  // namespace

std::string implausiblePlace(const GeoBox& grid) {
  if (grid.crs().isValid() && !grid.crs().isGeographic()) return degreesUnderMetres(grid);
  if (!grid.crs().isGeographic() || grid.crs().unitName() != "degree") return {};
  // Longitudes to 360 and one turn more are in use; pixels whose centres are at a pole reach half a pixel beyond it.
  constexpr double kFarthestEast = 720, kPole = 90;
  const Bounds b = grid.bounds();
  const double beyond = grid.pixelHeight();
  if (b.xmin >= -kFarthestEast && b.xmax <= kFarthestEast && b.ymin >= -kPole - beyond && b.ymax <= kPole + beyond) return {};
  return corners(b) + ", cannot be degrees, the unit of its CRS " + grid.crs().label() + ": give the right one with assign_crs";
}

}  // namespace cubeloom
