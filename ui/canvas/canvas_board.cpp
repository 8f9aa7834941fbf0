// SPDX-License-Identifier: GPL-3.0-or-later
// Pointer, wheel and keys of the plane.
#include "ui/canvas/canvas_board.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/document/chain_edits.h"

namespace cubeloom {

namespace {

constexpr double kMinZoom = 0.08, kMaxZoom = 4;
constexpr double kMinFit = 0.01;  // a chain of thousands of steps, too, comes into view
constexpr double kFitMargin = 40;
constexpr double kNudge = 10;

}  // namespace

CanvasBoard::CanvasBoard(Document& document, CanvasScene& scene, QWidget* parent)
    : QGraphicsView(&scene, parent), m_document(document), m_scene(scene) {
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setTransformationAnchor(NoAnchor);
  setResizeAnchor(NoAnchor);
  setViewportUpdateMode(SmartViewportUpdate);
  setOptimizationFlags(DontSavePainterState | DontAdjustForAntialiasing);
  setFrameShape(NoFrame);
  setInteractive(false);
  setMouseTracking(true);
  setAcceptDrops(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Chain canvas"));
  setAccessibleDescription(
      tr("The steps of the chain as a graph. Tab adds a step, arrow keys walk along the wires. "
         "The Outline zone offers the same as a tree."));
  connect(&document, &Document::chainChanged, this, &CanvasBoard::cancelGesture);
}

CanvasBoard::~CanvasBoard() = default;

void CanvasBoard::setZoom(double zoom, QPoint anchor) {
  zoom = std::clamp(zoom, std::min(kMinZoom, this->zoom()), kMaxZoom);
  const QPointF fixed = mapToScene(anchor);
  setTransform(QTransform::fromScale(zoom, zoom));
  panBy(anchor - mapFromScene(fixed));
}

void CanvasBoard::fit(const QRectF& rect, int above) {
  if (rect.isEmpty()) return;
  // In a low window the margins leave the room to the steps.
  const double margin = std::min<double>(kFitMargin, std::min(viewport()->width(), viewport()->height()) / 10.0);
  const QSizeF room = QSizeF(viewport()->size()) - QSizeF(2 * margin, 2 * margin + above);
  const double zoom = std::clamp(std::min(room.width() / rect.width(), room.height() / rect.height()), kMinFit, 1.0);
  setTransform(QTransform::fromScale(zoom, zoom));
  centerOn(rect.center() - QPointF(0, above / 2.0 / zoom));
}

void CanvasBoard::reveal(const QString& node) {
  if (const NodeItem* item = m_scene.node(node)) ensureVisible(item->frame().adjusted(-20, -30, 20, 20), 10, 10);
}

void CanvasBoard::panBy(QPoint pixels) {
  horizontalScrollBar()->setValue(horizontalScrollBar()->value() - pixels.x());
  verticalScrollBar()->setValue(verticalScrollBar()->value() - pixels.y());
}

bool CanvasBoard::cancelGesture() {
  if (!m_gesture) return false;
  const std::unique_ptr<Gesture> gesture = std::move(m_gesture);
  gesture->cancel();
  return true;
}

QPointF CanvasBoard::aim() const {
  const QPoint pointer = viewport()->mapFromGlobal(QCursor::pos());
  return mapToScene(viewport()->rect().contains(pointer) ? pointer : viewport()->rect().center());
}

GesturePoint CanvasBoard::pointOf(const QMouseEvent& event) const {
  const QPoint position = event.position().toPoint();
  return {mapToScene(position), position, event.modifiers()};
}

void CanvasBoard::mousePressEvent(QMouseEvent* event) {
  if (m_gesture) {
    cancelGesture();
    return;
  }
  const GesturePoint point = pointOf(*event);
  const bool left = event->button() == Qt::LeftButton;
  if (event->button() == Qt::MiddleButton || (left && m_spaceHeld)) {
    m_gesture = makePanGesture(*this, point);
    Q_EMIT viewMoved();
  } else if (event->button() == Qt::RightButton && (event->modifiers() & Qt::ControlModifier)) {
    m_gesture = makeCutGesture(*this, point);
    m_cutEndsHere = true;
  } else if (left) {
    const PortRef port = m_scene.portAt(point.scene);
    NodeItem* node = m_scene.nodeAt(point.scene);
    if (port.isValid()) {
      m_gesture = makeWireGesture(*this, point, port);
    } else if (node) {
      pressOnNode(point, *node);
    } else {
      m_gesture = makeBandGesture(*this, point);
    }
  }
}

void CanvasBoard::pressOnNode(const GesturePoint& point, NodeItem& item) {
  const QString id = item.facts().id;
  if (item.eyeRect().contains(point.scene)) {
    if (point.modifiers & Qt::ShiftModifier)
      m_document.setComparedNode(m_document.comparedNode() == id ? QString() : id);
    else
      m_document.setViewedNode(id);
    return;
  }
  QStringList selection = m_document.selection();
  if (point.modifiers & (Qt::ShiftModifier | Qt::ControlModifier)) {
    if (!selection.removeOne(id)) selection << id;
    m_document.setSelection(selection);
    if (!selection.contains(id)) return;
  } else if (!selection.contains(id)) {
    m_document.setSelection({id});
  }
  m_gesture = makeMoveGesture(*this, point, id);
}

void CanvasBoard::mouseMoveEvent(QMouseEvent* event) {
  const GesturePoint point = pointOf(*event);
  if (m_gesture) {
    m_gesture->move(point);
    return;
  }
  m_scene.setHot(point.scene);
  const PortRef port = m_scene.portAt(point.scene);
  Q_EMIT portHovered(port);
  viewport()->setCursor(m_spaceHeld ? Qt::OpenHandCursor : port.isValid() ? Qt::CrossCursor : Qt::ArrowCursor);
}

void CanvasBoard::mouseReleaseEvent(QMouseEvent* event) {
  if (!m_gesture) return;
  // Out of the member first: finishing changes the document, and a change of the document cancels what is in progress.
  const std::unique_ptr<Gesture> gesture = std::move(m_gesture);
  gesture->finish(pointOf(*event));
}

void CanvasBoard::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const GesturePoint point = pointOf(*event);
  if (m_scene.isEye(point.scene)) return;
  if (const NodeItem* node = m_scene.nodeAt(point.scene)) {
    if (node->titleRect().contains(point.scene))
      Q_EMIT renameRequested(node->facts().id);
    else
      Q_EMIT parametersRequested();
    return;
  }
  if (m_scene.portAt(point.scene).isValid()) return;
  AddRequest request;
  request.position = point.scene;
  request.globalPos = event->globalPosition().toPoint();
  requestAdd(request);
}

void CanvasBoard::wheelEvent(QWheelEvent* event) {
  const double delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
  if (event->modifiers() & Qt::ShiftModifier) {
    panBy(QPoint(static_cast<int>(delta), 0));
  } else {
    setZoom(zoom() * std::pow(1.0015, delta), event->position().toPoint());
  }
  Q_EMIT viewMoved();
  event->accept();
}

bool CanvasBoard::event(QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    // Tab adds a step instead of leaving; F6 and Shift+Tab leave.
    if (key->key() == Qt::Key_Tab && key->modifiers() == Qt::NoModifier) {
      AddRequest request;
      request.position = aim();
      request.globalPos = viewport()->mapToGlobal(mapFromScene(request.position));
      requestAdd(request);
      event->accept();
      return true;
    }
  }
  return QGraphicsView::event(event);
}

void CanvasBoard::walk(int dx, int dy, bool extend) {
  QStringList selection = m_document.selection();
  const QString next = neighbour(m_document, selection.isEmpty() ? QString() : selection.last(), dx, dy);
  if (next.isEmpty()) return;
  if (!extend) selection.clear();
  selection.removeOne(next);
  selection << next;
  m_document.setSelection(selection);
  reveal(next);
}

void CanvasBoard::keyPressEvent(QKeyEvent* event) {
  int dx = 0, dy = 0;
  switch (event->key()) {
    case Qt::Key_Left: dx = -1; break;
    case Qt::Key_Right: dx = 1; break;
    case Qt::Key_Up: dy = -1; break;
    case Qt::Key_Down: dy = 1; break;
    case Qt::Key_Space:
      if (!event->isAutoRepeat()) {
        m_spaceHeld = true;
        viewport()->setCursor(Qt::OpenHandCursor);
      }
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter: Q_EMIT parametersRequested(); return;
    case Qt::Key_Escape:
      if (cancelGesture()) return;
      if (!m_document.selection().isEmpty()) {
        m_document.setSelection({});
        return;
      }
      QGraphicsView::keyPressEvent(event);
      return;
    default: event->ignore(); return;
  }
  if (event->modifiers() & Qt::AltModifier) {
    nudgeNodes(m_document, m_document.selection(), QPointF(dx, dy) * kNudge);
  } else {
    m_keyboardFocus = true;
    walk(dx, dy, event->modifiers() & Qt::ShiftModifier);
  }
}

void CanvasBoard::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
    m_spaceHeld = false;
    viewport()->unsetCursor();
    return;
  }
  QGraphicsView::keyReleaseEvent(event);
}

void CanvasBoard::contextMenuEvent(QContextMenuEvent* event) {
  if (m_gesture || std::exchange(m_cutEndsHere, false)) return;
  if (event->reason() == QContextMenuEvent::Keyboard) {
    const QRectF rect = m_scene.rectOf(m_document.selection().isEmpty() ? QStringList() : QStringList{m_document.selection().last()});
    const QPointF at = rect.isEmpty() ? mapToScene(viewport()->rect().center()) : rect.center();
    Q_EMIT menuRequested(viewport()->mapToGlobal(mapFromScene(at)), at);
    return;
  }
  Q_EMIT menuRequested(event->globalPos(), mapToScene(event->pos()));
}

bool CanvasBoard::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip && !m_gesture) {
    const auto* help = static_cast<QHelpEvent*>(event);
    if (!showToolTip(help->globalPos(), mapToScene(help->pos()))) QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::Leave && !m_gesture) {
    m_scene.setHotPort({});
    Q_EMIT portHovered({});
  }
  return QGraphicsView::viewportEvent(event);
}

bool CanvasBoard::showToolTip(QPoint globalPos, QPointF scenePos) {
  const NodeItem* node = m_scene.nodeAt(scenePos);
  if (!node || m_scene.portAt(scenePos).isValid()) return false;
  const NodeFacts& facts = node->facts();
  QStringList lines;
  if (node->eyeRect().contains(scenePos)) {
    lines << tr("Look at this step's picture (V). Shift+click: compare as B (Shift+V)");
  } else {
    lines << facts.title + (facts.name.isEmpty() ? QString() : QStringLiteral(" · ") + facts.name);
    if (!facts.errorDetail.isEmpty())
      lines << facts.errorDetail;
    else if (!facts.summary.isEmpty())
      lines << facts.summary;
    for (const QString& warning : facts.warnings) lines << QStringLiteral("! ") + warning;
    const QString state = nodeStateText(node->run().state);
    if (!state.isEmpty()) lines << state;
  }
  QToolTip::showText(globalPos, lines.join(QLatin1Char('\n')), viewport());
  return true;
}

void CanvasBoard::drawForeground(QPainter* painter, const QRectF&) {
  if (m_gesture) m_gesture->paint(*painter);
  if (hasFocus() && m_keyboardFocus) {
    painter->save();
    painter->resetTransform();
    painter->setPen(QPen(m_scene.style().accent, 2));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(QRectF(viewport()->rect()).adjusted(1, 1, -1, -1));
    painter->restore();
  }
}

void CanvasBoard::focusInEvent(QFocusEvent* event) {
  // A popup hands the focus back to whoever had it before, by keys or by the mouse.
  if (event->reason() != Qt::PopupFocusReason) m_keyboardFocus = event->reason() != Qt::MouseFocusReason;
  QGraphicsView::focusInEvent(event);
  viewport()->update();
}

void CanvasBoard::focusOutEvent(QFocusEvent* event) {
  m_spaceHeld = false;
  QGraphicsView::focusOutEvent(event);
  viewport()->update();
}

}  // namespace cubeloom
