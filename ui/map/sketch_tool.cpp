// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/sketch_tool.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr double kGrabPixels = 9;
constexpr double kCornerPixels = 4.5;
constexpr int kMarginPixels = 8, kMostWidth = 560;

QToolButton* toolButton(const char* icon, const QString& name, const QString& keys) {
  auto* button = new QToolButton;
  setThemedIcon(button, icon);
  button->setAccessibleName(name);
  button->setToolTip(QStringLiteral("%1 (%2)").arg(name, keys));
  button->setFocusPolicy(Qt::TabFocus);
  setRole(button, "flat");
  return button;
}

/// Light lines on dark ones are seen on any picture.
void strokeTwice(QPainter& painter, const QPainterPath& path, const QColor& ink, double width, Qt::PenStyle style = Qt::SolidLine) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(QColor(0, 0, 0, 150), width + 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPath(path);
  painter.setPen(QPen(ink, width, style, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPath(path);
}

}  // namespace

SketchTool::SketchTool(MapCanvas& canvas)
    : QFrame(&canvas),
      m_canvas(canvas),
      m_title(new QLabel),
      m_advice(new QLabel),
      m_undo(toolButton("undo", tr("Undo"), tr("Ctrl+Z"))),
      m_redo(toolButton("redo", tr("Redo"), tr("Ctrl+Shift+Z"))),
      m_delete(toolButton("minus", tr("Delete what is selected"), tr("Delete"))),
      m_done(new QPushButton(tr("Done"))),
      m_cancel(new QPushButton(tr("Cancel"))) {
  setProperty("role", QStringLiteral("card"));
  setAccessibleName(tr("Drawing on the preview"));
  setAttribute(Qt::WA_NoMousePropagation);  // a click on the bar is none on the map
  setCursor(Qt::ArrowCursor);
  setRole(m_title, "strong");
  setRole(m_advice, "muted");
  m_advice->setFont(theme().font(11));
  m_advice->setWordWrap(true);
  setRole(m_done, "primary");
  m_done->setToolTip(tr("Hands what is drawn to the step (Enter)"));
  m_cancel->setToolTip(tr("Leaves the step as it was (Esc)"));
  // Two rows, for a preview is often narrow.
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(12, 6, 8, 7);
  rows->setSpacing(3);
  const auto addRow = [rows](QLabel* words, std::initializer_list<QWidget*> buttons) {
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(words, 1);
    for (QWidget* button : buttons) row->addWidget(button);
    rows->addLayout(row);
  };
  addRow(m_title, {m_undo, m_redo, m_delete});
  addRow(m_advice, {m_cancel, m_done});
  connect(m_undo, &QToolButton::clicked, this, [this] { m_sketch.undo(), refresh(); });
  connect(m_redo, &QToolButton::clicked, this, [this] { m_sketch.redo(), refresh(); });
  connect(m_delete, &QToolButton::clicked, this, [this] { m_sketch.removeSelected(), refresh(); });
  connect(m_done, &QPushButton::clicked, this, &SketchTool::finish);
  connect(m_cancel, &QPushButton::clicked, this, &SketchTool::leave);
  connect(&theme(), &Theme::changed, this, &SketchTool::refresh);
  canvas.installEventFilter(this);
  hide();
}

void SketchTool::setQuestion(MapQuestion* question) {
  m_question = question;
  connect(question, &MapQuestion::changed, this, &SketchTool::follow);
}

void SketchTool::setGround(const Crs& crs, bool hasPicture) {
  const bool isAnother =
      hasPicture && m_hasPicture && m_isActive && !(crs.isValid() == m_crs.isValid() && (!crs.isValid() || crs.isSameAs(m_crs)));
  if (isAnother) {
    // What is drawn goes along to the other map; undo would lead back to places of the old one.
    MapShapes drawn{m_crs, m_sketch.shapes()};
    m_crs = crs;
    if (const auto* asked = m_question ? m_question->asked() : nullptr) {
      m_sketch = Sketch(asked->kind, inCrs(drawn, crs));
      m_problem.clear();
    }
  }
  const bool isFirst = hasPicture && !m_hasPicture;
  m_crs = crs;
  m_hasPicture = hasPicture;
  if (m_isActive && isFirst && m_sketch.shapes().empty()) takeStart();
  if (m_isActive) refresh();
}

void SketchTool::takeStart() {
  if (const auto* asked = m_question ? m_question->asked() : nullptr) m_sketch = Sketch(asked->kind, inCrs(asked->start, m_crs));
}

void SketchTool::follow() {
  const MapQuestion::Asked* asked = m_question ? m_question->asked() : nullptr;
  m_isActive = asked != nullptr;
  m_grabbed.reset();
  m_problem.clear();
  m_isByKeys = false;
  m_canvas.setTool(m_isActive ? this : nullptr);
  if (focusWidget() && focusWidget()->hasFocus()) m_canvas.setFocus(Qt::OtherFocusReason);
  setVisible(m_isActive);
  if (!asked) {
    m_sketch = Sketch();
    return;
  }
  m_title->setText(asked->title);
  takeStart();
  refresh();
  m_canvas.setFocus(Qt::OtherFocusReason);
}

QString SketchTool::advice() const {
  if (!m_hasPicture) return tr("There is no picture to draw on: put the eye on a step that has one");
  switch (m_sketch.kind()) {
    case MapQuestion::Kind::Spectra:
      return m_sketch.shapes().empty() ? tr("Click a pixel · Shift+click takes several")
                                       : tr("Shift+click takes further ones, Enter finishes");
    case MapQuestion::Kind::Points: return tr("Click to add · drag to move · Delete removes · Enter finishes");
    case MapQuestion::Kind::Polygons: break;
  }
  if (!m_sketch.open().isEmpty()) return tr("Click corners · double-click or Enter closes · Backspace takes the last one back");
  return m_sketch.shapes().empty() ? tr("Click the corners of a polygon; a drag still moves the map")
                                   : tr("Drag corners · drag the middle of an edge for a new one · click for the next polygon");
}

void SketchTool::refresh() {
  if (!m_isActive) return;
  const bool isSpectra = m_sketch.kind() == MapQuestion::Kind::Spectra;
  m_advice->setText(m_problem.isEmpty() ? advice() : m_problem);
  setRole(m_advice, m_problem.isEmpty() ? "muted" : "error");
  m_undo->setEnabled(m_sketch.canUndo());
  m_redo->setEnabled(m_sketch.canRedo());
  m_delete->setEnabled(m_sketch.selected().shape >= 0);
  m_done->setEnabled(!m_sketch.shapes().empty() || m_sketch.open().size() >= 3);
  m_done->setVisible(!isSpectra || !m_sketch.shapes().empty());
  for (QWidget* button : std::initializer_list<QWidget*>{m_undo, m_redo, m_delete}) button->setVisible(!isSpectra);
  place();
  m_canvas.update();
}

void SketchTool::place() {
  const int most = m_canvas.width() - 2 * kMarginPixels;
  layout()->invalidate();  // the words have just changed
  layout()->activate();
  const int width = std::clamp(most, 160, kMostWidth);
  resize(width, std::max(layout()->totalHeightForWidth(width), layout()->totalMinimumSize().height()));
  move((m_canvas.width() - this->width()) / 2, kMarginPixels);
}

bool SketchTool::eventFilter(QObject* watched, QEvent* event) {
  if (watched == &m_canvas && event->type() == QEvent::Resize && m_isActive) place();
  if (watched == &m_canvas && event->type() == QEvent::Leave && m_isActive) {
    m_hasCursor = false;
    m_canvas.update();
  }
  return QFrame::eventFilter(watched, event);
}

void SketchTool::paint(QPainter& painter, const MapFrame& frame) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor ink = Qt::white, chosen = QColor(0xff, 0xd5, 0x4a);
  const auto ringPath = [&](const QPolygonF& ring, bool isClosed) {
    QPainterPath path;
    for (int i = 0; i < static_cast<int>(ring.size()); ++i) {
      const QPointF at = frame.toScreen(ring[i]);
      i == 0 ? path.moveTo(at) : path.lineTo(at);
    }
    if (isClosed) path.closeSubpath();
    return path;
  };
  const auto corner = [&](QPointF world, bool isSelected, double radius) {
    painter.setPen(QPen(QColor(0, 0, 0, 190), 1.5));
    painter.setBrush(isSelected ? chosen : ink);
    painter.drawEllipse(frame.toScreen(world), radius, radius);
  };
  const Sketch::Corner& selected = m_sketch.selected();
  painter.setFont(theme().font(12, true));
  for (int s = 0; s < static_cast<int>(m_sketch.shapes().size()); ++s) {
    const MapShape& shape = m_sketch.shapes()[static_cast<std::size_t>(s)];
    const bool isSelected = selected.shape == s;
    const bool isPolygon = m_sketch.kind() == MapQuestion::Kind::Polygons;
    QPointF labelAt;
    if (isPolygon) {
      QPainterPath whole;
      for (const QPolygonF& ring : shape.rings) whole.addPath(ringPath(ring, true));
      QColor fill = isSelected ? chosen : ink;
      fill.setAlpha(50);
      painter.fillPath(whole, fill);
      strokeTwice(painter, whole, isSelected ? chosen : ink, 1.8);
      labelAt = whole.boundingRect().center() - QPointF(4, -4);
    } else {
      labelAt = frame.toScreen(shape.rings.front().front()) + QPointF(10, 5);
    }
    for (int r = 0; r < static_cast<int>(shape.rings.size()); ++r) {
      const QPolygonF& ring = shape.rings[static_cast<std::size_t>(r)];
      for (int i = 0; i < static_cast<int>(ring.size()); ++i) {
        if (isPolygon && isSelected) corner((ring[i] + ring[(i + 1) % ring.size()]) / 2, false, 2.5);
        corner(ring[i], selected == Sketch::Corner{s, r, i}, isPolygon ? kCornerPixels : kCornerPixels + 1);
      }
    }
    QPainterPath name;
    name.addText(labelAt, painter.font(), shape.name);
    strokeTwice(painter, name, QColor(0, 0, 0, 0), 2);
    painter.fillPath(name, isSelected ? chosen : ink);
  }
  if (!m_sketch.open().isEmpty()) {
    strokeTwice(painter, ringPath(m_sketch.open(), false), chosen, 1.8);
    QPainterPath next;
    next.moveTo(frame.toScreen(m_sketch.open().back()));
    if (m_hasCursor) next.lineTo(m_cursor);
    if (m_hasCursor && m_sketch.open().size() > 1) next.lineTo(frame.toScreen(m_sketch.open().front()));
    strokeTwice(painter, next, chosen, 1.2, Qt::DashLine);
    for (const QPointF& world : m_sketch.open()) corner(world, true, kCornerPixels);
  }
  if (m_isByKeys) {
    const QPointF c = m_canvas.rect().center();
    QPainterPath cross;
    for (const QPointF arm : {QPointF(10, 0), QPointF(0, 10)}) {
      cross.moveTo(c - arm);
      cross.lineTo(c + arm);
    }
    strokeTwice(painter, cross, chosen, 1.5);
  }
  painter.restore();
}

bool SketchTool::grab(QPointF at, const MapFrame& frame) {
  if (!m_sketch.open().isEmpty() || m_sketch.kind() == MapQuestion::Kind::Spectra) return false;
  m_insertBehind.reset();
  m_grabbed = m_sketch.cornerAt(at, frame, kGrabPixels);
  if (!m_grabbed) m_insertBehind = m_sketch.middleAt(at, frame, kGrabPixels);
  return m_grabbed || m_insertBehind;
}

void SketchTool::drag(QPointF at, const MapFrame& frame) {
  const QPointF world = frame.toWorld(at);
  if (m_insertBehind) {
    m_grabbed = m_sketch.insertBehind(*m_insertBehind, world);
    m_insertBehind.reset();
    m_canvas.setCursor(Qt::ClosedHandCursor);
  } else if (m_canvas.cursor().shape() != Qt::ClosedHandCursor) {
    m_sketch.beginMove();
    m_canvas.setCursor(Qt::ClosedHandCursor);
  }
  m_sketch.move(*m_grabbed, world);
  refresh();
}

void SketchTool::drop() {
  if (m_grabbed) m_sketch.select(*m_grabbed);
  m_grabbed.reset();
  m_insertBehind.reset();
  m_canvas.setCursor(Qt::CrossCursor);
  refresh();
}

void SketchTool::addAt(QPointF world) {
  m_problem.clear();
  if (m_hasPicture) m_sketch.add(world);
  refresh();
}

void SketchTool::click(QPointF at, const MapFrame& frame, Qt::KeyboardModifiers modifiers) {
  m_problem.clear();
  m_isByKeys = false;
  if (m_sketch.isOverFirst(at, frame, kGrabPixels) && m_sketch.open().size() >= 3) {
    m_problem = m_sketch.close();
    return refresh();
  }
  if (m_sketch.kind() == MapQuestion::Kind::Polygons && m_sketch.open().isEmpty()) {
    const int under = m_sketch.shapeAt(frame.toWorld(at));
    if (under >= 0 && m_sketch.selected() != Sketch::Corner{under, 0, -1}) {
      m_sketch.select({under, 0, -1});
      return refresh();
    }
  }
  addAt(frame.toWorld(at));
  if (m_sketch.kind() == MapQuestion::Kind::Spectra && m_hasPicture && !modifiers.testFlag(Qt::ShiftModifier)) finish();
}

void SketchTool::doubleClick() {
  if (m_sketch.open().isEmpty()) return;
  m_problem = m_sketch.close();
  refresh();
}

void SketchTool::hover(QPointF at, const MapFrame&) {
  m_cursor = at;
  m_hasCursor = true;
  if (!m_sketch.open().isEmpty()) m_canvas.update();
}

Qt::CursorShape SketchTool::cursor(QPointF at, const MapFrame& frame) const {
  if (m_sketch.open().isEmpty() && m_sketch.kind() != MapQuestion::Kind::Spectra &&
      (m_sketch.cornerAt(at, frame, kGrabPixels) || m_sketch.middleAt(at, frame, kGrabPixels)))
    return Qt::OpenHandCursor;
  return Qt::CrossCursor;
}

bool SketchTool::wantsKey(const QKeyEvent& event) const {
  if (event.matches(QKeySequence::Undo) || event.matches(QKeySequence::Redo)) return true;
  switch (event.key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Escape:
    case Qt::Key_Space:
    case Qt::Key_Delete:
    case Qt::Key_Backspace: return true;
    default: return false;
  }
}

bool SketchTool::key(const QKeyEvent& event, const MapFrame& frame) {
  if (!wantsKey(event)) return false;
  m_problem.clear();
  if (event.matches(QKeySequence::Undo)) {
    m_sketch.undo();
  } else if (event.matches(QKeySequence::Redo)) {
    m_sketch.redo();
  } else if (event.key() == Qt::Key_Space) {
    // The first one shows the cross, so that it is known where a corner would come.
    if (m_isByKeys) addAt(frame.toWorld(m_canvas.rect().center()));
    m_isByKeys = true;
  } else if (event.key() == Qt::Key_Delete) {
    m_sketch.removeSelected();
  } else if (event.key() == Qt::Key_Backspace) {
    m_sketch.removeLast();
  } else if (event.key() == Qt::Key_Escape) {
    if (!m_sketch.dropOpen()) {
      leave();
      return true;
    }
  } else if (!m_sketch.open().isEmpty()) {
    m_problem = m_sketch.close();
  } else {
    finish();
    return true;
  }
  refresh();
  return true;
}

void SketchTool::finish() {
  if (!m_question || !m_question->asked()) return;
  if (!m_sketch.open().isEmpty()) m_problem = m_sketch.close();
  if (m_problem.isEmpty() && m_sketch.shapes().empty()) m_problem = tr("Nothing is drawn yet: click on the picture, or cancel");
  if (!m_problem.isEmpty()) return refresh();
  m_question->answer({m_crs, m_sketch.shapes()});
}

void SketchTool::leave() {
  if (m_question) m_question->cancel();
}

}  // namespace cubeloom
