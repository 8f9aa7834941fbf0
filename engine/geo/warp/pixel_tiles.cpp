// SPDX-License-Identifier: GPL-3.0-or-later
// Tensor-product Lagrange interpolation on Chebyshev-Lobatto nodes (L. N. Trefethen, Approximation Theory and Approximation Practice,
// doi:10.1137/1.9781611975949, ch. 5), checked at other points of the tile.
#include "engine/geo/warp/pixel_tiles.h"

#include <array>
#include <cmath>
#include <numbers>

namespace cubeloom {
namespace {

constexpr int kTile = 64;            // output pixels
constexpr int kNodes = 9;            // per axis
constexpr int kChecks = 5;           // per axis
constexpr double kTolerance = 1e-8;  // source pixels: the largest error seen at a check
constexpr double kAmbiguous = 1e-6;  // nearer than this to a whole or half source pixel a sample is made exact

using Basis = std::array<double, kNodes>;

double node(int k) { return 0.5 * kTile * (1 - std::cos(std::numbers::pi * k / (kNodes - 1))); }
/// Between the nodes, at irrational places.
double check(int k) { return kTile * (k + 0.5 + 0.1 * std::numbers::inv_pi) / (kChecks + 0.1); }

Basis basisAt(double position) {
  Basis basis{};
  double sum = 0;
  for (int k = 0; k < kNodes; ++k) {
    const double distance = position - node(k);
    if (distance == 0) {
      basis.fill(0);
      basis[static_cast<std::size_t>(k)] = 1;
      return basis;
    }
    const double weight = (k % 2 == 0 ? 1.0 : -1.0) * (k == 0 || k == kNodes - 1 ? 0.5 : 1.0);
    basis[static_cast<std::size_t>(k)] = weight / distance;
    sum += basis[static_cast<std::size_t>(k)];
  }
  for (double& b : basis) b /= sum;
  return basis;
}

/// Bases at 0, 0.5, 1, ... of a tile.
const std::array<Basis, 2 * kTile + 1>& halfPixelBases() {
  static const auto bases = [] {
    std::array<Basis, 2 * kTile + 1> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = basisAt(0.5 * static_cast<double>(i));
    return all;
  }();
  return bases;
}

double dot(const Basis& a, const Basis& b) {
  double sum = 0;
  for (std::size_t k = 0; k < kNodes; ++k) sum += a[k] * b[k];
  return sum;
}

/// One coordinate over a tile: values at the nodes, [row][col].
using NodeValues = std::array<Basis, kNodes>;

Basis alongRow(const NodeValues& values, const Basis& row) {
  Basis line{};
  for (std::size_t m = 0; m < kNodes; ++m)
    for (std::size_t k = 0; k < kNodes; ++k) line[k] += row[m] * values[m][k];
  return line;
}

struct Tile {
  NodeValues x, y;
  bool isGood = false;

  Tile(const PixelMapper& mapper, std::int64_t tileRow, std::int64_t tileCol) {
    constexpr std::size_t kCount = kNodes * kNodes + kChecks * kChecks;
    std::array<double, kCount> px, py;
    std::size_t n = 0;
    const auto add = [&](double row, double col) {
      px[n] = static_cast<double>(tileCol * kTile) + col;
      py[n++] = static_cast<double>(tileRow * kTile) + row;
    };
    for (int i = 0; i < kNodes; ++i)
      for (int j = 0; j < kNodes; ++j) add(node(i), node(j));
    for (int i = 0; i < kChecks; ++i)
      for (int j = 0; j < kChecks; ++j) add(check(i), check(j));
    mapper.map(px.data(), py.data(), kCount);
    for (const double value : px)
      if (!std::isfinite(value)) return;
    n = 0;
    for (std::size_t i = 0; i < kNodes; ++i)
      for (std::size_t j = 0; j < kNodes; ++j, ++n) {
        x[i][j] = px[n];
        y[i][j] = py[n];
      }
    for (int i = 0; i < kChecks; ++i) {
      const Basis row = basisAt(check(i));
      const Basis lineX = alongRow(x, row), lineY = alongRow(y, row);
      for (int j = 0; j < kChecks; ++j, ++n) {
        const Basis col = basisAt(check(j));
        if (std::abs(dot(lineX, col) - px[n]) > kTolerance || std::abs(dot(lineY, col) - py[n]) > kTolerance) return;
      }
    }
    isGood = true;
  }
};

bool isAmbiguous(double position) { return std::abs(2 * position - std::nearbyint(2 * position)) < 2 * kAmbiguous; }

std::int64_t tileOf(std::int64_t pixel) { return pixel >= 0 ? pixel / kTile : -((kTile - 1 - pixel) / kTile); }

/// Gathers positions that need PROJ itself and puts the answers back.
class ExactPositions {
 public:
  void add(std::size_t index, double col, double row) {
    m_indices.push_back(index);
    m_cols.push_back(col);
    m_rows.push_back(row);
  }
  void resolve(const PixelMapper& mapper, std::vector<double>& x, std::vector<double>& y) {
    if (m_indices.empty()) return;
    mapper.map(m_cols.data(), m_rows.data(), m_cols.size());
    for (std::size_t k = 0; k < m_indices.size(); ++k) {
      x[m_indices[k]] = m_cols[k];
      y[m_indices[k]] = m_rows[k];
    }
    m_indices.clear();
    m_cols.clear();
    m_rows.clear();
  }

 private:
  std::vector<std::size_t> m_indices;
  std::vector<double> m_cols, m_rows;
};

}  // namespace

void mapRowsInTiles(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, double shift,
                    const PixelMapper::RowVisitor& visit) {
  if (rows.empty() || cols.empty()) return;
  const auto& bases = halfPixelBases();
  const auto basisOf = [&bases, shift](std::int64_t pixel) -> const Basis& {
    return bases[static_cast<std::size_t>(2 * (pixel - tileOf(pixel) * kTile) + std::llround(2 * shift))];
  };
  const std::int64_t firstTile = tileOf(cols.front()), lastTile = tileOf(cols.back());
  std::vector<Tile> band;
  std::int64_t bandRow = 0;
  std::vector<double> x(cols.size()), y(cols.size());
  ExactPositions exact;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (band.empty() || tileOf(rows[i]) != bandRow) {
      bandRow = tileOf(rows[i]);
      band.clear();
      for (std::int64_t t = firstTile; t <= lastTile; ++t) band.emplace_back(mapper, bandRow, t);
    }
    const Basis& rowBasis = basisOf(rows[i]);
    const double row = static_cast<double>(rows[i]) + shift;
    std::size_t j = 0;
    for (std::size_t t = 0; t < band.size(); ++t) {
      const Tile& tile = band[t];
      const std::int64_t end = (firstTile + static_cast<std::int64_t>(t) + 1) * kTile;
      if (!tile.isGood) {
        for (; j < cols.size() && cols[j] < end; ++j) exact.add(j, static_cast<double>(cols[j]) + shift, row);
        continue;
      }
      const Basis lineX = alongRow(tile.x, rowBasis), lineY = alongRow(tile.y, rowBasis);
      for (; j < cols.size() && cols[j] < end; ++j) {
        const Basis& colBasis = basisOf(cols[j]);
        x[j] = dot(lineX, colBasis);
        y[j] = dot(lineY, colBasis);
        if (isAmbiguous(x[j]) || isAmbiguous(y[j])) exact.add(j, static_cast<double>(cols[j]) + shift, row);
      }
    }
    exact.resolve(mapper, x, y);
    visit(i, x.data(), y.data());
  }
}

}  // namespace cubeloom
