// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes being drawn on a map: corners are added, moved and removed, each edit can be undone. A plain value without widgets.
#pragma once

#include <optional>
#include <vector>

#include "ui/map/map_frame.h"
#include "ui/steps/map_question.h"

namespace cubeloom {

class Sketch {
 public:
  /// Which corner of which ring of which shape.
  struct Corner {
    int shape = -1, ring = 0, at = -1;
    bool operator==(const Corner&) const = default;
  };

  explicit Sketch(MapQuestion::Kind kind = MapQuestion::Kind::Polygons, std::vector<MapShape> shapes = {});

  MapQuestion::Kind kind() const { return m_kind; }
  const std::vector<MapShape>& shapes() const { return m_now.shapes; }
  /// The corners of the polygon that is not closed yet.
  const QPolygonF& open() const { return m_now.open; }
  /// `at` is -1 where the whole shape is selected; `shape` where nothing is.
  const Corner& selected() const { return m_now.selected; }
  void select(const Corner& corner) { m_now.selected = corner; }

  /// A corner of the open polygon; of other kinds a point.
  void add(QPointF world);
  /// Empty when it is closed; else why it cannot be.
  QString close();
  /// Lets go of the open polygon. False: there is none.
  bool dropOpen();
  /// Puts a corner behind `corner` and gives its place.
  Corner insertBehind(const Corner& corner, QPointF world);
  /// Between beginMove() and the next other edit it is one step of undo.
  void beginMove() { keep(); }
  void move(const Corner& corner, QPointF world);
  /// The selected corner, or shape; of a polygon of three corners all of it. False: nothing is selected.
  bool removeSelected();
  /// The newest corner of the open polygon, or the newest point.
  bool removeLast();

  bool canUndo() const { return !m_past.empty(); }
  bool canRedo() const { return !m_future.empty(); }
  void undo();
  void redo();

  /// What lies within `pixels` of a point of the screen.
  std::optional<Corner> cornerAt(QPointF screen, const MapFrame& frame, double pixels) const;
  /// The corner before the edge whose middle lies there.
  std::optional<Corner> middleAt(QPointF screen, const MapFrame& frame, double pixels) const;
  /// The polygon that covers a place, the newest of several; -1: none.
  int shapeAt(QPointF world) const;
  bool isOverFirst(QPointF screen, const MapFrame& frame, double pixels) const;

 private:
  struct State {
    std::vector<MapShape> shapes;
    QPolygonF open;
    Corner selected;
  };
  void keep();
  QString freeName() const;

  MapQuestion::Kind m_kind;
  State m_now;
  std::vector<State> m_past, m_future;
};

}  // namespace cubeloom
