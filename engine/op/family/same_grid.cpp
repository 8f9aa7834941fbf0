// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/same_grid.h"

#include <algorithm>
#include <cmath>

#include "engine/op/view/selection.h"

namespace cubeloom {

bool isSameGrid(const GeoBox& a, const GeoBox& b) {
  if (a == b) return true;
  if (a.rows() != b.rows() || a.cols() != b.cols() || !a.crs().isSameAs(b.crs())) return false;
  const double most = 1e-3 * std::min(a.pixelWidth(), a.pixelHeight());
  const auto isNear = [&](std::int64_t column, std::int64_t line) {
    const auto col = static_cast<double>(column), row = static_cast<double>(line);
    return std::abs(a.affine().x(col, row) - b.affine().x(col, row)) <= most &&
           std::abs(a.affine().y(col, row) - b.affine().y(col, row)) <= most;
  };
  return isNear(0, 0) && isNear(a.cols(), 0) && isNear(0, a.rows()) && isNear(a.cols(), a.rows());
}

std::int64_t firstOtherEntry(const Dim& a, const Dim& b) {
  const auto isSaid = [](const Coordinate& c) { return c.kind != Coordinate::Kind::None && !c.unit.empty() && c.unit != "1"; };
  if (!isSaid(a.coordinate) || !isSaid(b.coordinate) || a.coordinate.unit != b.coordinate.unit) return -1;
  for (std::int64_t i = 0; i < a.size; ++i)
    if (!(std::abs(a.coordinate.at(i) - b.coordinate.at(i)) <= 1e-3 * axisStep(a, i))) return i;
  return -1;
}

}  // namespace cubeloom
