// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_frame.h"

#include <algorithm>
#include <cmath>

#include "ui/words/number_text.h"

namespace cubeloom {

QPointF MapFrame::toScreen(QPointF world) const {
  const double dx = (world.x() - centerX) / unitsPerPixel;
  const double dy = (world.y() - centerY) / unitsPerPixel;
  return {size.width() / 2.0 + dx, size.height() / 2.0 + (rowsDown ? dy : -dy)};
}

QPointF MapFrame::toWorld(QPointF screen) const {
  const double dx = (screen.x() - size.width() / 2.0) * unitsPerPixel;
  const double dy = (screen.y() - size.height() / 2.0) * unitsPerPixel;
  return {centerX + dx, centerY + (rowsDown ? dy : -dy)};
}

Bounds MapFrame::bounds() const {
  const double halfWidth = size.width() / 2.0 * unitsPerPixel, halfHeight = size.height() / 2.0 * unitsPerPixel;
  return {centerX - halfWidth, centerY - halfHeight, centerX + halfWidth, centerY + halfHeight};
}

QRectF MapFrame::rectOf(const Bounds& bounds) const {
  return QRectF(toScreen({bounds.xmin, bounds.ymin}), toScreen({bounds.xmax, bounds.ymax})).normalized();
}

MapFrame MapFrame::panned(QPointF pixels) const {
  MapFrame next = *this;
  next.centerX -= pixels.x() * unitsPerPixel;
  next.centerY += (rowsDown ? -pixels.y() : pixels.y()) * unitsPerPixel;
  return next;
}

MapFrame MapFrame::zoomed(double factor, QPointF about) const {
  const QPointF fixed = toWorld(about);
  MapFrame next = *this;
  next.unitsPerPixel = unitsPerPixel / factor;
  next.centerX = fixed.x() + (centerX - fixed.x()) / factor;
  next.centerY = fixed.y() + (centerY - fixed.y()) / factor;
  return next;
}

MapFrame MapFrame::fitting(const Bounds& bounds, QSize size, bool rowsDown) {
  MapFrame frame;
  frame.size = size;
  frame.rowsDown = rowsDown;
  frame.centerX = (bounds.xmin + bounds.xmax) / 2;
  frame.centerY = (bounds.ymin + bounds.ymax) / 2;
  constexpr double kMargin = 8;
  const double width = std::max(16.0, size.width() - 2 * kMargin), height = std::max(16.0, size.height() - 2 * kMargin);
  frame.unitsPerPixel = std::max(bounds.width() / width, bounds.height() / height);
  if (!(frame.unitsPerPixel > 0)) frame.unitsPerPixel = 1;
  return frame;
}

double niceLength(double longest) {
  if (!(longest > 0) || !std::isfinite(longest)) return 1;
  const double decade = std::pow(10.0, std::floor(std::log10(longest)));
  for (const double step : {5.0, 2.0})
    if (step * decade <= longest) return step * decade;
  return decade;
}

QString scaleText(double length, const QString& unit) {
  const auto number = [](double value) { return value >= 1000 ? countText(std::llround(value)) : significantText(value, 3); };
  if (unit != QStringLiteral("m")) return QStringLiteral("%1 %2").arg(number(length), unit);
  if (length >= 1000) return number(length / 1000) + QStringLiteral(" km");
  if (length < 1) return number(length * 100) + QStringLiteral(" cm");
  return number(length) + QStringLiteral(" m");
}

}  // namespace cubeloom
