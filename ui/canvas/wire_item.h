// SPDX-License-Identifier: GPL-3.0-or-later
// A wire between two nodes.
#pragma once

#include <QGraphicsItem>
#include <QPainterPath>

#include "ui/canvas/canvas_style.h"

namespace cubeloom {

/// From an output at `from` to an input at `to`: straight when level, else a curve that leaves and arrives horizontally.
QPainterPath wirePath(QPointF from, QPointF to);

class WireItem : public QGraphicsItem {
 public:
  enum class Mark { None, Hot, Cut };
  WireItem(const CanvasStyle& style, QString source, QString consumer, int port);

  const QString& source() const { return m_source; }
  const QString& consumer() const { return m_consumer; }
  int port() const { return m_port; }
  void setEnds(QPointF from, QPointF to);
  void setMark(Mark mark);
  Mark mark() const { return m_mark; }
  const QPainterPath& path() const { return m_path; }

  QRectF boundingRect() const override { return m_path.boundingRect().adjusted(-4, -4, 4, 4); }
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  const CanvasStyle& m_style;
  QString m_source, m_consumer;
  int m_port;
  Mark m_mark = Mark::None;
  QPainterPath m_path;
};

}  // namespace cubeloom
