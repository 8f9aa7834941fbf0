// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline's widget: painting around the lane image, and the hand of the user.
#include "ui/charts/timeline.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ui/charts/timeline_painter.h"
#include "ui/words/number_text.h"

namespace cubeloom {
namespace {

constexpr int kLabelWidth = 26, kThreadLabelWidth = 42;
constexpr int kAxisHeight = 18;
constexpr std::array kKindWords{"reading", "computing", "writing", "failed"};

QString secondsText(double seconds) {
  if (seconds < 1e-3) return QString::number(seconds * 1e6, 'f', 0) + QStringLiteral(" µs");
  if (seconds < 1) return significantText(seconds * 1e3, 3) + QStringLiteral(" ms");
  return QString::number(seconds, 'f', seconds < 10 ? 2 : 1) + QStringLiteral(" s");
}

}  // namespace

Timeline::Timeline(const TaskLanes& lanes, TimeAxis& axis, QWidget* parent) : QWidget(parent), m_lanes(lanes), m_axis(axis) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Timeline of the workers"));
  connect(&axis, &TimeAxis::rangeChanged, this, &Timeline::invalidate);
  connect(&axis, &TimeAxis::cursorChanged, this, qOverload<>(&QWidget::update));
  connect(&axis, &TimeAxis::modeChanged, this, [this] {
    if (m_axis.mode() != TimeAxis::Mode::Held) refresh();
  });
}

void Timeline::setStyleOf(const ChartStyle& style) {
  m_style = style;
  invalidate();
}

void Timeline::refresh() {
  if (m_axis.mode() == TimeAxis::Mode::Held && m_lanes.taskCount() > 0) {
    m_isStale = true;  // shown with the next move of the user
    return;
  }
  constexpr double kMostSeconds = 1;
  const double column = (m_axis.upper() - m_axis.lower()) / std::max(1, plotRect().width());
  // Until the next column of pixels is reached, nothing that could be seen has changed.
  if (const double passed = m_axis.now() - m_drawnNow; passed > 0 && passed < std::min(column, kMostSeconds)) return;
  invalidate();
}

void Timeline::invalidate() {
  m_drawnNow = m_axis.now();
  m_isStale = true;
  if (isVisible()) update();
}

QRect Timeline::plotRect() const { return rect().adjusted(labelWidth(), 0, -1, -kAxisHeight); }
int Timeline::labelWidth() const { return m_laneNames.isEmpty() || !m_laneNames.first().contains(u'.') ? kLabelWidth : kThreadLabelWidth; }

double Timeline::timeAt(double x) const {
  const QRect plot = plotRect();
  return m_axis.lower() + (x - plot.left()) / std::max(1, plot.width()) * (m_axis.upper() - m_axis.lower());
}
double Timeline::xOf(double t) const {
  const QRect plot = plotRect();
  return plot.left() + (t - m_axis.lower()) / (m_axis.upper() - m_axis.lower()) * plot.width();
}

int Timeline::laneAt(int y) const {
  for (int lane = 0; lane < m_lanes.laneCount(); ++lane) {
    const LaneGeometry geometry = laneGeometry(lane, m_lanes.laneCount(), plotRect().height(), 1);
    if (y >= geometry.top && y <= geometry.top + geometry.height) return lane;
  }
  return -1;
}

QString Timeline::describe(QPoint position) const {
  const QRect plot = plotRect();
  if (!plot.contains(position)) return {};
  const double pixel = (m_axis.upper() - m_axis.lower()) / std::max(1, plot.width());
  const int lane = laneAt(position.y());
  const QString who = m_laneNames.contains(lane) ? m_laneNames[lane] : QString::number(lane + 1);
  const double time = timeAt(position.x() + 0.5);
  const auto task = m_lanes.at(lane, time, 2 * pixel);
  if (const OpenTask* open = openAt(lane, time); open && (!task || task->end() < time)) {
    return tr("chunk %1 · in work, %2 · since %3 s · worker %4")
        .arg(open->chunk)
        .arg(open->isWriting ? tr("writing") : tr("reading or computing"))
        .arg(open->start, 0, 'f', 3)
        .arg(who);
  }
  if (!task) return {};
  const QString name = task->node >= 0 && task->node < m_names.size() ? m_names[task->node] : QString();
  QString text = name.isEmpty() ? QString() : name + QStringLiteral(" · ");
  text += tr("chunk %1 · %2 · %3 · from %4 s · worker %5")
              .arg(task->chunk)
              .arg(QLatin1String(kKindWords[static_cast<std::size_t>(task->kind)]), secondsText(static_cast<double>(task->seconds)))
              .arg(task->start, 0, 'f', 3)
              .arg(who);
  const auto near = m_lanes.totals(timeAt(position.x()), timeAt(position.x() + 1));
  if (near.tasks > 2 * static_cast<std::size_t>(m_lanes.laneCount())) {
    text += QLatin1Char('\n') + tr("%1 tasks in this pixel column: zoom in to tell them apart").arg(near.tasks);
  }
  return text;
}

const OpenTask* Timeline::openAt(int lane, double t) const {
  for (const OpenTask& open : m_open)
    if (open.lane == lane && t >= open.start && t <= m_axis.now()) return &open;
  return nullptr;
}

QString Timeline::measureText() const {
  if (!m_measure) return {};
  const auto [from, to] = std::minmax(m_measure->first, m_measure->second);
  const auto totals = m_lanes.totals(from, to);
  double busy = 0;
  for (const double seconds : totals.seconds) busy += seconds;
  const double all = (to - from) * std::max(1, m_lanes.laneCount());
  QString text = tr("%1 · %2 tasks · busy %3 %")
                     .arg(secondsText(to - from), countText(static_cast<std::int64_t>(totals.tasks)))
                     .arg(all > 0 ? 100 * busy / all : 0, 0, 'f', 0);
  for (std::size_t kind = 0; kind < kTaskKinds; ++kind) {
    if (totals.seconds[kind] <= 0 || busy <= 0) continue;
    text += QStringLiteral(" · %1 %2 %").arg(QLatin1String(kKindWords[kind])).arg(100 * totals.seconds[kind] / busy, 0, 'f', 0);
  }
  return text;
}

QString Timeline::toCsv() const {
  QString csv = QStringLiteral("worker,start_s,end_s,kind,operation,chunk\n");
  for (int lane = 0; lane < m_lanes.laneCount(); ++lane) {
    for (const LaneTask& task : m_lanes.tasks(lane)) {
      const QString name = task.node >= 0 && task.node < m_names.size() ? m_names[task.node] : QString();
      csv += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                 .arg(lane + 1)
                 .arg(task.start, 0, 'f', 6)
                 .arg(task.end(), 0, 'f', 6)
                 .arg(QLatin1String(kKindWords[static_cast<std::size_t>(task.kind)]), name)
                 .arg(task.chunk);
    }
  }
  return csv;
}

void Timeline::paintEvent(QPaintEvent*) {
  const QRect plot = plotRect();
  const double ratio = devicePixelRatioF();
  const QSize wanted(static_cast<int>(plot.width() * ratio), static_cast<int>(plot.height() * ratio));
  if (m_isStale || m_image.size() != wanted) {
    m_image = paintLanes(m_lanes, m_axis.lower(), m_axis.upper(), wanted, ratio, m_style);
    m_isStale = false;
  }
  QPainter painter(this);
  painter.drawImage(plot.topLeft(), m_image);
  paintOpen(painter, plot);
  paintLabels(painter, plot);
  paintAxis(painter, plot);
  paintMarks(painter, plot);
  if (hasFocus()) {
    painter.setPen(m_style.read);
    painter.drawRect(plot.adjusted(-1, 0, 0, 0));
  }
}

/// Hollow, with an open right end: their kinds are known when they are over.
void Timeline::paintOpen(QPainter& painter, const QRect& plot) const {
  for (const OpenTask& open : m_open) {
    const double left = std::max<double>(plot.left(), xOf(open.start)), right = std::min<double>(plot.right(), xOf(m_axis.now()));
    const LaneGeometry lane = laneGeometry(open.lane, m_lanes.laneCount(), plot.height(), 1);
    if (right - left < 1 || lane.height < 2) continue;
    const QColor ink = open.isWriting ? m_style.write : m_style.muted;
    QColor veil = ink;
    veil.setAlphaF(0.18F);
    const QRectF bar(left, plot.top() + lane.top, right - left, lane.height - 1);
    painter.fillRect(bar, veil);
    painter.setPen(QPen(ink, 1, Qt::DotLine));
    painter.drawPolyline(QPolygonF{bar.topRight(), bar.topLeft(), bar.bottomLeft(), bar.bottomRight()});
  }
}

void Timeline::paintLabels(QPainter& painter, const QRect& plot) const {
  painter.setFont(m_style.small);
  painter.setPen(m_style.muted);
  const int count = m_lanes.laneCount();
  int free = plot.top();
  for (int lane = 0; lane < count; ++lane) {
    const LaneGeometry geometry = laneGeometry(lane, count, plot.height(), 1);
    const int height = painter.fontMetrics().height();
    const QRect label(0, plot.top() + geometry.top + (geometry.height - height) / 2, labelWidth() - 6, height);
    if (label.top() < free - 3) continue;  // thin lanes: as many names as there is room for
    painter.drawText(label, Qt::AlignRight | Qt::AlignVCenter, laneName(lane));
    free = label.bottom();
  }
}

void Timeline::paintAxis(QPainter& painter, const QRect& plot) const {
  painter.setFont(m_style.small);
  const auto [ticks, step] = timeTicks(m_axis.lower(), m_axis.upper(), std::max(2, plot.width() / 90));
  for (const double t : ticks) {
    const double x = xOf(t);
    painter.setPen(m_style.grid);
    painter.drawLine(QPointF(x, plot.bottom() + 1), QPointF(x, plot.bottom() + 4));
    const QString text = timeLabel(t, step);
    const int width = painter.fontMetrics().horizontalAdvance(text);
    const double left = std::clamp(x - width / 2.0, static_cast<double>(plot.left()), static_cast<double>(this->width() - width));
    painter.setPen(m_style.muted);
    painter.drawText(QRectF(left, plot.bottom() + 4, width + 2, kAxisHeight - 4), Qt::AlignLeft | Qt::AlignVCenter, text);
  }
}

void Timeline::paintMarks(QPainter& painter, const QRect& plot) const {
  const auto vertical = [&](double t, const QColor& color, Qt::PenStyle style) {
    const double x = std::round(xOf(t)) + 0.5;
    if (x < plot.left() || x > plot.right() + 1) return;
    painter.setPen(QPen(color, 1, style));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom() + 3));
  };
  if (m_axis.now() > 0 && m_axis.now() < m_axis.upper()) vertical(m_axis.now(), m_style.text, Qt::SolidLine);
  if (m_axis.cursor()) vertical(*m_axis.cursor(), m_style.muted, Qt::DashLine);
  if (!m_measure) return;
  const double left = std::max<double>(plot.left(), xOf(std::min(m_measure->first, m_measure->second)));
  const double right = std::min<double>(plot.right() + 1, xOf(std::max(m_measure->first, m_measure->second)));
  if (right <= left) return;
  QColor veil = m_style.text;
  veil.setAlphaF(0.16F);
  painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), veil);
  painter.setPen(m_style.text);
  for (const double x : {left, right}) painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
  painter.setFont(m_style.value);
  const QString text = measureText();
  const int width = painter.fontMetrics().horizontalAdvance(text) + 12;
  const double x =
      std::clamp((left + right - width) / 2, static_cast<double>(plot.left()), std::max<double>(plot.left(), plot.right() - width));
  const QRectF box(x, plot.top() + 2, width, painter.fontMetrics().height() + 4);
  painter.fillRect(box, m_style.surface);
  painter.setPen(m_style.grid);
  painter.drawRect(box);
  painter.setPen(m_style.text);
  painter.drawText(box, Qt::AlignCenter, text);
}

void Timeline::resizeEvent(QResizeEvent*) { m_isStale = true; }
void Timeline::showEvent(QShowEvent*) { m_isStale = true; }

void Timeline::mousePressEvent(QMouseEvent* event) {
  const bool pan = event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && event->modifiers() & Qt::ShiftModifier);
  if (event->button() != Qt::LeftButton && !pan) return;
  m_drag = pan ? Drag::Pan : event->modifiers() & Qt::ControlModifier ? Drag::Restrict : Drag::Measure;
  m_dragX = event->position().x();
  if (!pan) m_measure.reset();
  update();
}

void Timeline::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  m_axis.setCursor(plotRect().contains(event->position().toPoint()) ? std::optional(timeAt(x)) : std::nullopt);
  if (m_drag == Drag::Pan) {
    m_axis.pan((m_dragX - x) / std::max(1, plotRect().width()));
    m_dragX = x;
  } else if (m_drag != Drag::None && std::abs(x - m_dragX) > 2) {
    m_measure = std::pair(timeAt(m_dragX), timeAt(x));
    update();
  }
}

void Timeline::mouseReleaseEvent(QMouseEvent*) {
  if (m_drag == Drag::Restrict && m_measure) {
    const auto [from, to] = *std::exchange(m_measure, std::nullopt);
    m_axis.restrictTo(from, to);
  }
  m_drag = Drag::None;
}
void Timeline::mouseDoubleClickEvent(QMouseEvent*) { m_axis.showWhole(); }

void Timeline::wheelEvent(QWheelEvent* event) {
  const int steps = event->angleDelta().y();
  if (steps != 0) m_axis.zoom(std::pow(0.8, steps / 120.0), timeAt(event->position().x()));
  if (event->angleDelta().x() != 0) m_axis.pan(-event->angleDelta().x() / 1200.0);
  event->accept();
}

void Timeline::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && m_measure) {
    m_measure.reset();
    update();
  } else if (!m_axis.handleKey(*event)) {
    QWidget::keyPressEvent(event);
  }
}

void Timeline::leaveEvent(QEvent*) { m_axis.setCursor(std::nullopt); }

bool Timeline::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QString text = describe(help->pos());
  if (text.isEmpty()) {
    QToolTip::hideText();
  } else {
    QToolTip::showText(help->globalPos(), text, this);
  }
  return true;
}

}  // namespace cubeloom
