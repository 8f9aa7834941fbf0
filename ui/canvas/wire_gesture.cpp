// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing a wire: shows which ports would take it, says why others would not, and offers new steps on empty ground.
#include <QToolTip>
#include <map>

#include "ui/canvas/canvas_board.h"
#include "ui/document/chain_edits.h"

namespace cubeloom {

namespace {

class WireGesture : public Gesture {
 public:
  WireGesture(CanvasBoard& board, const GesturePoint& start, const PortRef& port)
      : m_board(board), m_origin(port), m_to(start.scene), m_start(start.viewport) {
    if (!port.isOutput()) {
      for (WireItem* wire : board.canvas().wires()) {
        if (wire->consumer() != port.node || wire->port() != port.port) continue;
        m_taken = port;
        m_origin = {wire->source(), PortRef::kOutput};
        wire->setMark(WireItem::Mark::Cut);
        break;
      }
    }
    findTargets();
    board.viewport()->setCursor(Qt::CrossCursor);
  }
  ~WireGesture() override {
    QToolTip::hideText();
    m_board.viewport()->unsetCursor();
  }

  void move(const GesturePoint& point) override {
    m_to = point.scene;
    const PortRef target = targetAt(point.scene);
    m_board.canvas().setHotPort(target.isValid() ? target : m_origin);
    if (target.isValid()) m_to = m_board.canvas().portPosition(target);
    const NodeItem* node = m_board.canvas().nodeAt(point.scene);
    const auto why = node && !target.isValid() ? m_why.find(node->facts().id) : m_why.end();
    if (why != m_why.end() && !why->second.isEmpty()) {
      QToolTip::showText(m_board.viewport()->mapToGlobal(point.viewport + QPoint(12, 12)), why->second, m_board.viewport());
    } else {
      QToolTip::hideText();
    }
    m_board.viewport()->update();
  }

  void finish(const GesturePoint& point) override {
    const PortRef target = targetAt(point.scene);
    Document& document = m_board.document();
    const bool overNode = m_board.canvas().nodeAt(point.scene) != nullptr;
    const bool moved = (point.viewport - m_start).manhattanLength() > 6;
    end();
    if (target.isValid()) {
      connectTo(target);
    } else if (m_taken.isValid() && moved) {
      document.disconnect(m_taken.node, m_taken.port);
    } else if (!overNode && moved) {
      offerSteps(point);
    }
  }

  void cancel() override { end(); }

  void paint(QPainter& painter) const override {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_board.canvas().style().accent, 2));
    painter.setBrush(Qt::NoBrush);
    const QPointF from = m_board.canvas().portPosition(m_origin);
    painter.drawPath(m_origin.isOutput() ? wirePath(from, m_to) : wirePath(m_to, from));
  }

 private:
  /// For every node, whether and where it takes the wire.
  void findTargets() {
    const Document& document = m_board.document();
    std::set<QString> dimmed;
    for (const auto& [id, item] : m_board.canvas().nodes()) {
      if (id == m_origin.node) continue;
      QString why;
      PortRef target;
      if (m_origin.isOutput()) {
        const int port = portFor(document, m_origin.node, id, &why);
        if (port >= 0) target = {id, port};
      } else if (!item->facts().hasOutput) {
        why = QObject::tr("%1 has no output").arg(item->facts().title);
      } else {
        why = document.whyNot(id, m_origin.node, m_origin.port);
        if (why.isEmpty()) target = {id, PortRef::kOutput};
      }
      if (target.isValid())
        m_targets[id] = target;
      else {
        m_why[id] = why;
        dimmed.insert(id);
      }
    }
    m_board.canvas().setDimmed(dimmed);
  }

  PortRef targetAt(QPointF position) const {
    const PortRef port = m_board.canvas().portAt(position);
    const NodeItem* item = m_board.canvas().nodeAt(position);
    const QString node = port.isValid() ? port.node : item ? item->facts().id : QString();
    const auto found = m_targets.find(node);
    if (found == m_targets.end()) return {};
    const bool exact = port.isValid() && !port.isOutput() && m_origin.isOutput() &&
                       m_board.document().whyNot(m_origin.node, port.node, port.port).isEmpty();
    return exact ? port : found->second;
  }

  void connectTo(const PortRef& target) {
    Document& document = m_board.document();
    if (!m_origin.isOutput()) {
      document.connectNodes(target.node, m_origin.node, m_origin.port);
      return;
    }
    if (target == m_taken) return;
    const UndoMacro macro(document, QObject::tr("Connect %1 to %2").arg(document.stepName(m_origin.node), document.stepName(target.node)));
    if (m_taken.isValid()) document.disconnect(m_taken.node, m_taken.port);
    document.connectNodes(m_origin.node, target.node, target.port);
  }

  void offerSteps(const GesturePoint& point) {
    AddRequest request;
    request.globalPos = m_board.viewport()->mapToGlobal(point.viewport);
    if (m_origin.isOutput()) {
      request.from = m_origin.node;
      request.position = point.scene - QPointF(0, kNodeHeight / 2);
    } else {
      request.to = m_origin.node;
      request.toPort = m_origin.port;
      request.position = point.scene - QPointF(kNodeWidth, kNodeHeight / 2);
    }
    m_board.requestAdd(request);
  }

  void end() {
    m_board.canvas().clearMarks();
    m_board.viewport()->update();
  }

  CanvasBoard& m_board;
  PortRef m_origin, m_taken;
  QPointF m_to;
  QPoint m_start;
  std::map<QString, PortRef> m_targets;
  std::map<QString, QString> m_why;
};

}  // namespace

std::unique_ptr<Gesture> makeWireGesture(CanvasBoard& board, const GesturePoint& start, const PortRef& port) {
  return std::make_unique<WireGesture>(board, start, port);
}

}  // namespace cubeloom
