// SPDX-License-Identifier: GPL-3.0-or-later
// Inverse and composition of affine maps, with GDAL's arithmetic so that samples fall on the same side of a tie.
#include "engine/geo/affine.h"

namespace cubeloom {

Affine Affine::inverse() const {
  // GDALInvGeoTransform treats the unrotated case apart: -c * (1 / a) instead of -c / a would differ in the last bit.
  if (isAxisAligned()) return {1.0 / a, 0.0, -c / a, 0.0, 1.0 / e, -f / e};
  const double scale = 1.0 / determinant();
  return {e * scale, -b * scale, (b * f - c * e) * scale, -d * scale, a * scale, (-a * f + c * d) * scale};
}

Affine Affine::operator*(const Affine& inner) const {
  return {a * inner.a + b * inner.d, a * inner.b + b * inner.e, a * inner.c + b * inner.f + c,
          d * inner.a + e * inner.d, d * inner.b + e * inner.e, d * inner.c + e * inner.f + f};
}

}  // namespace cubeloom
