// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/geometry_on_grid.h"

#include <algorithm>
#include <cmath>

#include "engine/geo/whole_turn.h"

namespace cubeloom {
namespace {

constexpr int kMostHalvings = 14;           // of an edge
constexpr double kLongEdge = 32;            // pixels; a longer edge is halved in any case, so that no bend hides from its middle
constexpr double kMargin = 0.05;            // of the grid's extent, kept around it
constexpr double kMostLongitudes = 170;     // a grid wider than this in degrees may hold a pole or the antimeridian
constexpr std::size_t kMostMade = 4000000;  // vertices of one ring

bool isPlaced(const Vertex& v) { return std::isfinite(v.x) && std::isfinite(v.y); }

/// What of a ring lies on one side of a line along an axis (Sutherland, Hodgman 1974, doi:10.1145/360767.360802).
std::vector<Vertex> cutRing(const std::vector<Vertex>& ring, bool isX, double limit, bool keepsAbove) {
  const auto along = [isX](const Vertex& v) { return isX ? v.x : v.y; };
  const auto isInside = [&](const Vertex& v) { return keepsAbove ? along(v) >= limit : along(v) <= limit; };
  const auto crossing = [&](const Vertex& a, const Vertex& b) {
    const double t = (limit - along(a)) / (along(b) - along(a));
    return isX ? Vertex{limit, a.y + t * (b.y - a.y)} : Vertex{a.x + t * (b.x - a.x), limit};
  };
  std::vector<Vertex> kept;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Vertex &a = ring[i == 0 ? ring.size() - 1 : i - 1], &b = ring[i];
    if (isInside(a) != isInside(b)) kept.push_back(crossing(a, b));
    if (isInside(b)) kept.push_back(b);
  }
  return kept;
}

std::vector<Vertex> cutToBounds(std::vector<Vertex> ring, const Bounds& bounds) {
  const bool isWithin = std::all_of(ring.begin(), ring.end(), [&bounds](const Vertex& v) {
    return v.x >= bounds.xmin && v.x <= bounds.xmax && v.y >= bounds.ymin && v.y <= bounds.ymax;
  });
  if (isWithin) return ring;
  ring = cutRing(ring, true, bounds.xmin, true);
  ring = cutRing(ring, true, bounds.xmax, false);
  ring = cutRing(ring, false, bounds.ymin, true);
  return cutRing(ring, false, bounds.ymax, false);
}

}  // namespace

GeometryPlacer::GeometryPlacer(GeoBox grid, Transformer transformer)
    : m_grid(std::move(grid)), m_toPixels(m_grid.affine().inverse()), m_transformer(std::move(transformer)) {
  if (hasLongitudes(m_grid)) m_turn = kTurn / m_grid.pixelWidth();
}

Result<GeometryPlacer> GeometryPlacer::onto(const GeoBox& grid, const Crs& from) {
  const Crs& own = from.isValid() ? from : grid.crs();
  auto transformer = Transformer::between(own, grid.crs());
  if (!transformer) return fail(std::move(transformer.error()));
  GeometryPlacer placer(grid, std::move(*transformer));
  if (placer.m_transformer.isIdentity()) return placer;
  auto near = grid.boundsIn(own);
  if (!near) return fail(std::move(near.error()));
  // Longitudes on both sides of the antimeridian, or around a pole, tell nothing.
  if (own.isGeographic() && near->width() > kMostLongitudes) return placer;
  const double marginX = kMargin * near->width(), marginY = kMargin * near->height();
  placer.m_near = Bounds{near->xmin - marginX, near->ymin - marginY, near->xmax + marginX, near->ymax + marginY};
  return placer;
}

void GeometryPlacer::toPixels(std::vector<Vertex>& places) const {
  if (!m_transformer.isIdentity()) {
    std::vector<double> xs, ys;
    for (const Vertex& v : places) {
      xs.push_back(v.x);
      ys.push_back(v.y);
    }
    m_transformer.forward(xs.data(), ys.data(), xs.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = {xs[i], ys[i]};
  }
  for (Vertex& v : places) v = {m_toPixels.x(v.x, v.y), m_toPixels.y(v.x, v.y)};
}

/// All edges are halved together, so that PROJ is asked for many places at once.
std::optional<std::vector<Vertex>> GeometryPlacer::ringOnGrid(std::vector<Vertex> ring) const {
  std::vector<Vertex> placed = ring;
  toPixels(placed);
  if (!std::all_of(placed.begin(), placed.end(), isPlaced)) return std::nullopt;
  if (m_transformer.isIdentity()) return placed;
  std::vector<char> isStraight(ring.size(), 0);  // of the edge from this vertex to the next
  for (int halving = 0; halving < kMostHalvings; ++halving) {
    std::vector<Vertex> middles;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Vertex &a = ring[i], &b = ring[(i + 1) % ring.size()];
      if (isStraight[i] == 0) middles.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2});
    }
    if (middles.empty() || ring.size() + middles.size() > kMostMade) break;
    std::vector<Vertex> placedMiddles = middles, newRing, newPlaced;
    toPixels(placedMiddles);
    std::vector<char> newStraight;
    std::size_t at = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      newRing.push_back(ring[i]);
      newPlaced.push_back(placed[i]);
      newStraight.push_back(1);
      if (isStraight[i] != 0) continue;
      const Vertex &a = placed[i], &b = placed[(i + 1) % ring.size()], &middle = placedMiddles[at];
      if (!isPlaced(middle)) return std::nullopt;
      const double bend = std::hypot((a.x + b.x) / 2 - middle.x, (a.y + b.y) / 2 - middle.y);
      const bool isLong = halving == 0 && std::hypot(a.x - b.x, a.y - b.y) > kLongEdge;
      if (bend > kMostBend || isLong) {
        newStraight.back() = 0;
        newRing.push_back(middles[at]);
        newPlaced.push_back(middle);
        newStraight.push_back(0);
      }
      ++at;
    }
    ring = std::move(newRing);
    placed = std::move(newPlaced);
    isStraight = std::move(newStraight);
  }
  return placed;
}

std::optional<Geometry> GeometryPlacer::place(const Geometry& geometry) const {
  const Bounds frame{-1, -1, static_cast<double>(m_grid.cols()) + 1, static_cast<double>(m_grid.rows()) + 1};
  Geometry placed;
  const auto add = [&](const std::vector<Vertex>& ring, bool isHole, double turned) {
    std::vector<Vertex> moved = ring;
    for (Vertex& v : moved) v.x += turned;
    moved = cutToBounds(std::move(moved), frame);
    if (moved.size() > 2) placed.rings.push_back({std::move(moved), isHole});
  };
  for (const GeometryRing& one : geometry.rings) {
    std::vector<Vertex> ring = one.vertices;
    if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
    if (m_near) ring = cutToBounds(std::move(ring), *m_near);
    if (ring.size() < 3) continue;
    const auto onGrid = ringOnGrid(std::move(ring));
    if (!onGrid) return std::nullopt;
    add(*onGrid, one.isHole, 0);
    if (m_turn <= 0) continue;
    for (const double turned : {-m_turn, m_turn}) add(*onGrid, one.isHole, turned);
  }
  return placed;
}

Vertex GeometryPlacer::place(const Vertex& point) const {
  std::vector<Vertex> one{point};
  toPixels(one);
  if (!isPlaced(one[0])) return {INFINITY, INFINITY};
  const auto cols = static_cast<double>(m_grid.cols());
  for (const double turned : {-m_turn, m_turn})
    if (const double x = one[0].x + turned; (one[0].x < 0 || one[0].x >= cols) && x >= 0 && x < cols) return {x, one[0].y};
  return one[0];
}

}  // namespace cubeloom
