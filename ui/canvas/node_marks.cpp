// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the signs.
#include "ui/canvas/node_marks.h"

#include <QPainterPath>

namespace cubeloom {

void paintEye(QPainter& painter, QPointF centre, const QColor& color, bool filled) {
  QPainterPath lens;
  lens.moveTo(centre + QPointF(-7, 0));
  lens.cubicTo(centre + QPointF(-4, -5.5), centre + QPointF(4, -5.5), centre + QPointF(7, 0));
  lens.cubicTo(centre + QPointF(4, 5.5), centre + QPointF(-4, 5.5), centre + QPointF(-7, 0));
  painter.setPen(QPen(color, 1.5));
  painter.setBrush(Qt::NoBrush);
  painter.drawPath(lens);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawEllipse(centre, filled ? 2.8 : 2.0, filled ? 2.8 : 2.0);
}

void paintBadge(QPainter& painter, Badge badge, QPointF centre, double size, const QColor& color, const QColor& ground) {
  const double r = size / 2;
  const auto at = [&](double x, double y) { return centre + QPointF(x * r, y * r); };
  const QPen stroke(color, size / 7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  const QPen onColor(ground, size / 7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  painter.save();
  painter.setBrush(Qt::NoBrush);
  switch (badge) {
    case Badge::None: break;
    case Badge::Warning: {
      painter.setPen(Qt::NoPen);
      painter.setBrush(color);
      painter.drawPolygon(QPolygonF({at(0, -1), at(1, 0.85), at(-1, 0.85)}));
      painter.setPen(onColor);
      painter.drawLine(at(0, -0.3), at(0, 0.2));
      painter.drawPoint(at(0, 0.55));
      break;
    }
    case Badge::Error:
      painter.setPen(Qt::NoPen);
      painter.setBrush(color);
      painter.drawEllipse(centre, r, r);
      painter.setPen(onColor);
      painter.drawLine(at(-0.4, -0.4), at(0.4, 0.4));
      painter.drawLine(at(-0.4, 0.4), at(0.4, -0.4));
      break;
    case Badge::Bypass: {
      painter.setPen(stroke);
      QPainterPath arc;
      arc.moveTo(at(-1, 0.5));
      arc.cubicTo(at(-0.6, -1), at(0.5, -1), at(0.85, 0.3));
      painter.drawPath(arc);
      painter.drawPolyline(QPolygonF({at(0.2, 0.15), at(0.85, 0.4), at(1, -0.35)}));
      break;
    }
    case Badge::Stale:
      painter.setPen(QPen(color, size / 8, Qt::DotLine));
      painter.drawEllipse(centre, r * 0.85, r * 0.85);
      break;
    case Badge::Done:
      painter.setPen(stroke);
      painter.drawPolyline(QPolygonF({at(-0.8, 0.05), at(-0.2, 0.65), at(0.9, -0.6)}));
      break;
  }
  painter.restore();
}

}  // namespace cubeloom
