// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/same_grid.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/geo/pixel_grid.h"

namespace cubeloom {
namespace {

constexpr double kSameWithinPixels = 1e-3;

std::string crsText(const Crs& crs) { return crs.isValid() ? crs.label() : "unknown"; }

/// How far the corners of two grids of one shape and CRS lie apart at most, in pixels of `grid`.
double cornersApart(const GeoBox& grid, const GeoBox& other) {
  if (grid.affine() == other.affine()) return 0;
  const Affine toPixel = grid.affine().inverse();
  double most = 0;
  for (const std::int64_t column : {std::int64_t{0}, grid.cols()})
    for (const std::int64_t line : {std::int64_t{0}, grid.rows()}) {
      const auto col = static_cast<double>(column), row = static_cast<double>(line);
      const double x = other.affine().x(col, row), y = other.affine().y(col, row);
      most = std::max({most, std::abs(toPixel.x(x, y) - col), std::abs(toPixel.y(x, y) - row)});
    }
  return most;
}

}  // namespace

std::string gridDifference(const GeoBox& grid, const GeoBox& other) {
  if (grid.rows() != other.rows() || grid.cols() != other.cols())
    return "it has " + std::to_string(other.rows()) + " x " + std::to_string(other.cols()) + " pixels, not " + std::to_string(grid.rows()) +
           " x " + std::to_string(grid.cols());
  if (!grid.crs().isSameAs(other.crs())) return "its CRS is " + crsText(other.crs()) + ", not " + crsText(grid.crs());
  const double apart = cornersApart(grid, other);
  if (apart <= kSameWithinPixels) return {};
  return "its corners lie up to " + formatSignificant(apart, 3) + " px away (up to " + formatNumber(kSameWithinPixels) +
         " counts as the same grid)";
}

std::string sameGridRemedy(const GeoBox& grid, const GeoBox& other, const std::string& resample) {
  if (grid.crs().isValid() == other.crs().isValid()) return resample;
  const GeoBox& lost = grid.crs().isValid() ? other : grid;
  const std::string known = (grid.crs().isValid() ? grid : other).crs().label();
  const std::string step = countsPixels(lost) ? "say where the pixels of the one without a CRS lie with assign_grid"
                                              : "say the missing CRS with assign_crs, crs=" + known + " if it is the same";
  const bool isSamePlace = gridDifference(grid.withCrs(Crs()), other.withCrs(Crs())).empty();
  return isSamePlace ? step : step + "; then " + resample;
}

bool isSameGrid(const GeoBox& a, const GeoBox& b) { return gridDifference(a, b).empty(); }

}  // namespace cubeloom
