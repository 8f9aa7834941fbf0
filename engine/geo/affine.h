// SPDX-License-Identifier: GPL-3.0-or-later
// The affine map from pixel (column, row) to world (x, y), in odc-geo's and rasterio's order.
#pragma once

#include <array>

namespace cubeloom {

/// x = a*col + b*row + c, y = d*col + e*row + f; (0, 0) is the outer corner of the first pixel.
struct Affine {
  double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;

  static Affine fromGeotransform(const std::array<double, 6>& gt) { return {gt[1], gt[2], gt[0], gt[4], gt[5], gt[3]}; }
  /// GDAL's six numbers.
  std::array<double, 6> geotransform() const { return {c, a, b, f, d, e}; }

  double x(double col, double row) const { return a * col + b * row + c; }
  double y(double col, double row) const { return d * col + e * row + f; }
  double determinant() const { return a * e - b * d; }
  /// Neither rotated nor sheared.
  bool isAxisAligned() const { return b == 0 && d == 0; }
  /// The map from world to pixel; the determinant must not be 0.
  Affine inverse() const;
  /// First `inner`, then this.
  Affine operator*(const Affine& inner) const;
  bool operator==(const Affine&) const = default;

  static Affine translation(double x, double y) { return {1, 0, x, 0, 1, y}; }
  static Affine scale(double x, double y) { return {x, 0, 0, 0, y, 0}; }
};

}  // namespace cubeloom
