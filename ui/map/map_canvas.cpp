// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_canvas.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/map/map_tool.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr double kClickPixels = 4;
constexpr double kPanStep = 60;
constexpr int kFlickerMs = 600;

QBrush hatchBrush() {
  constexpr int kTile = 8;
  QPixmap tile(kTile, kTile);
  tile.fill(color(Token::Surface));
  QPainter painter(&tile);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color(Token::Hatch), 1.2));
  painter.drawLine(QLineF(-1, kTile + 1, kTile + 1, -1));
  painter.drawLine(QLineF(-1, 1, 1, -1));
  painter.drawLine(QLineF(kTile - 1, kTile + 1, kTile + 1, kTile - 1));
  return QBrush(tile);
}

bool covers(const Bounds& outer, const Bounds& inner) {
  const double slack = 1e-9 * std::max(outer.width(), outer.height());
  return outer.xmin <= inner.xmin + slack && outer.ymin <= inner.ymin + slack && outer.xmax >= inner.xmax - slack &&
         outer.ymax >= inner.ymax - slack;
}

/// What stays behind the newest picture: the one that covers more ground.
void keepBackdrop(Layer& backdrop, const Layer& before, const Layer& now) {
  if (now.isEmpty()) {
    backdrop = {};
    return;
  }
  if (!before.isEmpty() && (backdrop.isEmpty() || covers(before.bounds, backdrop.bounds))) backdrop = before;
  if (covers(now.bounds, backdrop.bounds)) backdrop = {};
}

}  // namespace

MapCanvas::MapCanvas(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(160, 64);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Preview map"));
  m_flicker.setInterval(kFlickerMs);
  connect(&m_flicker, &QTimer::timeout, this, [this] { setFlickered(!m_flickered); });
  connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void MapCanvas::setLayers(const Composed& composed) {
  keepBackdrop(m_backdropA, m_composed.a, composed.a);
  keepBackdrop(m_backdropB, m_composed.b, composed.b);
  m_composed = composed;
  update();
}

void MapCanvas::setExtents(std::optional<Bounds> a, std::optional<Bounds> b) {
  m_extentA = a;
  m_extentB = b;
  update();
}

void MapCanvas::setLegends(MapLegend a, MapLegend b) {
  if (a == m_legendA && b == m_legendB) return;
  m_legendA = std::move(a);
  m_legendB = std::move(b);
  setAccessibleDescription(legendText(m_legendA.isEmpty() ? m_legendB : m_legendA));
  update();
}

void MapCanvas::setMarks(std::vector<MapMark> marks) {
  m_marks = std::move(marks);
  update();
}

void MapCanvas::setCompareMode(CompareMode mode) {
  m_mode = mode;
  m_flickered = false;
  if (mode == CompareMode::Flicker)
    m_flicker.start();
  else
    m_flicker.stop();
  update();
}

void MapCanvas::setScale(double metresPerUnit, const QString& unit) {
  m_metresPerUnit = metresPerUnit;
  m_unit = unit;
  update();
}

void MapCanvas::setMessage(const QString& title, const QString& detail, bool isError) {
  m_title = title;
  m_detail = detail;
  m_isError = isError;
  update();
}

void MapCanvas::setFlickered(bool showB) {
  m_flickered = showB;
  update();
}

void MapCanvas::setFrame(const MapFrame& frame) {
  m_frame = frame;
  m_frame.size = size();
  m_atHome = false;
  update();
  Q_EMIT frameChanged();
}

void MapCanvas::home(bool rowsDown) {
  const std::optional<Bounds> all = m_extentA ? m_extentA : m_extentB;
  if (!all) return;
  setFrame(MapFrame::fitting(*all, size(), rowsDown));
  m_atHome = true;
}

void MapCanvas::zoomBy(double factor) { setFrame(m_frame.zoomed(factor, QPointF(width() / 2.0, height() / 2.0))); }

void MapCanvas::setSwipe(double fraction) {
  m_swipe = std::clamp(fraction, 0.0, 1.0);
  update();
}

bool MapCanvas::hasSwipe() const { return m_mode == CompareMode::Swipe && m_extentA && m_extentB && !m_flickered; }

bool MapCanvas::showsB(QPointF at) const {
  if (!m_extentA) return true;
  if (!m_extentB) return false;
  if (m_flickered) return true;
  return m_mode == CompareMode::Swipe && at.x() >= m_swipe * width();
}

QRectF MapCanvas::swipeHandle() const { return QRectF(m_swipe * width() - 10, height() / 2.0 - 10, 20, 20); }

bool MapCanvas::overSwipe(QPointF at) const {
  return hasSwipe() && (std::abs(at.x() - m_swipe * width()) <= 4 || swipeHandle().adjusted(-4, -4, 4, 4).contains(at));
}

void MapCanvas::setTool(MapTool* tool) {
  m_tool = tool;
  m_drag = Drag::None;
  setCursor(Qt::CrossCursor);
  update();
}

bool MapCanvas::event(QEvent* event) {
  // Undo of what is being drawn goes before the chain's.
  if (event->type() == QEvent::ShortcutOverride && m_tool && m_tool->wantsKey(*static_cast<QKeyEvent*>(event))) {
    event->accept();
    return true;
  }
  return QWidget::event(event);
}

void MapCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), color(Token::Canvas));
  const QRectF all = rect();
  if (m_mode == CompareMode::Difference && !m_flickered && !m_composed.difference.isEmpty()) {
    drawSide(painter, all, m_composed.difference, {}, m_extentA);
  } else if (hasSwipe()) {
    const double x = std::round(m_swipe * width());
    drawSide(painter, QRectF(0, 0, x, height()), m_composed.a, m_backdropA, m_extentA);
    drawSide(painter, QRectF(x, 0, width() - x, height()), m_composed.b, m_backdropB, m_extentB);
  } else if (m_extentB && (m_flickered || !m_extentA)) {
    drawSide(painter, all, m_composed.b, m_backdropB, m_extentB);
  } else if (m_extentA) {
    drawSide(painter, all, m_composed.a, m_backdropA, m_extentA);
  }
  if (m_extentA || m_extentB) {
    if (m_tool) m_tool->paint(painter, m_frame);
    drawMarks(painter);
    drawScaleBar(painter);
    drawLegends(painter);
  }
  if (hasSwipe()) drawSwipe(painter);
  if (!m_title.isEmpty()) {
    painter.setFont(theme().font(13, true));
    const QRectF box = all.adjusted(24, 0, -24, 0);
    const int flags = Qt::AlignCenter | Qt::TextWordWrap;
    const QFontMetricsF strong(theme().font(13, true)), plain(theme().font(12));
    const QRectF titleBox = strong.boundingRect(box, flags, m_title);
    const QRectF detailBox = m_detail.isEmpty() ? QRectF() : plain.boundingRect(box, flags, m_detail);
    QRectF ground = titleBox;
    ground.setHeight(titleBox.height() + (m_detail.isEmpty() ? 0 : detailBox.height() + 6));
    ground.setLeft(std::min(titleBox.left(), m_detail.isEmpty() ? titleBox.left() : detailBox.left()));
    ground.setRight(std::max(titleBox.right(), m_detail.isEmpty() ? titleBox.right() : detailBox.right()));
    ground.moveCenter(all.center());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(Token::Grid), 1));
    painter.setBrush(color(Token::Surface));
    painter.drawRoundedRect(ground.adjusted(-14, -10, 14, 10), 6, 6);
    painter.setPen(m_isError ? color(Token::Failed) : color(Token::Text));
    painter.drawText(QRectF(ground.left(), ground.top(), ground.width(), titleBox.height()), flags, m_title);
    if (!m_detail.isEmpty()) {
      painter.setFont(theme().font(12));
      painter.setPen(color(Token::Muted));
      painter.drawText(QRectF(ground.left(), ground.bottom() - detailBox.height(), ground.width(), detailBox.height()), flags, m_detail);
    }
  }
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color(Token::Accent), 1));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void MapCanvas::drawSide(QPainter& painter, const QRectF& clip, const Layer& layer, const Layer& backdrop,
                         const std::optional<Bounds>& extent) const {
  painter.save();
  painter.setClipRect(clip);
  if (extent) {
    painter.setBrushOrigin(m_frame.toScreen({extent->xmin, extent->ymax}).toPoint());
    const QRectF footprint = m_frame.rectOf(*extent).intersected(QRectF(rect()));
    painter.fillRect(footprint, color(Token::Surface));
    // What has not been read yet is not nodata.
    const QBrush hatch = hatchBrush();
    for (const Layer* read : {&backdrop, &layer})
      if (!read->isEmpty()) painter.fillRect(footprint.intersected(m_frame.rectOf(read->bounds)), hatch);
  }
  if (!backdrop.isEmpty()) {
    // Holes of the new picture are nodata: the old one must not shine through them.
    painter.save();
    const QRectF fresh = layer.isEmpty() ? QRectF() : m_frame.rectOf(layer.bounds).intersected(QRectF(rect()));
    QPainterPath outside;
    outside.addRect(clip);
    QPainterPath inside;
    inside.addRect(fresh);
    painter.setClipPath(outside.subtracted(inside));
    drawLayer(painter, backdrop);
    painter.restore();
  }
  drawLayer(painter, layer);
  painter.restore();
}

void MapCanvas::drawLayer(QPainter& painter, const Layer& layer) const {
  if (layer.isEmpty()) return;
  const QRectF target = m_frame.rectOf(layer.bounds);
  const QRectF seen = target.intersected(QRectF(rect()));
  if (seen.isEmpty()) return;
  // Only the visible pixels: a picture magnified beyond the painter's coordinate range would not be drawn at all.
  const double sx = layer.image.width() / target.width(), sy = layer.image.height() / target.height();
  const int left = std::max(0, static_cast<int>(std::floor((seen.left() - target.left()) * sx)));
  const int top = std::max(0, static_cast<int>(std::floor((seen.top() - target.top()) * sy)));
  const int right = std::min(layer.image.width(), static_cast<int>(std::ceil((seen.right() - target.left()) * sx)));
  const int bottom = std::min(layer.image.height(), static_cast<int>(std::ceil((seen.bottom() - target.top()) * sy)));
  if (right <= left || bottom <= top) return;
  const QRectF part(target.left() + left / sx, target.top() + top / sy, (right - left) / sx, (bottom - top) / sy);
  painter.drawImage(part, layer.image, QRectF(left, top, right - left, bottom - top));
}

void MapCanvas::drawScaleBar(QPainter& painter) const {
  const double perPixel = m_frame.unitsPerPixel * (m_metresPerUnit > 0 ? m_metresPerUnit : 1);
  const double length = niceLength(perPixel * 130);
  const QString label = scaleText(length, m_unit);
  const QRectF bar(14, height() - 30.0, length / perPixel, 5);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme().font(12, true));
  QPainterPath text;
  text.addText(bar.left(), bar.top() - 7, painter.font(), label);
  painter.setPen(QPen(QColor(0, 0, 0, 150), 3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));  // readable on any picture
  painter.drawPath(text);
  painter.drawRect(bar);
  painter.fillPath(text, Qt::white);
  painter.fillRect(bar, Qt::white);
  painter.restore();
}

/// One legend stands on the right; of two sides beside each other each has its own.
void MapCanvas::drawLegends(QPainter& painter) const {
  if (m_mode == CompareMode::Difference && !m_flickered && !m_composed.difference.isEmpty()) return;
  const QRectF all = rect();
  if (hasSwipe()) {
    const double x = std::round(m_swipe * width());
    paintLegend(painter, m_legendA, QRectF(0, 0, x, height()), LegendPlace::Left);
    paintLegend(painter, m_legendB, QRectF(x, 0, width() - x, height()), LegendPlace::Right);
  } else {
    paintLegend(painter, m_extentB && (m_flickered || !m_extentA) ? m_legendB : m_legendA, all, LegendPlace::Right);
  }
}

void MapCanvas::drawSwipe(QPainter& painter) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const double x = m_swipe * width();
  painter.setPen(QPen(QColor(0, 0, 0, 90), 4));
  painter.drawLine(QPointF(x, 0), QPointF(x, height()));
  painter.setPen(QPen(Qt::white, 2));
  painter.drawLine(QPointF(x, 0), QPointF(x, height()));
  const QRectF handle = swipeHandle();
  painter.setPen(QPen(QColor(0, 0, 0, 90), 1));
  painter.setBrush(Qt::white);
  painter.drawEllipse(handle);
  painter.setPen(QPen(QColor(0x1b, 0x1e, 0x23), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const QPointF c = handle.center();
  painter.drawLine(c - QPointF(6, 0), c + QPointF(6, 0));
  for (const double side : {-1.0, 1.0}) {
    const QPointF tip = c + QPointF(6 * side, 0);
    painter.drawLine(tip, tip + QPointF(-3 * side, -3));
    painter.drawLine(tip, tip + QPointF(-3 * side, 3));
  }
  painter.restore();
}

void MapCanvas::drawMarks(QPainter& painter) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme().font(12, true));
  painter.setBrush(Qt::NoBrush);
  for (const MapMark& mark : m_marks) {
    const QPointF at = m_frame.toScreen(mark.world);
    QPainterPath shape;
    shape.addEllipse(at, 8, 8);
    QPainterPath number;
    number.addText(at + QPointF(13, 5), painter.font(), QString::number(mark.number));
    painter.setPen(QPen(QColor(0, 0, 0, 130), 4.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(shape);
    painter.drawPath(number);
    painter.setPen(QPen(mark.color, 2.5));
    painter.drawPath(shape);
    painter.fillPath(number, mark.color);
  }
  painter.restore();
}

void MapCanvas::resizeEvent(QResizeEvent* event) {
  m_frame.size = event->size();
  if (m_atHome && (m_extentA || m_extentB))
    home(m_frame.rowsDown);
  else
    Q_EMIT frameChanged();
}

void MapCanvas::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  m_pressed = m_last = event->position();
  m_moved = false;
  m_drag = overSwipe(m_pressed) ? Drag::Swipe : m_tool && m_tool->grab(m_pressed, m_frame) ? Drag::Tool : Drag::Pan;
}

void MapCanvas::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (m_drag != Drag::None) {
    if (!m_moved && (at - m_pressed).manhattanLength() < kClickPixels) return;
    m_moved = true;
    if (m_drag == Drag::Swipe) {
      setSwipe(at.x() / width());
    } else if (m_drag == Drag::Tool) {
      m_tool->drag(at, m_frame);
    } else {
      setCursor(Qt::ClosedHandCursor);
      setFrame(m_frame.panned(at - m_last));
    }
    m_last = at;
    return;
  }
  setCursor(overSwipe(at) ? Qt::SplitHCursor : m_tool ? m_tool->cursor(at, m_frame) : Qt::CrossCursor);
  if (m_tool) m_tool->hover(at, m_frame);
  Q_EMIT hovered(m_frame.toWorld(at), at);
}

void MapCanvas::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const bool click = m_drag == Drag::Pan && !m_moved;
  const bool isTools = m_drag == Drag::Tool;
  m_drag = Drag::None;
  setCursor(Qt::CrossCursor);
  if (isTools) return m_tool->drop();
  if (click && m_tool) return m_tool->click(event->position(), m_frame, event->modifiers());
  if (click) Q_EMIT clicked(m_frame.toWorld(event->position()), event->modifiers().testFlag(Qt::ShiftModifier));
}

void MapCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && m_tool) return m_tool->doubleClick();
  if (event->button() == Qt::LeftButton)
    setFrame(m_frame.zoomed(event->modifiers().testFlag(Qt::ShiftModifier) ? 0.5 : 2, event->position()));
}

void MapCanvas::wheelEvent(QWheelEvent* event) {
  const double notches = event->angleDelta().y() / 120.0;
  if (notches != 0) setFrame(m_frame.zoomed(std::pow(1.25, notches), event->position()));
  event->accept();
}

void MapCanvas::keyPressEvent(QKeyEvent* event) {
  if (m_tool && m_tool->key(*event, m_frame)) return;
  switch (event->key()) {
    case Qt::Key_Left: setFrame(m_frame.panned({kPanStep, 0})); return;
    case Qt::Key_Right: setFrame(m_frame.panned({-kPanStep, 0})); return;
    case Qt::Key_Up: setFrame(m_frame.panned({0, kPanStep})); return;
    case Qt::Key_Down: setFrame(m_frame.panned({0, -kPanStep})); return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomBy(1.5); return;
    case Qt::Key_Minus: zoomBy(1 / 1.5); return;
    default: event->ignore();
  }
}

void MapCanvas::leaveEvent(QEvent*) { Q_EMIT left(); }

}  // namespace cubeloom
