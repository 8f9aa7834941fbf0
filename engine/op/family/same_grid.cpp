// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/same_grid.h"

#include <algorithm>
#include <cmath>

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

}  // namespace cubeloom
