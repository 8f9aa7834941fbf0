// SPDX-License-Identifier: GPL-3.0-or-later
// What part of the world a map canvas shows: centre and scale, and the way between world and screen.
#pragma once

#include <QPointF>
#include <QRectF>
#include <QSize>
#include <QString>

#include "engine/geo/geobox.h"

namespace cubeloom {

/// A plain value. World units are those of the shown array's CRS; screen units are logical pixels from the canvas's corner.
struct MapFrame {
  double centerX = 0, centerY = 0;
  double unitsPerPixel = 1;
  bool rowsDown = false;  ///< y grows downwards: arrays without georeference
  QSize size;

  QPointF toScreen(QPointF world) const;
  QPointF toWorld(QPointF screen) const;
  Bounds bounds() const;
  QRectF rectOf(const Bounds& bounds) const;

  /// Moved so that what was under a point is then `pixels` further.
  MapFrame panned(QPointF pixels) const;
  /// `factor` > 1 shows more detail; what lies under `about` stays there.
  MapFrame zoomed(double factor, QPointF about) const;
  /// All of `bounds`, with a small margin.
  static MapFrame fitting(const Bounds& bounds, QSize size, bool rowsDown);

  bool operator==(const MapFrame&) const = default;
};

/// A length of 1, 2 or 5 times a power of ten, at most `longest`.
double niceLength(double longest);
/// "5,000 km", "20 m", "5 cm", "2 px": a length of niceLength() in `unit` ("m" or another), as a scale bar has it.
QString scaleText(double length, const QString& unit);

}  // namespace cubeloom
