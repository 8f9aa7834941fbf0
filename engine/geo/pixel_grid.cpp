// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/pixel_grid.h"

#include <cmath>

namespace cubeloom {
namespace {

/// Whether an axis is that of every step-th pixel from one on, as GeoBox::strided() makes it of 0, 1, 2, ...
bool isCount(double step, double corner) {
  const double first = corner - 0.5 + 0.5 * step;
  return step >= 1 && std::floor(step) == step && first >= 0 && std::floor(first) == first;
}

}  // namespace

bool countsPixels(const GeoBox& grid) {
  const Affine& m = grid.affine();
  return !grid.crs().isValid() && m.isAxisAligned() && isCount(m.a, m.c) && isCount(m.e, m.f);
}

}  // namespace cubeloom
