// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/sketch.h"

#include <QCoreApplication>
#include <algorithm>
#include <utility>

namespace cubeloom {

namespace {

constexpr std::size_t kMostUndo = 500;

bool isNear(QPointF a, QPointF b, double pixels) {
  const QPointF d = a - b;
  return d.x() * d.x() + d.y() * d.y() <= pixels * pixels;
}

}  // namespace

Sketch::Sketch(MapQuestion::Kind kind, std::vector<MapShape> shapes) : m_kind(kind) { m_now.shapes = std::move(shapes); }

void Sketch::keep() {
  m_past.push_back(m_now);
  if (m_past.size() > kMostUndo) m_past.erase(m_past.begin());
  m_future.clear();
}

/// The least number that no shape has: what the engine would call a feature without a name.
QString Sketch::freeName() const {
  int number = 1;
  const auto isTaken = [&](const MapShape& shape) { return shape.name == QString::number(number); };
  while (std::any_of(m_now.shapes.begin(), m_now.shapes.end(), isTaken)) ++number;
  return QString::number(number);
}

void Sketch::add(QPointF world) {
  keep();
  if (m_kind == MapQuestion::Kind::Polygons) {
    m_now.selected = {};
    m_now.open << world;
    return;
  }
  m_now.shapes.push_back({freeName(), {QPolygonF({world})}});
  m_now.selected = {static_cast<int>(m_now.shapes.size()) - 1, 0, 0};
}

QString Sketch::close() {
  if (m_now.open.size() < 3)
    return QCoreApplication::translate("Sketch", "A polygon has at least 3 corners, this one %n: click further ones", nullptr,
                                       static_cast<int>(m_now.open.size()));
  keep();
  m_now.shapes.push_back({freeName(), {std::exchange(m_now.open, {})}});
  m_now.selected = {static_cast<int>(m_now.shapes.size()) - 1, 0, -1};
  return {};
}

bool Sketch::dropOpen() {
  if (m_now.open.isEmpty()) return false;
  keep();
  m_now.open.clear();
  return true;
}

Sketch::Corner Sketch::insertBehind(const Corner& corner, QPointF world) {
  keep();
  QPolygonF& ring = m_now.shapes[static_cast<std::size_t>(corner.shape)].rings[static_cast<std::size_t>(corner.ring)];
  ring.insert(corner.at + 1, world);
  return m_now.selected = {corner.shape, corner.ring, corner.at + 1};
}

void Sketch::move(const Corner& corner, QPointF world) {
  m_now.shapes[static_cast<std::size_t>(corner.shape)].rings[static_cast<std::size_t>(corner.ring)][corner.at] = world;
  m_now.selected = corner;
}

bool Sketch::removeSelected() {
  const Corner chosen = m_now.selected;
  if (chosen.shape < 0) return false;
  keep();
  MapShape& shape = m_now.shapes[static_cast<std::size_t>(chosen.shape)];
  QPolygonF& ring = shape.rings[static_cast<std::size_t>(chosen.ring)];
  if (chosen.at >= 0 && ring.size() > 3) {
    ring.remove(chosen.at);
    m_now.selected = {chosen.shape, chosen.ring, -1};
  } else if (chosen.at >= 0 && chosen.ring > 0) {
    shape.rings.erase(shape.rings.begin() + chosen.ring);
    m_now.selected = {chosen.shape, 0, -1};
  } else {
    m_now.shapes.erase(m_now.shapes.begin() + chosen.shape);
    m_now.selected = {};
  }
  return true;
}

bool Sketch::removeLast() {
  const bool isOpen = !m_now.open.isEmpty();
  if (!isOpen && (m_kind == MapQuestion::Kind::Polygons || m_now.shapes.empty())) return false;
  keep();
  if (isOpen)
    m_now.open.removeLast();
  else
    m_now.shapes.pop_back();
  m_now.selected = {};
  return true;
}

void Sketch::undo() {
  if (m_past.empty()) return;
  m_future.push_back(std::exchange(m_now, std::move(m_past.back())));
  m_past.pop_back();
}

void Sketch::redo() {
  if (m_future.empty()) return;
  m_past.push_back(std::exchange(m_now, std::move(m_future.back())));
  m_future.pop_back();
}

std::optional<Sketch::Corner> Sketch::cornerAt(QPointF screen, const MapFrame& frame, double pixels) const {
  for (int s = static_cast<int>(m_now.shapes.size()) - 1; s >= 0; --s) {
    const MapShape& shape = m_now.shapes[static_cast<std::size_t>(s)];
    for (int r = 0; r < static_cast<int>(shape.rings.size()); ++r) {
      const QPolygonF& ring = shape.rings[static_cast<std::size_t>(r)];
      for (int i = 0; i < static_cast<int>(ring.size()); ++i)
        if (isNear(frame.toScreen(ring[i]), screen, pixels)) return Corner{s, r, i};
    }
  }
  return std::nullopt;
}

std::optional<Sketch::Corner> Sketch::middleAt(QPointF screen, const MapFrame& frame, double pixels) const {
  if (m_kind != MapQuestion::Kind::Polygons) return std::nullopt;
  for (int s = static_cast<int>(m_now.shapes.size()) - 1; s >= 0; --s) {
    const MapShape& shape = m_now.shapes[static_cast<std::size_t>(s)];
    for (int r = 0; r < static_cast<int>(shape.rings.size()); ++r) {
      const QPolygonF& ring = shape.rings[static_cast<std::size_t>(r)];
      for (int i = 0; i < static_cast<int>(ring.size()); ++i)
        if (isNear(frame.toScreen((ring[i] + ring[(i + 1) % ring.size()]) / 2), screen, pixels)) return Corner{s, r, i};
    }
  }
  return std::nullopt;
}

int Sketch::shapeAt(QPointF world) const {
  if (m_kind != MapQuestion::Kind::Polygons) return -1;
  for (int s = static_cast<int>(m_now.shapes.size()) - 1; s >= 0; --s) {
    bool isInside = false;
    for (const QPolygonF& ring : m_now.shapes[static_cast<std::size_t>(s)].rings)
      isInside = isInside != ring.containsPoint(world, Qt::OddEvenFill);
    if (isInside) return s;
  }
  return -1;
}

bool Sketch::isOverFirst(QPointF screen, const MapFrame& frame, double pixels) const {
  return !m_now.open.isEmpty() && isNear(frame.toScreen(m_now.open.front()), screen, pixels);
}

}  // namespace cubeloom
