// SPDX-License-Identifier: GPL-3.0-or-later
// Cells are looked through in square rings around the pixel, until no ring farther out can hold a nearer place.
#include "engine/geo/warp/place_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cubeloom {

double PlaceSearch::cellsWithin(const GeoBox& grid, double distance) {
  const Affine& t = grid.affine();
  return distance * std::max(std::hypot(t.a, t.d), std::hypot(t.b, t.e)) / std::abs(t.determinant());
}

PlaceSearch::PlaceSearch(std::vector<double> x, std::vector<double> y, const GeoBox& grid, double maxDistance)
    : m_grid(grid), m_x(std::move(x)), m_y(std::move(y)), m_farthest(maxDistance) {
  const Affine& t = grid.affine();
  m_side = maxDistance / cellsWithin(grid, maxDistance);
  m_margin = static_cast<std::int64_t>(std::ceil(cellsWithin(grid, maxDistance))) + 1;
  m_cellRows = grid.rows() + 2 * m_margin;
  m_cellCols = grid.cols() + 2 * m_margin;

  const Affine toPixel = t.inverse();
  const Bounds extent = grid.bounds();
  const double middle = (extent.xmin + extent.xmax) / 2;
  std::vector<std::int64_t> cells(m_x.size(), -1);
  m_begins.assign(static_cast<std::size_t>(m_cellRows * m_cellCols) + 1, 0);
  for (std::size_t i = 0; i < m_x.size(); ++i) {
    if (!std::isfinite(m_x[i]) || !std::isfinite(m_y[i])) continue;
    if (grid.crs().isGeographic()) m_x[i] -= 360 * std::round((m_x[i] - middle) / 360);
    const double col = std::floor(toPixel.x(m_x[i], m_y[i])) + static_cast<double>(m_margin);
    const double row = std::floor(toPixel.y(m_x[i], m_y[i])) + static_cast<double>(m_margin);
    if (!(col >= 0 && col < static_cast<double>(m_cellCols) && row >= 0 && row < static_cast<double>(m_cellRows))) continue;
    cells[i] = cellOf(static_cast<std::int64_t>(row), static_cast<std::int64_t>(col));
    ++m_begins[static_cast<std::size_t>(cells[i]) + 1];
  }
  for (std::size_t c = 1; c < m_begins.size(); ++c) m_begins[c] += m_begins[c - 1];
  m_places.resize(m_begins.back());
  std::vector<std::size_t> next(m_begins.begin(), m_begins.end() - 1);
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (cells[i] >= 0) m_places[next[static_cast<std::size_t>(cells[i])]++] = i;
}

std::optional<std::size_t> PlaceSearch::nearest(std::int64_t row, std::int64_t col) const {
  const double x = m_grid.affine().x(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5);
  const double y = m_grid.affine().y(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5);
  std::optional<std::size_t> best;
  double bestSquare = m_farthest * m_farthest;
  const auto look = [&](std::int64_t cellRow, std::int64_t cellCol) {
    if (cellRow < 0 || cellRow >= m_cellRows || cellCol < 0 || cellCol >= m_cellCols) return;
    const auto cell = static_cast<std::size_t>(cellOf(cellRow, cellCol));
    for (std::size_t k = m_begins[cell]; k < m_begins[cell + 1]; ++k) {
      const std::size_t place = m_places[k];
      const double dx = m_x[place] - x, dy = m_y[place] - y, square = dx * dx + dy * dy;
      if (square < bestSquare || (square == bestSquare && (!best || place < *best))) {
        best = place;
        bestSquare = square;
      }
    }
  };
  const std::int64_t centreRow = row + m_margin, centreCol = col + m_margin;
  for (std::int64_t ring = 0; ring <= m_margin; ++ring) {
    // A place in this ring is at least half a cell and the rings between away.
    const double least = (static_cast<double>(ring) - 0.5) * m_side;
    if (ring > 0 && least * least > bestSquare) break;
    for (std::int64_t c = centreCol - ring; c <= centreCol + ring; ++c) look(centreRow - ring, c);
    for (std::int64_t r = centreRow - ring + 1; r < centreRow + ring; ++r) {
      look(r, centreCol - ring);
      if (ring > 0) look(r, centreCol + ring);
    }
    if (ring > 0)
      for (std::int64_t c = centreCol - ring; c <= centreCol + ring; ++c) look(centreRow + ring, c);
  }
  return best;
}

}  // namespace cubeloom
