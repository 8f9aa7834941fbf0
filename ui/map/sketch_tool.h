// SPDX-License-Identifier: GPL-3.0-or-later
// Draws and edits shapes on the map for a form that asked for them; a bar above the map says how.
#pragma once

#include <QFrame>
#include <QPointer>

#include "ui/map/map_canvas.h"
#include "ui/map/map_tool.h"
#include "ui/map/sketch.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace cubeloom {

/// GUI thread only. While a question is asked it is the canvas's tool; the answer is in `crs`, what is there already is brought into it.
class SketchTool : public QFrame, public MapTool {
  Q_OBJECT
 public:
  explicit SketchTool(MapCanvas& canvas);
  void setQuestion(MapQuestion* question);
  /// The CRS of the map; invalid: none. `hasPicture`: there is something to draw on.
  void setGround(const Crs& crs, bool hasPicture);
  bool isActive() const { return m_isActive; }
  const Sketch& sketch() const { return m_sketch; }

  void paint(QPainter& painter, const MapFrame& frame) const override;
  bool grab(QPointF at, const MapFrame& frame) override;
  void drag(QPointF at, const MapFrame& frame) override;
  void drop() override;
  void click(QPointF at, const MapFrame& frame, Qt::KeyboardModifiers modifiers) override;
  void doubleClick() override;
  void hover(QPointF at, const MapFrame& frame) override;
  Qt::CursorShape cursor(QPointF at, const MapFrame& frame) const override;
  bool key(const QKeyEvent& event, const MapFrame& frame) override;
  bool wantsKey(const QKeyEvent& event) const override;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void follow();
  void takeStart();
  void addAt(QPointF world);
  void finish();
  void leave();
  void refresh();
  void place();
  QString advice() const;

  MapCanvas& m_canvas;
  QPointer<MapQuestion> m_question;
  Sketch m_sketch;
  Crs m_crs;
  bool m_isActive = false, m_hasPicture = false;
  bool m_isByKeys = false;  ///< a cross in the middle of the map shows where Space puts a corner
  std::optional<Sketch::Corner> m_grabbed, m_insertBehind;
  QPointF m_cursor;
  bool m_hasCursor = false;
  QString m_problem;
  QLabel *m_title, *m_advice;
  QToolButton *m_undo, *m_redo, *m_delete;
  QPushButton *m_done, *m_cancel;
};

}  // namespace cubeloom
