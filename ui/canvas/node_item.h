// SPDX-License-Identifier: GPL-3.0-or-later
// A node on the canvas: one item that paints everything, so that hundreds of nodes stay hundreds of items.
#pragma once

#include <QGraphicsItem>

#include "ui/canvas/canvas_style.h"
#include "ui/steps/node_facts.h"
#include "ui/steps/run_states.h"

namespace cubeloom {

/// How a node stands out at the moment.
struct NodeMarks {
  bool selected = false;
  bool current = false;   ///< the one the keyboard acts on
  bool viewed = false;    ///< A
  bool compared = false;  ///< B
  bool dimmed = false;    ///< no target for the wire being drawn
  bool eyeHot = false;    ///< the pointer is over the eye
  int hotPort = -2;       ///< input port under the pointer; -1: the output; -2: none
  bool operator==(const NodeMarks&) const = default;
};

/// Paints only; the scene keeps it in step with the document, gestures act on the document.
class NodeItem : public QGraphicsItem {
 public:
  explicit NodeItem(const CanvasStyle& style);

  void setFacts(const NodeFacts& facts);
  void setRun(const NodeRun& run);
  void setMarks(const NodeMarks& marks);
  const NodeFacts& facts() const { return m_facts; }
  const NodeRun& run() const { return m_run; }
  const NodeMarks& marks() const { return m_marks; }

  /// In scene coordinates.
  QRectF frame() const { return {pos(), QSizeF(kNodeWidth, kNodeHeight)}; }
  QPointF inputPosition(int port) const;
  QPointF outputPosition() const;
  QRectF eyeRect() const;
  QRectF titleRect() const;

  QRectF boundingRect() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  void paintFace(QPainter& painter) const;
  void paintFull(QPainter& painter) const;
  void paintSimple(QPainter& painter) const;
  void paintText(QPainter& painter) const;
  void paintStrip(QPainter& painter, const QRectF& strip) const;
  void paintPorts(QPainter& painter) const;

  const CanvasStyle& m_style;
  NodeFacts m_facts;
  NodeRun m_run;
  NodeMarks m_marks;
};

}  // namespace cubeloom
