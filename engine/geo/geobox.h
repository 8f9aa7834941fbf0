// SPDX-License-Identifier: GPL-3.0-or-later
// GeoBox: shape + affine + CRS, immutable; the one description of a pixel grid on the ground.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/geo/affine.h"
#include "engine/geo/crs.h"

namespace cubeloom {

/// A rectangle in world units.
struct Bounds {
  double xmin = 0, ymin = 0, xmax = 0, ymax = 0;
  double width() const { return xmax - xmin; }
  double height() const { return ymax - ymin; }
  bool isEmpty() const { return !(xmax > xmin && ymax > ymin); }
  Bounds intersected(const Bounds& other) const;
  Bounds united(const Bounds& other) const;
  bool operator==(const Bounds&) const = default;
};

/// A rectangle in pixels: rows [row, row + rows), columns [col, col + cols).
struct Window {
  std::int64_t row = 0, col = 0, rows = 0, cols = 0;
  bool operator==(const Window&) const = default;
};

/// Pixel grid of `rows` x `cols`. Immutable; equality compares shape, affine and CRS (as systems, not as text).
class GeoBox {
 public:
  GeoBox() = default;
  GeoBox(std::int64_t rows, std::int64_t cols, Affine affine, Crs crs);

  std::int64_t rows() const { return m_rows; }
  std::int64_t cols() const { return m_cols; }
  const Affine& affine() const { return m_affine; }
  const Crs& crs() const { return m_crs; }
  bool isAxisAligned() const { return m_affine.isAxisAligned(); }

  /// The bounding rectangle of the four corners.
  Bounds bounds() const;
  /// Length of a pixel's side along x and y, both positive.
  double pixelWidth() const;
  double pixelHeight() const;

  GeoBox withCrs(Crs crs) const;
  /// The grid of a window of this one (it may reach outside).
  GeoBox crop(const Window& window) const;
  /// Grown by `pixels` on every side.
  GeoBox pad(std::int64_t pixels) const;
  /// Rows first, first + step, ...; columns likewise: the grid of every step-th pixel, its pixels as wide as the step.
  GeoBox strided(std::int64_t firstRow, std::int64_t rowStep, std::int64_t rows, std::int64_t firstCol, std::int64_t colStep,
                 std::int64_t cols) const;
  /// The same rectangle at another number of pixels.
  GeoBox zoomTo(std::int64_t rows, std::int64_t cols) const;
  /// Pixels whose area meets `bounds` (in this CRS) by more than 1e-6 of a pixel, clipped to the grid; axis-aligned or not. Empty window
  /// when none.
  Window windowOf(const Bounds& bounds) const;
  /// The bounding rectangle in another CRS, edges densified.
  Result<Bounds> boundsIn(const Crs& crs) const;
  /// The same by a transformer from this CRS, for many grids. Longitudes in degrees that lie on both sides of the antimeridian go on beyond
  /// 180. Unset: no point can be transformed.
  std::optional<Bounds> boundsBy(const Transformer& transformer, bool toDegrees) const;

  bool operator==(const GeoBox& other) const;

 private:
  std::int64_t m_rows = 0, m_cols = 0;
  Affine m_affine;
  Crs m_crs;
};

}  // namespace cubeloom
