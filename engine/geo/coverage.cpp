// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/coverage.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {
namespace {

constexpr double kTouch = 1e-6;             // of a pixel
constexpr double kHeightUnits = 536870912;  // of a pixel, 2^29: heights are whole numbers of them, so that their sums are exact
constexpr std::uint64_t kWidthUnits = std::uint64_t{1} << 30;
constexpr std::int64_t kMostBins = 4096;

std::int64_t wholeBelow(double v) { return static_cast<std::int64_t>(std::floor(v)); }
std::int64_t wholeAbove(double v) { return static_cast<std::int64_t>(std::ceil(v)); }

/// Around a closed line; the sign tells its sense.
double areaOf(const std::vector<Vertex>& ring) {
  double twice = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Vertex &a = ring[i], &b = ring[(i + 1) % ring.size()];
    twice += (a.x - ring[0].x) * (b.y - ring[0].y) - (b.x - ring[0].x) * (a.y - ring[0].y);
  }
  return twice / 2;
}

}  // namespace

PixelPolygon::PixelPolygon(const Geometry& geometry, bool isTurned) {
  for (const GeometryRing& ring : geometry.rings) addRing(ring, isTurned);
  if (m_edges.empty()) return;
  m_bounds = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (const Edge& e : m_edges)
    m_bounds = {std::min({m_bounds.xmin, e.x0, e.x1}), std::min(m_bounds.ymin, e.y0), std::max({m_bounds.xmax, e.x0, e.x1}),
                std::max(m_bounds.ymax, e.y1)};
  sortIntoBins();
}

void PixelPolygon::addRing(const GeometryRing& ring, bool isTurned) {
  std::vector<Vertex> places = ring.vertices;
  if (isTurned)
    for (Vertex& v : places) std::swap(v.x, v.y);
  const bool isAdded = (areaOf(places) < 0) != ring.isHole;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Vertex &a = places[i], &b = places[(i + 1) % places.size()];
    if (a == b) continue;
    if (a.y <= b.y)
      m_edges.push_back({a.x, a.y, b.x, b.y, isAdded});
    else
      m_edges.push_back({b.x, b.y, a.x, a.y, !isAdded});
  }
}

void PixelPolygon::sortIntoBins() {
  m_firstRow = wholeBelow(m_bounds.ymin);
  const std::int64_t rows = wholeBelow(m_bounds.ymax) - m_firstRow + 1;
  const auto binOf = [this](double y) { return static_cast<std::size_t>((wholeBelow(y) - m_firstRow) / m_binRows); };
  for (std::int64_t bins = std::min({rows, static_cast<std::int64_t>(m_edges.size()), kMostBins}); bins > 0; bins /= 2) {
    m_binRows = (rows + bins - 1) / bins;
    m_bins.assign(static_cast<std::size_t>((rows + m_binRows - 1) / m_binRows) + 1, 0);
    for (const Edge& e : m_edges)
      for (std::size_t k = binOf(e.y0); k <= binOf(e.y1); ++k) ++m_bins[k + 1];
    for (std::size_t k = 1; k < m_bins.size(); ++k) m_bins[k] += m_bins[k - 1];
    if (m_bins.back() <= 8 * m_edges.size() || bins == 1) break;
  }
  m_binned.resize(m_bins.back());
  std::vector<std::size_t> next(m_bins.begin(), m_bins.end() - 1);
  for (std::size_t i = 0; i < m_edges.size(); ++i)
    for (std::size_t k = binOf(m_edges[i].y0); k <= binOf(m_edges[i].y1); ++k) m_binned[next[k]++] = static_cast<std::uint32_t>(i);
}

Window PixelPolygon::windowIn(std::int64_t rows, std::int64_t cols) const {
  if (isEmpty()) return {};
  Window window;
  window.row = std::max<std::int64_t>(0, wholeBelow(m_bounds.ymin + kTouch));
  window.col = std::max<std::int64_t>(0, wholeBelow(m_bounds.xmin + kTouch));
  window.rows = std::min(rows, wholeAbove(m_bounds.ymax - kTouch)) - window.row;
  window.cols = std::min(cols, wholeAbove(m_bounds.xmax - kTouch)) - window.col;
  return window.rows > 0 && window.cols > 0 ? window : Window{};
}

std::size_t PixelPolygon::scratchBytes(std::size_t count) const {
  std::size_t most = 0;
  for (std::size_t k = 1; k < m_bins.size(); ++k) most = std::max(most, m_bins[k] - m_bins[k - 1]);
  return 2 * most * sizeof(double) + (count + 1) * sizeof(std::uint64_t);
}

template <class F>
void PixelPolygon::forEdgesOf(std::int64_t row, F&& f) const {
  if (row < m_firstRow) return;
  const auto bin = static_cast<std::size_t>((row - m_firstRow) / m_binRows);
  if (bin + 1 >= m_bins.size()) return;
  for (std::size_t i = m_bins[bin]; i < m_bins[bin + 1]; ++i) f(m_edges[m_binned[i]]);
}

void PixelPolygon::cover(CoverageRule rule, std::int64_t row, std::int64_t col, std::size_t count, double* out,
                         CoverScratch& scratch) const {
  std::fill_n(out, count, 0.0);
  if (rule == CoverageRule::Fraction) return coverFractions(row, col, count, out, scratch);
  coverCentres(row, col, count, out, scratch);
  if (rule == CoverageRule::AllTouched) coverTouched(row, col, count, out);
}

/// As GDAL's polygon filler: an edge takes in its upper end and not its lower one, a centre on an edge belongs to the polygon on its left.
void PixelPolygon::coverCentres(std::int64_t row, std::int64_t col, std::size_t count, double* out, CoverScratch& scratch) const {
  const double y = static_cast<double>(row) + 0.5;
  scratch.crossings.clear();
  forEdgesOf(row, [&](const Edge& e) {
    if (e.y0 <= y && y < e.y1) scratch.crossings.push_back(e.x0 + (y - e.y0) * ((e.x1 - e.x0) / (e.y1 - e.y0)));
  });
  std::sort(scratch.crossings.begin(), scratch.crossings.end());
  const std::int64_t end = col + static_cast<std::int64_t>(count);
  for (std::size_t i = 0; i + 1 < scratch.crossings.size(); i += 2) {
    const std::int64_t first = std::max(col, wholeBelow(scratch.crossings[i] + 0.5)),
                       past = std::min(end, wholeBelow(scratch.crossings[i + 1] + 0.5));
    for (std::int64_t c = first; c < past; ++c) out[c - col] = 1;
  }
}

void PixelPolygon::coverTouched(std::int64_t row, std::int64_t col, std::size_t count, double* out) const {
  const double top = static_cast<double>(row) + kTouch, bottom = static_cast<double>(row) + 1 - kTouch;
  const std::int64_t end = col + static_cast<std::int64_t>(count);
  forEdgesOf(row, [&](const Edge& e) {
    if (e.y1 <= top || e.y0 >= bottom) return;
    const auto xAt = [&e](double y) { return y <= e.y0 ? e.x0 : y >= e.y1 ? e.x1 : e.x0 + (y - e.y0) * ((e.x1 - e.x0) / (e.y1 - e.y0)); };
    double left = xAt(top), right = xAt(bottom);
    if (e.y0 == e.y1) left = e.x0, right = e.x1;
    if (left > right) std::swap(left, right);
    const std::int64_t first = std::max(col, wholeBelow(left + kTouch)), past = std::min(end, wholeAbove(right - kTouch));
    for (std::int64_t c = first; c < past; ++c) out[c - col] = 1;
  });
}

/// What lies to the right of each edge is added up, in its own column and in all that follow. Heights where an edge enters and leaves a
/// column are whole numbers of units, so that a ring's sum outside of it is zero exactly, wherever the window begins.
void PixelPolygon::coverFractions(std::int64_t row, std::int64_t col, std::size_t count, double* out, CoverScratch& scratch) const {
  scratch.sums.assign(count + 1, 0);
  const auto top = static_cast<double>(row);
  const std::int64_t end = col + static_cast<std::int64_t>(count);
  bool isAny = false;
  forEdgesOf(row, [&](const Edge& e) {
    const double low = std::max(e.y0, top), high = std::min(e.y1, top + 1);
    if (!(low < high)) return;
    isAny = true;
    const double perY = (e.x1 - e.x0) / (e.y1 - e.y0), perX = (e.y1 - e.y0) / (e.x1 - e.x0);
    const auto xAt = [&](double y) { return y == e.y0 ? e.x0 : y == e.y1 ? e.x1 : e.x0 + (y - e.y0) * perY; };
    const auto units = [&](double y) { return static_cast<std::int64_t>(std::llround((y - top) * kHeightUnits)); };
    double left = xAt(low), right = xAt(high);
    std::int64_t atLeft = units(low), atRight = units(high);
    if (left > right) {
      std::swap(left, right);
      std::swap(atLeft, atRight);
    }
    const auto unitsAt = [&](double x) {
      return x <= left ? atLeft : x >= right ? atRight : units(std::clamp(e.y0 + (x - e.x0) * perX, low, high));
    };
    const auto add = [&](std::size_t i, std::uint64_t amount) { scratch.sums[i] += e.isAdded ? amount : ~amount + 1; };
    const auto begin = static_cast<double>(col);
    std::int64_t before = atLeft;
    double x = left;
    if (left < begin) {  // columns before the window: what lies to their right is all of it
      const std::int64_t there = unitsAt(begin);
      add(0, static_cast<std::uint64_t>(std::abs(there - before)) * kWidthUnits);
      if (right <= begin) return;
      before = there;
      x = begin;
    }
    for (std::int64_t c = wholeBelow(x); c < end; ++c) {
      const double past = std::min(right, static_cast<double>(c + 1));
      const std::int64_t there = past >= right ? atRight : unitsAt(past);
      const auto height = static_cast<std::uint64_t>(std::abs(there - before));
      const double middle = std::clamp((x + past) / 2 - static_cast<double>(c), 0.0, 1.0);
      const auto beside = static_cast<std::uint64_t>(std::llround(middle * static_cast<double>(kWidthUnits)));
      add(static_cast<std::size_t>(c - col), height * (kWidthUnits - beside));
      add(static_cast<std::size_t>(c - col) + 1, height * beside);
      if (past >= right) break;
      before = there;
      x = past;
    }
  });
  if (!isAny) return;
  constexpr double kUnits = kHeightUnits * static_cast<double>(kWidthUnits);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += scratch.sums[i];
    out[i] = std::clamp(static_cast<double>(static_cast<std::int64_t>(sum)) / kUnits, 0.0, 1.0);
  }
}

}  // namespace cubeloom
