// SPDX-License-Identifier: GPL-3.0-or-later
// Windows, bounds and derived grids of a GeoBox.
#include "engine/geo/geobox.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace cubeloom {
namespace {

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// Pixels of an axis of `size` that [low, high] (in pixels) meets by more than 1e-6.
std::pair<std::int64_t, std::int64_t> axisWindow(double low, double high, std::int64_t size) {
  constexpr double kSliver = 1e-6;
  const auto limit = static_cast<double>(size);
  if (!(high > low)) return {0, 0};
  const double begin = std::clamp(std::floor(low + kSliver), 0.0, limit);
  const double end = std::clamp(std::ceil(high - kSliver), 0.0, limit);
  if (!(end > begin)) return {0, 0};
  return {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end - begin)};
}

}  // namespace

Bounds Bounds::intersected(const Bounds& other) const {
  return {std::max(xmin, other.xmin), std::max(ymin, other.ymin), std::min(xmax, other.xmax), std::min(ymax, other.ymax)};
}

Bounds Bounds::united(const Bounds& other) const {
  return {std::min(xmin, other.xmin), std::min(ymin, other.ymin), std::max(xmax, other.xmax), std::max(ymax, other.ymax)};
}

GeoBox::GeoBox(std::int64_t rows, std::int64_t cols, Affine affine, Crs crs)
    : m_rows(rows), m_cols(cols), m_affine(affine), m_crs(std::move(crs)) {}

Bounds GeoBox::bounds() const {
  Range x, y;
  for (const double row : {0.0, static_cast<double>(m_rows)})
    for (const double col : {0.0, static_cast<double>(m_cols)}) {
      x.add(m_affine.x(col, row));
      y.add(m_affine.y(col, row));
    }
  return {x.low, y.low, x.high, y.high};
}

double GeoBox::pixelWidth() const { return m_affine.isAxisAligned() ? std::abs(m_affine.a) : std::hypot(m_affine.a, m_affine.d); }
double GeoBox::pixelHeight() const { return m_affine.isAxisAligned() ? std::abs(m_affine.e) : std::hypot(m_affine.b, m_affine.e); }

GeoBox GeoBox::withCrs(Crs crs) const { return {m_rows, m_cols, m_affine, std::move(crs)}; }

GeoBox GeoBox::crop(const Window& window) const {
  Affine moved = m_affine;
  moved.c = m_affine.x(static_cast<double>(window.col), static_cast<double>(window.row));
  moved.f = m_affine.y(static_cast<double>(window.col), static_cast<double>(window.row));
  return {window.rows, window.cols, moved, m_crs};
}

GeoBox GeoBox::pad(std::int64_t pixels) const { return crop({-pixels, -pixels, m_rows + 2 * pixels, m_cols + 2 * pixels}); }

GeoBox GeoBox::strided(std::int64_t firstRow, std::int64_t rowStep, std::int64_t rows, std::int64_t firstCol, std::int64_t colStep,
                       std::int64_t cols) const {
  // The wide pixel's centre is the centre of the pixel it stands for.
  const double col = static_cast<double>(firstCol) + 0.5 - 0.5 * static_cast<double>(colStep);
  const double row = static_cast<double>(firstRow) + 0.5 - 0.5 * static_cast<double>(rowStep);
  const auto sx = static_cast<double>(colStep);
  const auto sy = static_cast<double>(rowStep);
  const Affine wide{m_affine.a * sx, m_affine.b * sy, m_affine.x(col, row), m_affine.d * sx, m_affine.e * sy, m_affine.y(col, row)};
  return {rows, cols, wide, m_crs};
}

GeoBox GeoBox::zoomTo(std::int64_t rows, std::int64_t cols) const {
  const double sx = static_cast<double>(m_cols) / static_cast<double>(cols);
  const double sy = static_cast<double>(m_rows) / static_cast<double>(rows);
  return {rows, cols, {m_affine.a * sx, m_affine.b * sy, m_affine.c, m_affine.d * sx, m_affine.e * sy, m_affine.f}, m_crs};
}

Window GeoBox::windowOf(const Bounds& bounds) const {
  if (m_affine.determinant() == 0) return {};
  const Affine toPixel = m_affine.inverse();
  Range col, row;
  for (const double x : {bounds.xmin, bounds.xmax})
    for (const double y : {bounds.ymin, bounds.ymax}) {
      col.add(toPixel.x(x, y));
      row.add(toPixel.y(x, y));
    }
  const auto [firstCol, cols] = axisWindow(col.low, col.high, m_cols);
  const auto [firstRow, rows] = axisWindow(row.low, row.high, m_rows);
  if (rows == 0 || cols == 0) return {};
  return {firstRow, firstCol, rows, cols};
}

Result<Bounds> GeoBox::boundsIn(const Crs& crs) const {
  auto transformer = Transformer::between(m_crs, crs);
  if (!transformer) return fail(std::move(transformer.error()));
  if (const auto bounds = boundsBy(*transformer, false)) return *bounds;
  return fail(ErrorCode::CrsUnavailable, "no point of the grid can be transformed from " + m_crs.label() + " to " + crs.label(),
              "Choose a CRS whose area of use covers the data.");
}

std::optional<Bounds> GeoBox::boundsBy(const Transformer& transformer, bool toDegrees) const {
  if (transformer.isIdentity()) return bounds();
  // The inside as well as the edges: a pole or the bulge of a geostationary disk lies inside.
  constexpr int kSteps = 64;
  std::vector<double> xs, ys;
  for (int i = 0; i <= kSteps; ++i)
    for (int j = 0; j <= kSteps; ++j) {
      const bool edge = i == 0 || j == 0 || i == kSteps || j == kSteps;
      if (!edge && (i % 4 != 0 || j % 4 != 0)) continue;
      const double row = static_cast<double>(m_rows) * i / kSteps;
      const double col = static_cast<double>(m_cols) * j / kSteps;
      xs.push_back(m_affine.x(col, row));
      ys.push_back(m_affine.y(col, row));
    }
  transformer.forward(xs.data(), ys.data(), xs.size());
  Range x, y, turned;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (!std::isfinite(xs[i])) continue;
    constexpr double kTurn = 360;
    x.add(xs[i]);
    turned.add(xs[i] < 0 ? xs[i] + kTurn : xs[i]);
    y.add(ys[i]);
  }
  if (!(x.low <= x.high)) return std::nullopt;
  constexpr double kHalfTurn = 180;
  if (toDegrees && x.high - x.low > kHalfTurn && turned.high - turned.low < kHalfTurn) x = turned;
  return Bounds{x.low, y.low, x.high, y.high};
}

bool GeoBox::operator==(const GeoBox& other) const {
  return m_rows == other.m_rows && m_cols == other.m_cols && m_affine == other.m_affine && m_crs.isSameAs(other.m_crs);
}

}  // namespace cubeloom
