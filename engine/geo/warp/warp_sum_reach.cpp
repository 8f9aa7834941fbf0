// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/warp/warp_sum_reach.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {
namespace {

constexpr int kParts = 4;        // of a pixel at the Earth's edge, per axis
constexpr int kBisections = 24;  // to find that edge between two corners of parts

bool isOnEarth(const MapPoint& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

}  // namespace

SumReach::SumReach(const PixelMapper& mapper, WarpScale scale) : m_mapper(mapper), m_scale(scale) {
  if (!(mapper.columnPeriod() > 0)) return;
  const auto [north, south] = mapper.poleRows();
  m_poles[0].row = north;
  m_poles[1].row = south;
  for (Pole& pole : m_poles) {
    std::array<double, 4> x, y, around{};
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = mapper.columnPeriod() * (static_cast<double>(i) + 0.3) / static_cast<double>(x.size());
      y[i] = pole.row;
    }
    mapper.mapToTarget(x.data(), y.data(), around.data(), x.size());
    const auto [left, right] = std::minmax_element(x.begin(), x.end());
    const auto [top, bottom] = std::minmax_element(y.begin(), y.end());
    pole.isPoint = *right - *left < 0.01 && *bottom - *top < 0.01;  // false for infinite ones
    pole.output = {*left, *top};
  }
}

bool SumReach::seesPole() const {
  const auto rows = static_cast<double>(m_mapper.targetRows()), cols = static_cast<double>(m_mapper.targetCols());
  return std::any_of(m_poles.begin(), m_poles.end(), [rows, cols](const Pole& pole) {
    return pole.isPoint && pole.output.x > -2 && pole.output.x < cols + 2 && pole.output.y > -2 && pole.output.y < rows + 2;
  });
}

std::vector<MapPoint> SumReach::pointsOnEarth(std::int64_t row, std::int64_t col) const {
  constexpr std::size_t kSide = kParts + 1;
  const auto mapped = [this](MapPoint output) {
    m_mapper.map(&output.x, &output.y, 1);
    return output;
  };
  std::vector<MapPoint> outputs, sources;
  for (int down = 0; down <= kParts; ++down)
    for (int right = 0; right <= kParts; ++right) {
      outputs.push_back(
          {static_cast<double>(col) + static_cast<double>(right) / kParts, static_cast<double>(row) + static_cast<double>(down) / kParts});
      sources.push_back(mapped(outputs.back()));
    }
  std::vector<MapPoint> points;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(points), isOnEarth);
  const auto findEdge = [&](std::size_t a, std::size_t b) {
    if (isOnEarth(sources[a]) == isOnEarth(sources[b])) return;
    MapPoint inside = outputs[isOnEarth(sources[a]) ? a : b], outside = outputs[isOnEarth(sources[a]) ? b : a];
    MapPoint last;
    for (int k = 0; k < kBisections; ++k) {
      const MapPoint middle{(inside.x + outside.x) / 2, (inside.y + outside.y) / 2};
      const MapPoint there = mapped(middle);
      (isOnEarth(there) ? inside : outside) = middle;
      if (isOnEarth(there)) last = there;
    }
    points.push_back(last);
  };
  for (std::size_t i = 0; i < kSide * kSide; ++i) {
    if (i % kSide + 1 < kSide) findEdge(i, i + 1);
    if (i + kSide < kSide * kSide) findEdge(i, i + kSide);
  }
  return points;
}

void SumReach::reachPole(const std::vector<MapPoint>& outline, Extent& extent) const {
  const double period = m_mapper.columnPeriod();
  double turn = 0;  // how far the outline runs around the Earth
  bool touches = false;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const double step = outline[(i + 1) % outline.size()].x - outline[i].x;
    turn += step - period * std::round(step / period);
    for (const Pole& pole : m_poles) touches = touches || (pole.isPoint && std::abs(outline[i].y - pole.row) < 1e-6);
  }
  if (!touches && std::abs(turn) < period / 2) return;
  extent.left = 0;
  extent.right = period;
  const double middle = (extent.top + extent.bottom) / 2;
  const Pole& pole = m_poles[std::abs(middle - m_poles[0].row) < std::abs(middle - m_poles[1].row) ? 0 : 1];
  extent.top = std::min(extent.top, pole.row);
  extent.bottom = std::max(extent.bottom, pole.row);
}

Candidates SumReach::boxOf(const Extent& extent) const {
  // Between its corners the output pixel's sides may bulge.
  const double marginX = 1 + (extent.right - extent.left) / 8, marginY = 1 + (extent.bottom - extent.top) / 8;
  const auto clamped = [](double value, double low, double high) { return static_cast<std::int64_t>(std::clamp(value, low, high)); };
  const auto rows = static_cast<double>(m_mapper.sourceRows()), cols = static_cast<double>(m_mapper.sourceCols());
  Candidates box{clamped(std::floor(extent.top - marginY), 0, rows), clamped(std::ceil(extent.bottom + marginY), 0, rows), 0, 0};
  const double left = std::floor(extent.left - marginX), right = std::ceil(extent.right + marginX);
  const double period = m_mapper.columnPeriod();
  if (m_mapper.sourceRunsAroundTheEarth()) {
    const bool isAll = right - left >= cols;
    box.firstCol = isAll ? 0 : clamped(left, -cols / 2, 1.5 * cols);
    box.endCol = isAll ? m_mapper.sourceCols() : clamped(right, -cols / 2, 1.5 * cols);
    return box;
  }
  // A source in degrees may be met a whole turn further east or west.
  for (int turn = period > 0 ? -1 : 0; turn <= (period > 0 ? 1 : 0); ++turn) {
    const std::int64_t first = clamped(left + turn * period, 0, cols), end = clamped(right + turn * period, 0, cols);
    if (first >= end) continue;
    box.firstCol = box.firstCol < box.endCol ? std::min(box.firstCol, first) : first;
    box.endCol = std::max(box.endCol, end);
  }
  return box;
}

Candidates SumReach::candidates(std::int64_t row, std::int64_t col, const std::array<MapPoint, 4>& outline) const {
  const bool isWhole = std::all_of(outline.begin(), outline.end(), isOnEarth);
  std::vector<MapPoint> points = isWhole ? std::vector<MapPoint>(outline.begin(), outline.end()) : pointsOnEarth(row, col);
  if (points.empty()) return {};
  const double period = m_mapper.columnPeriod();
  Extent extent{points[0].x, points[0].x, points[0].y, points[0].y};
  for (MapPoint& point : points) {
    if (period > 0) point.x -= period * std::round((point.x - points[0].x) / period);
    extent.left = std::min(extent.left, point.x);
    extent.right = std::max(extent.right, point.x);
    extent.top = std::min(extent.top, point.y);
    extent.bottom = std::max(extent.bottom, point.y);
  }
  if (period > 0) {
    if (isWhole) reachPole(points, extent);
  } else if (!(extent.right - extent.left <= 10 / m_scale.x + 10 && extent.bottom - extent.top <= 10 / m_scale.y + 10)) {
    return {};  // far wider than the scale: torn by a discontinuity of the map
  }
  return boxOf(extent);
}

}  // namespace cubeloom
