// SPDX-License-Identifier: GPL-3.0-or-later
// What a form asks of the preview: places that the user points at, or shapes drawn on the picture.
#pragma once

#include <QObject>
#include <QPolygonF>
#include <QString>
#include <functional>
#include <optional>
#include <vector>

#include "engine/geo/crs.h"

namespace cubeloom {

/// A polygon: its outline, then its holes, each without its first corner again at the end. A point: one ring of one place.
struct MapShape {
  QString name;
  std::vector<QPolygonF> rings;
  bool operator==(const MapShape&) const = default;
};

/// `crs` is invalid where the picture has none: places then are columns and rows.
struct MapShapes {
  Crs crs;
  std::vector<MapShape> shapes;
};

/// The same shapes in another CRS; those that have no place there are left out. Without one of the two they stay as they are.
std::vector<MapShape> inCrs(const MapShapes& shapes, const Crs& crs);

/// GUI thread only. One question at a time; the answer goes to who asked. Owned by the window, shared by its zones.
class MapQuestion : public QObject {
  Q_OBJECT
 public:
  enum class Kind {
    Spectra,   ///< places: a click is the answer, Shift+click takes further ones
    Points,    ///< as many as wanted
    Polygons,  ///< with corners to be moved
  };
  struct Asked {
    Kind kind = Kind::Points;
    QString title;      ///< for what: "Polygons for Clip"
    MapShapes start;    ///< what is there already
    QString whereFrom;  ///< the step whose picture is best pointed at; empty: any
    std::function<void(const MapShapes&)> done;
  };

  using QObject::QObject;
  const Asked* asked() const { return m_asked ? &*m_asked : nullptr; }
  void ask(Asked asked);
  void answer(const MapShapes& shapes);
  void cancel();

  /// The place whose spectrum the preview last kept; unset: none.
  const std::optional<MapShapes>& lastPlace() const { return m_lastPlace; }
  void setLastPlace(std::optional<MapShapes> place) { m_lastPlace = std::move(place); }

 signals:
  void changed();
  /// What was answered could not be used.
  void failed(const QString& why);

 private:
  std::optional<Asked> m_asked;
  std::optional<MapShapes> m_lastPlace;
};

}  // namespace cubeloom
