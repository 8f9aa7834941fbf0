// SPDX-License-Identifier: GPL-3.0-or-later
// Which of many scattered places is nearest to the centre of a grid's pixel: the places are sorted into the grid's own cells.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/geo/geobox.h"

namespace cubeloom {

/// Immutable; thread-safe.
class PlaceSearch {
 public:
  /// Cells of `grid` that a distance spans, at most. What is looked through grows with its square.
  static double cellsWithin(const GeoBox& grid, double distance);
  /// Places (x[i], y[i]) in the CRS of `grid`; those that are not finite do not count. Longitudes may differ from the grid's by whole
  /// turns. `maxDistance` must span few cells.
  PlaceSearch(std::vector<double> x, std::vector<double> y, const GeoBox& grid, double maxDistance);
  /// The place nearest to the centre of a pixel, of equally near ones the first; none when it is farther than maxDistance.
  std::optional<std::size_t> nearest(std::int64_t row, std::int64_t col) const;

 private:
  std::int64_t cellOf(std::int64_t cellRow, std::int64_t cellCol) const { return cellRow * m_cellCols + cellCol; }

  GeoBox m_grid;
  std::vector<double> m_x, m_y;
  double m_farthest;
  double m_side = 0;      // the least distance between two sides of a cell
  std::int64_t m_margin;  // cells around the grid
  std::int64_t m_cellRows, m_cellCols;
  std::vector<std::size_t> m_begins, m_places;  // of each cell, one after the other
};

}  // namespace cubeloom
