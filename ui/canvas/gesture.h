// SPDX-License-Identifier: GPL-3.0-or-later
// What the mouse is doing on the canvas, one class per thing: each begins with a press, ends with a release or Esc, and changes the
// document only at its end.
#pragma once

#include <QPainter>
#include <QPoint>
#include <QPointF>
#include <memory>

namespace cubeloom {

class CanvasBoard;
struct PortRef;

struct GesturePoint {
  QPointF scene;
  QPoint viewport;
  Qt::KeyboardModifiers modifiers;
};

class Gesture {
 public:
  virtual ~Gesture() = default;
  virtual void move(const GesturePoint& point) = 0;
  virtual void finish(const GesturePoint& point) = 0;
  /// Puts everything back.
  virtual void cancel() {}
  /// In scene coordinates, above everything.
  virtual void paint(QPainter&) const {}
};

std::unique_ptr<Gesture> makePanGesture(CanvasBoard& board, const GesturePoint& start);
/// Moves the selection; over a wire a single loose node goes into it, unless Alt is held.
std::unique_ptr<Gesture> makeMoveGesture(CanvasBoard& board, const GesturePoint& start, const QString& grabbed);
std::unique_ptr<Gesture> makeBandGesture(CanvasBoard& board, const GesturePoint& start);
std::unique_ptr<Gesture> makeCutGesture(CanvasBoard& board, const GesturePoint& start);
/// Draws a wire from a port; a connected input gives up its wire.
std::unique_ptr<Gesture> makeWireGesture(CanvasBoard& board, const GesturePoint& start, const PortRef& port);

}  // namespace cubeloom
