// SPDX-License-Identifier: GPL-3.0-or-later
// What the colours of a picture of one band mean: the classes in view, or a bar of values.
#pragma once

#include <QColor>
#include <QRectF>
#include <QString>
#include <vector>

#include "ui/map/compose.h"
#include "ui/map/preview_scene.h"

class QPainter;

namespace cubeloom {

/// A plain value. Empty for a picture of three bands, whose colours are its values.
struct MapLegend {
  struct Class {
    QColor colour;
    QString name;
    bool operator==(const Class&) const = default;
  };
  std::vector<Class> classes;  ///< those in view, by their numbers; else the bar:
  QString colorMap;            ///< "" without a bar
  QString low, high;           ///< what its ends stand for
  QString unit;

  bool isEmpty() const { return classes.empty() && colorMap.isEmpty(); }
  bool operator==(const MapLegend&) const = default;
};

/// Of one side of a scene, which is shown between `limits`.
MapLegend legendOf(const PreviewScene::Side& side, const BandChoice& bands, const Limits& limits);
/// "water, sand and 3 more", "0.1 to 0.9 nm": for those who do not see it.
QString legendText(const MapLegend& legend);

enum class LegendPlace { Left, Right };
/// Into the lower corner of `area`; what there is no room for is counted. Nothing where the area is too small to spare a part.
void paintLegend(QPainter& painter, const MapLegend& legend, const QRectF& area, LegendPlace place);

}  // namespace cubeloom
