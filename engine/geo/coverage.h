// SPDX-License-Identifier: GPL-3.0-or-later
// How much of each pixel a polygon takes.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/geo/geobox.h"
#include "engine/geo/geometry.h"

namespace cubeloom {

/// When a pixel belongs to a polygon.
enum class CoverageRule {
  Centre,      ///< its centre lies inside, as GDAL burns polygons
  AllTouched,  ///< that, or an edge runs through it by more than 1e-6 of a pixel
  Fraction,    ///< by the part of its area that lies inside, to 1e-8
};

/// What cover() works with; kept between calls.
struct CoverScratch {
  std::vector<double> crossings;
  std::vector<std::uint64_t> sums;
};

/// The polygons of a shape in pixel coordinates: x is the column, y the row, whole numbers are the borders of pixels. What a pixel gets
/// depends on the shape alone, not on the window that is asked for. By Centre and AllTouched what lies inside an odd number of rings is
/// inside; by Fraction holes are taken off, so that polygons that cross themselves or their holes have no true answer. Immutable.
class PixelPolygon {
 public:
  PixelPolygon() = default;
  /// `isTurned`: x is the row and y the column instead, for arrays whose columns vary slower than their rows.
  explicit PixelPolygon(const Geometry& geometry, bool isTurned = false);

  bool isEmpty() const { return m_edges.empty(); }
  /// The pixels that its bounding rectangle meets, within `rows` and `cols`; empty when none. Turned, these are counted as the shape is.
  Window windowIn(std::int64_t rows, std::int64_t cols) const;
  /// Sets `out[i]` to what pixel (`row`, `col` + i) has of it, 0 to 1.
  void cover(CoverageRule rule, std::int64_t row, std::int64_t col, std::size_t count, double* out, CoverScratch& scratch) const;
  /// What cover() keeps in its scratch, at most.
  std::size_t scratchBytes(std::size_t count) const;

 private:
  /// Upwards: y0 <= y1. Polygons that share an edge compute the same numbers for it.
  struct Edge {
    double x0, y0, x1, y1;
    bool isAdded;  ///< what lies to its right counts for the shape, else against it
  };
  void addRing(const GeometryRing& ring, bool isTurned);
  void sortIntoBins();
  template <class F>
  void forEdgesOf(std::int64_t row, F&& f) const;
  void coverCentres(std::int64_t row, std::int64_t col, std::size_t count, double* out, CoverScratch& scratch) const;
  void coverTouched(std::int64_t row, std::int64_t col, std::size_t count, double* out) const;
  void coverFractions(std::int64_t row, std::int64_t col, std::size_t count, double* out, CoverScratch& scratch) const;

  std::vector<Edge> m_edges;
  Bounds m_bounds;
  /// Edges that meet rows [k * m_binRows, ...) from the first row on: m_binned[m_bins[k]] to m_binned[m_bins[k + 1]].
  std::int64_t m_firstRow = 0, m_binRows = 1;
  std::vector<std::size_t> m_bins;
  std::vector<std::uint32_t> m_binned;
};

}  // namespace cubeloom
