// SPDX-License-Identifier: GPL-3.0-or-later
// The document drawn as items: follows every change, answers what lies where. Holds nothing of its own but hover and preview marks.
#pragma once

#include <QGraphicsScene>
#include <map>
#include <set>
#include <vector>

#include "ui/canvas/node_item.h"
#include "ui/canvas/wire_item.h"

namespace cubeloom {

/// A port: an input by its number, or the output.
struct PortRef {
  static constexpr int kOutput = -1, kNone = -2;
  QString node;
  int port = kNone;
  bool isValid() const { return port != kNone; }
  bool isOutput() const { return port == kOutput; }
  bool operator==(const PortRef&) const = default;
};

class CanvasScene : public QGraphicsScene {
  Q_OBJECT
 public:
  CanvasScene(Document& document, Session& session, RunStates& runs, QObject* parent = nullptr);

  const CanvasStyle& style() const { return m_style; }
  NodeItem* node(const QString& id) const;
  const std::map<QString, NodeItem*>& nodes() const { return m_nodes; }
  const std::vector<WireItem*>& wires() const { return m_wires; }

  // What lies at a scene position; nodes above wires.
  PortRef portAt(QPointF position) const;
  NodeItem* nodeAt(QPointF position) const;
  WireItem* wireAt(QPointF position, double tolerance) const;
  bool isEye(QPointF position) const;
  QPointF portPosition(const PortRef& port) const;
  /// The rectangle around `ids`, or around all nodes when empty; null without nodes.
  QRectF rectOf(const QStringList& ids = {}) const;

  // Shown while a gesture goes, gone with the next change of the document or `clearMarks`.
  void place(const QString& node, QPointF position);
  void setHot(QPointF position);
  void setDimmed(const std::set<QString>& nodes);
  void setHotPort(const PortRef& port);
  void clearMarks();
  /// Puts items back where the document says.
  void restore();

 protected:
  void drawBackground(QPainter* painter, const QRectF& rect) override;

 signals:
  void nodesChanged();

 private:
  void synchronize();
  void updateFacts();
  void updateRuns();
  void updateMarks();
  void updateWires();
  void restyle();

  Document& m_document;
  Session& m_session;
  RunStates& m_runs;
  CanvasStyle m_style;
  std::map<QString, NodeItem*> m_nodes;
  std::vector<WireItem*> m_wires;
  std::set<QString> m_dimmed;
  PortRef m_hotPort;
  QString m_hotEye;
};

}  // namespace cubeloom
