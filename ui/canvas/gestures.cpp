// SPDX-License-Identifier: GPL-3.0-or-later
// Pan, move, rubber band and cut.
#include <QApplication>
#include <QPainterPathStroker>
#include <algorithm>
#include <map>

#include "ui/canvas/canvas_board.h"
#include "ui/document/chain_edits.h"

namespace cubeloom {

namespace {

class PanGesture : public Gesture {
 public:
  PanGesture(CanvasBoard& board, const GesturePoint& start) : m_board(board), m_last(start.viewport) {
    board.viewport()->setCursor(Qt::ClosedHandCursor);
  }
  ~PanGesture() override { m_board.viewport()->unsetCursor(); }
  void move(const GesturePoint& point) override {
    m_board.panBy(point.viewport - m_last);
    m_last = point.viewport;
  }
  void finish(const GesturePoint&) override {}

 private:
  CanvasBoard& m_board;
  QPoint m_last;
};

class MoveGesture : public Gesture {
 public:
  MoveGesture(CanvasBoard& board, const GesturePoint& start, QString grabbed)
      : m_board(board), m_start(start), m_grabbed(std::move(grabbed)) {
    for (const QString& id : board.document().selection()) m_origins[id] = board.document().position(id);
    m_loose = m_origins.size() == 1 && canSplice(board.document(), m_grabbed);
  }

  void move(const GesturePoint& point) override {
    if (!m_moving && (point.viewport - m_start.viewport).manhattanLength() < QApplication::startDragDistance()) return;
    m_moving = true;
    const QPointF delta = point.scene - m_start.scene;
    for (const auto& [id, origin] : m_origins) m_board.canvas().place(id, origin + delta);
    m_wire = m_loose && !(point.modifiers & Qt::AltModifier) ? wireUnder() : nullptr;
    for (WireItem* wire : m_board.canvas().wires()) wire->setMark(wire == m_wire ? WireItem::Mark::Hot : WireItem::Mark::None);
  }

  void finish(const GesturePoint& point) override {
    Document& document = m_board.document();
    if (!m_moving) {
      // A click on one of several selected nodes selects that one.
      if (m_origins.size() > 1 && !(point.modifiers & (Qt::ShiftModifier | Qt::ControlModifier))) document.setSelection({m_grabbed});
      return;
    }
    move(point);
    if (m_wire) {
      const QString consumer = m_wire->consumer();
      const int port = m_wire->port();
      spliceNode(document, m_grabbed, m_board.canvas().node(m_grabbed)->pos(), consumer, port);
      return;
    }
    std::map<QString, QPointF> positions;
    for (const auto& [id, origin] : m_origins) positions[id] = origin + point.scene - m_start.scene;
    document.moveNodes(positions);
  }

  void cancel() override {
    m_board.canvas().clearMarks();
    m_board.canvas().restore();
  }

 private:
  WireItem* wireUnder() const {
    const QRectF frame = m_board.canvas().node(m_grabbed)->frame();
    for (WireItem* wire : m_board.canvas().wires()) {
      // The middle of the node has to be on the wire, more or less: a node beside a wire is not meant.
      const QRectF core = frame.adjusted(frame.width() * 0.25, frame.height() * 0.2, -frame.width() * 0.25, -frame.height() * 0.2);
      QPainterPathStroker stroker;
      stroker.setWidth(2);
      if (stroker.createStroke(wire->path()).intersects(core)) return wire;
    }
    return nullptr;
  }

  CanvasBoard& m_board;
  GesturePoint m_start;
  QString m_grabbed;
  std::map<QString, QPointF> m_origins;
  bool m_loose = false, m_moving = false;
  WireItem* m_wire = nullptr;  // valid between two moves: the board cancels a gesture before the scene changes its wires
};

class BandGesture : public Gesture {
 public:
  BandGesture(CanvasBoard& board, const GesturePoint& start) : m_board(board), m_from(start.scene), m_to(start.scene) {
    m_before = board.document().selection();
    if (!(start.modifiers & (Qt::ShiftModifier | Qt::ControlModifier)))
      m_kept.clear();
    else
      m_kept = m_before;
    if (m_kept.isEmpty()) board.document().setSelection({});
  }
  void move(const GesturePoint& point) override {
    m_to = point.scene;
    QStringList inside = m_kept;
    const QRectF band = rect();
    for (const auto& [id, item] : m_board.canvas().nodes())
      if (band.intersects(item->frame()) && !inside.contains(id)) inside << id;
    m_board.document().setSelection(inside);
    m_board.viewport()->update();
  }
  void finish(const GesturePoint&) override { m_board.viewport()->update(); }
  void cancel() override {
    m_board.document().setSelection(m_before);
    m_board.viewport()->update();
  }
  void paint(QPainter& painter) const override {
    QColor fill = m_board.canvas().style().accent;
    QPen pen(fill, 1);
    pen.setCosmetic(true);
    fill.setAlpha(28);
    painter.setPen(pen);
    painter.setBrush(fill);
    painter.drawRect(rect());
  }

 private:
  QRectF rect() const { return QRectF(m_from, m_to).normalized(); }
  CanvasBoard& m_board;
  QPointF m_from, m_to;
  QStringList m_before, m_kept;
};

class CutGesture : public Gesture {
 public:
  CutGesture(CanvasBoard& board, const GesturePoint& start) : m_board(board), m_path(start.scene) {
    board.viewport()->setCursor(Qt::CrossCursor);
  }
  ~CutGesture() override { m_board.viewport()->unsetCursor(); }
  void move(const GesturePoint& point) override {
    m_path.lineTo(point.scene);
    for (WireItem* wire : m_board.canvas().wires())
      if (crosses(*wire)) wire->setMark(WireItem::Mark::Cut);
    m_board.viewport()->update();
  }
  void finish(const GesturePoint& point) override {
    move(point);
    std::vector<std::pair<QString, int>> cut;
    for (const WireItem* wire : m_board.canvas().wires())
      if (wire->mark() == WireItem::Mark::Cut) cut.emplace_back(wire->consumer(), wire->port());
    if (!cut.empty()) {
      const UndoMacro macro(m_board.document(), cut.size() == 1 ? QObject::tr("Cut a wire") : QObject::tr("Cut wires"));
      // Higher ports first: taking one away must not renumber those still to be cut.
      std::sort(cut.rbegin(), cut.rend());
      for (const auto& [consumer, port] : cut) m_board.document().disconnect(consumer, port);
    }
    m_board.viewport()->update();
  }
  void cancel() override {
    m_board.canvas().clearMarks();
    m_board.viewport()->update();
  }
  void paint(QPainter& painter) const override {
    QPen pen(m_board.canvas().style().failed, 1.5, Qt::DashLine);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(m_path);
  }

 private:
  bool crosses(const WireItem& wire) const {
    QPainterPathStroker stroker;
    stroker.setWidth(1);
    return stroker.createStroke(wire.path()).intersects(stroker.createStroke(m_path));
  }
  CanvasBoard& m_board;
  QPainterPath m_path;
};

}  // namespace

std::unique_ptr<Gesture> makePanGesture(CanvasBoard& board, const GesturePoint& start) {
  return std::make_unique<PanGesture>(board, start);
}

std::unique_ptr<Gesture> makeMoveGesture(CanvasBoard& board, const GesturePoint& start, const QString& grabbed) {
  return std::make_unique<MoveGesture>(board, start, grabbed);
}

std::unique_ptr<Gesture> makeBandGesture(CanvasBoard& board, const GesturePoint& start) {
  return std::make_unique<BandGesture>(board, start);
}

std::unique_ptr<Gesture> makeCutGesture(CanvasBoard& board, const GesturePoint& start) {
  return std::make_unique<CutGesture>(board, start);
}

}  // namespace cubeloom
