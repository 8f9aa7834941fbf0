// SPDX-License-Identifier: GPL-3.0-or-later
// Shape and painting of wires.
#include "ui/canvas/wire_item.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cubeloom {

QPainterPath wirePath(QPointF from, QPointF to) {
  QPainterPath path(from);
  if (std::abs(from.y() - to.y()) < 0.5 && to.x() >= from.x()) {
    path.lineTo(to);
    return path;
  }
  // A wire that runs backwards swings out far enough to be seen beside its nodes.
  const double reach = std::max({std::abs(to.x() - from.x()) * 0.5, 24.0, std::min(from.x() - to.x(), 120.0)});
  path.cubicTo(from + QPointF(reach, 0), to - QPointF(reach, 0), to);
  return path;
}

WireItem::WireItem(const CanvasStyle& style, QString source, QString consumer, int port)
    : m_style(style), m_source(std::move(source)), m_consumer(std::move(consumer)), m_port(port) {
  setZValue(-1);
}

void WireItem::setEnds(QPointF from, QPointF to) {
  prepareGeometryChange();
  m_path = wirePath(from, to);
}

void WireItem::setMark(Mark mark) {
  if (mark == m_mark) return;
  m_mark = mark;
  update();
}

void WireItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
  painter->setRenderHint(QPainter::Antialiasing);
  QPen pen(m_style.wire, 2);
  if (m_mark == Mark::Hot) pen = QPen(m_style.accent, 3);
  if (m_mark == Mark::Cut) pen = QPen(m_style.failed, 2, Qt::DashLine);
  painter->setPen(pen);
  painter->setBrush(Qt::NoBrush);
  painter->drawPath(m_path);
}

}  // namespace cubeloom
