// SPDX-License-Identifier: GPL-3.0-or-later
// What takes the clicks on a map instead of the map itself, and paints over it.
#pragma once

#include <QPointF>
#include <Qt>

class QKeyEvent;
class QPainter;

namespace cubeloom {

struct MapFrame;

/// Points are of the screen; `frame` leads to the world. What a tool does not take is the map's: it pans and zooms as ever.
class MapTool {
 public:
  virtual ~MapTool() = default;
  virtual void paint(QPainter& painter, const MapFrame& frame) const = 0;
  /// True: it drags something from here; drag() follows, and at last drop().
  virtual bool grab(QPointF at, const MapFrame& frame) = 0;
  virtual void drag(QPointF at, const MapFrame& frame) = 0;
  virtual void drop() = 0;
  virtual void click(QPointF at, const MapFrame& frame, Qt::KeyboardModifiers modifiers) = 0;
  virtual void doubleClick() = 0;
  virtual void hover(QPointF at, const MapFrame& frame) = 0;
  virtual Qt::CursorShape cursor(QPointF at, const MapFrame& frame) const = 0;
  virtual bool key(const QKeyEvent& event, const MapFrame& frame) = 0;
  /// Whether a key is to come here although a menu has it, too.
  virtual bool wantsKey(const QKeyEvent& event) const = 0;
};

}  // namespace cubeloom
