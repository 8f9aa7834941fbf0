// SPDX-License-Identifier: GPL-3.0-or-later
// The plane the nodes lie on: zoom, pan, pointer and keys. What a gesture or key means for the chain is done elsewhere.
#pragma once

#include <QGraphicsView>
#include <memory>

#include "ui/canvas/canvas_scene.h"
#include "ui/canvas/gesture.h"
#include "ui/steps/dragged_datasets.h"

namespace cubeloom {

/// Where a new step should go.
struct AddRequest {
  QPointF position;  ///< of the new node's top left corner, in the scene
  QPoint globalPos;  ///< of the list
  QString from;      ///< wired to the new node's first input, if not empty
  QString to;        ///< whose input `toPort` the new node feeds
  int toPort = -1;
  bool intoWire = false;  ///< `to`, `toPort` name a wire to be split
};

class CanvasBoard : public QGraphicsView {
  Q_OBJECT
 public:
  CanvasBoard(Document& document, CanvasScene& scene, QWidget* parent = nullptr);
  ~CanvasBoard() override;

  Document& document() { return m_document; }
  CanvasScene& canvas() { return m_scene; }
  double zoom() const { return transform().m11(); }
  void setZoom(double zoom, QPoint anchor);
  /// Shows `rect` whole below the topmost `above` pixels, never larger than 100 %.
  void fit(const QRectF& rect, int above = 0);
  QPointF middle() const { return mapToScene(viewport()->rect().center()); }
  /// Scrolls so that `node` can be seen.
  void reveal(const QString& node);
  void panBy(QPoint pixels);
  bool cancelGesture();
  void requestAdd(const AddRequest& request) { Q_EMIT addRequested(request); }
  /// The pointer in the scene, or the middle of the view when it is elsewhere.
  QPointF aim() const;

 signals:
  /// By the user's hand: what is shown is what he wants to see.
  void viewMoved();
  void addRequested(const AddRequest& request);
  void portHovered(const PortRef& port);
  void menuRequested(QPoint globalPos, QPointF scenePos);
  void parametersRequested();
  void renameRequested(const QString& node);

 protected:
  bool event(QEvent* event) override;
  bool viewportEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void drawForeground(QPainter* painter, const QRectF& rect) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  GesturePoint pointOf(const QMouseEvent& event) const;
  void pressOnNode(const GesturePoint& point, NodeItem& item);
  bool showToolTip(QPoint globalPos, QPointF scenePos);
  void offerFeatures(const QString& path, QPointF position);
  void offerTogether(const std::vector<DraggedDataset>& datasets, const std::vector<WayTogether>& ways, const DropPlace& place, QPoint at);
  void walk(int dx, int dy, bool extend);

  Document& m_document;
  CanvasScene& m_scene;
  std::unique_ptr<Gesture> m_gesture;
  bool m_spaceHeld = false;
  bool m_cutEndsHere = false;  ///< a cut ends with a right release, which must not open the menu
  bool m_keyboardFocus = false;
};

}  // namespace cubeloom
