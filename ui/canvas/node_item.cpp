// SPDX-License-Identifier: GPL-3.0-or-later
// Paints a node: in full, or as name and badge when zoomed out.
#include "ui/canvas/node_item.h"

#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <QTextOption>

#include "ui/canvas/node_marks.h"

namespace cubeloom {

namespace {

const QRectF kFace(0, 0, kNodeWidth, kNodeHeight);
constexpr double kCorner = 6;
constexpr double kAbove = 26;   // room for the progress label
constexpr double kAround = 14;  // ports, thick outlines

/// One line, elided, in a box centred on `y`.
void line(QPainter& painter, const QFont& font, const QColor& color, double x, double y, double width, const QString& text) {
  painter.setFont(font);
  painter.setPen(color);
  const QFontMetricsF metrics(font);
  painter.drawText(QRectF(x, y - 12, width, 24), Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, width));
}

Badge badgeOf(const NodeFacts& facts, const NodeRun& run) {
  if (!facts.error.isEmpty() || run.state == NodeState::Failed) return Badge::Error;
  if (facts.bypassed) return Badge::Bypass;
  if (!facts.warnings.isEmpty()) return Badge::Warning;
  if (run.state == NodeState::Stale) return Badge::Stale;
  if (run.state == NodeState::Done) return Badge::Done;
  return Badge::None;
}

}  // namespace

NodeItem::NodeItem(const CanvasStyle& style) : m_style(style) {}

void NodeItem::setFacts(const NodeFacts& facts) {
  if (facts == m_facts) return;
  m_facts = facts;
  update();
}

void NodeItem::setRun(const NodeRun& run) {
  if (run == m_run) return;
  m_run = run;
  update();
}

void NodeItem::setMarks(const NodeMarks& marks) {
  if (marks == m_marks) return;
  m_marks = marks;
  update();
}

QPointF NodeItem::inputPosition(int port) const {
  const double step = kNodeHeight / static_cast<double>(m_facts.inputs.size() + 1);
  return pos() + QPointF(0, step * (port + 1));
}

QPointF NodeItem::outputPosition() const { return pos() + QPointF(kNodeWidth, kNodeHeight / 2); }

QRectF NodeItem::eyeRect() const { return QRectF(kNodeWidth - 31, 5, 24, 24).translated(pos()); }

QRectF NodeItem::titleRect() const { return QRectF(kNodeMargin - 6, 4, kNodeWidth - 36, 26).translated(pos()); }

QRectF NodeItem::boundingRect() const { return kFace.adjusted(-kAround, -kAbove, kAround + 20, kAround); }

void NodeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
  const double zoom = option->levelOfDetailFromTransform(painter->worldTransform());
  painter->setRenderHint(QPainter::Antialiasing);
  if (m_marks.dimmed) painter->setOpacity(0.35);
  paintFace(*painter);
  if (zoom < kSimpleBelow) {
    paintSimple(*painter);
  } else {
    paintFull(*painter);
  }
  paintPorts(*painter);
}

void NodeItem::paintFace(QPainter& painter) const {
  QPen pen(m_style.border, 1);
  if (m_facts.bypassed) pen.setStyle(Qt::DashLine);
  if (m_run.state == NodeState::Failed || !m_facts.error.isEmpty())
    pen = QPen(m_style.failed, m_run.state == NodeState::Failed ? 2.5 : 1.5);
  if (m_marks.selected) pen = QPen(m_style.accent, m_marks.current ? 2 : 1.5);
  painter.setPen(pen);
  painter.setBrush(m_facts.bypassed ? m_style.ground : m_style.face);
  painter.drawRoundedRect(kFace, kCorner, kCorner);
}

void NodeItem::paintSimple(QPainter& painter) const {
  const Badge badge = badgeOf(m_facts, m_run);
  const double right = badge == Badge::None ? kNodeMargin : 50;
  line(painter, m_style.simpleTitle, m_style.text, kNodeMargin, kNodeHeight / 2 - 10, kNodeWidth - kNodeMargin - right, m_facts.title);
  if (badge != Badge::None) {
    const QColor color = badge == Badge::Error     ? m_style.failed
                         : badge == Badge::Warning ? m_style.warning
                         : badge == Badge::Done    ? m_style.done
                                                   : m_style.muted;
    paintBadge(painter, badge, QPointF(kNodeWidth - 28, kNodeHeight / 2 - 10), 28, color, m_style.face);
  }
  if (m_run.state != NodeState::Idle) paintStrip(painter, QRectF(kNodeMargin, kNodeHeight - 24, kNodeWidth - 2 * kNodeMargin, 14));
}

void NodeItem::paintFull(QPainter& painter) const {
  paintText(painter);
  const QColor eye = m_marks.viewed || m_marks.compared ? m_style.accent : m_marks.eyeHot ? m_style.text : m_style.muted;
  paintEye(painter, eyeRect().center() - pos(), eye, m_marks.viewed || m_marks.compared);
  paintStrip(painter, QRectF(kNodeMargin, 73, kNodeWidth - 2 * kNodeMargin, 6));
  if (!m_run.label.isEmpty()) {
    painter.setFont(m_style.label);
    painter.setPen(m_style.running);
    painter.drawText(QRectF(-20, -kAbove, kNodeWidth + 40, 20), Qt::AlignCenter, m_run.label);
  }
}

void NodeItem::paintText(QPainter& painter) const {
  double right = kNodeWidth - 34;
  if (m_marks.compared) {
    line(painter, m_style.label, m_style.accent, right - 8, 17, 12, m_marks.viewed ? QStringLiteral("A") : QStringLiteral("B"));
    right -= 14;
  }
  const Badge badge = badgeOf(m_facts, m_run);
  if (badge != Badge::None) {
    const QColor color = badge == Badge::Error     ? m_style.failed
                         : badge == Badge::Warning ? m_style.warning
                         : badge == Badge::Done    ? m_style.done
                                                   : m_style.muted;
    paintBadge(painter, badge, QPointF(right - 7, 17), 12, color, m_style.face);
    right -= 18;
  }
  const double width = right - kNodeMargin;
  // A long title is set smaller before it is cut.
  const bool fits = QFontMetricsF(m_style.title).horizontalAdvance(m_facts.title) <= width;
  const QFont& titleFont = fits ? m_style.title : m_style.longTitle;
  line(painter, titleFont, m_facts.bypassed ? m_style.muted : m_style.text, kNodeMargin, 17, width, m_facts.title);
  const double used = QFontMetricsF(titleFont).horizontalAdvance(m_facts.title) + 6;
  if (!m_facts.name.isEmpty() && width - used > 24)
    line(painter, m_style.name, m_style.muted, kNodeMargin + used, 18, width - used, m_facts.name);

  const double full = kNodeWidth - 2 * kNodeMargin;
  if (!m_facts.error.isEmpty()) {
    painter.setFont(m_style.summary);
    painter.setPen(m_style.failed);
    QTextOption betweenWords(Qt::AlignLeft | Qt::AlignTop);
    betweenWords.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);  // a path has no words
    QString text = m_facts.error;
    while (text.size() > 4 && painter.boundingRect(QRectF(0, 0, full, 100), text, betweenWords).height() > 31)
      text = text.left(text.size() - 4).trimmed() + QChar(0x2026);
    painter.drawText(QRectF(kNodeMargin, 31, full, 34), text, betweenWords);
    return;
  }
  const QString summary = m_facts.bypassed ? QStringLiteral("bypassed") : m_facts.summary;
  // As with the title: smaller before cut. The usual "500 m · nearest · EPSG:32610" then fits.
  const double wide = full + kNodeMargin / 2;
  const bool summaryFits = QFontMetricsF(m_style.summary).horizontalAdvance(summary) <= wide;
  line(painter, summaryFits ? m_style.summary : m_style.longSummary, m_style.muted, kNodeMargin, 37, wide, summary);
  line(painter, m_style.size, m_facts.bypassed ? m_style.muted : m_style.text, kNodeMargin, 55, full, m_facts.size);
}

void NodeItem::paintStrip(QPainter& painter, const QRectF& strip) const {
  const double radius = strip.height() / 2;
  const auto bar = [&](const QColor& color, double fraction) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_style.track);
    painter.drawRoundedRect(strip, radius, radius);
    QRectF filled = strip;
    filled.setWidth(std::max(strip.height(), strip.width() * fraction));
    if (fraction <= 0) return;
    painter.setBrush(color);
    painter.drawRoundedRect(filled, radius, radius);
  };
  switch (m_run.state) {
    case NodeState::Idle:
    case NodeState::Stale: bar(m_style.track, 0); break;
    case NodeState::Waiting:
      painter.setPen(QPen(m_style.waiting, 1, Qt::DotLine));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(strip.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
      break;
    case NodeState::Running: bar(m_run.isView ? m_style.done : m_style.running, m_run.fraction); break;
    case NodeState::Done: bar(m_style.done, 1); break;
    case NodeState::Paused: {
      bar(m_style.paused, m_run.fraction);
      painter.setPen(QPen(m_style.face, 1.5));
      for (double x = strip.left() + 4; x < strip.left() + strip.width() * m_run.fraction - 4; x += 7)
        painter.drawLine(QPointF(x, strip.bottom()), QPointF(x + 4, strip.top()));
      break;
    }
    case NodeState::Failed: bar(m_style.failed, std::max(m_run.fraction, 0.04)); break;
    case NodeState::Canceled: bar(m_style.waiting, m_run.fraction); break;
  }
}

void NodeItem::paintPorts(QPainter& painter) const {
  for (int i = 0; i < m_facts.inputs.size(); ++i) {
    const bool hot = m_marks.hotPort == i;
    painter.setPen(QPen(hot ? m_style.accent : m_style.wire, hot ? 2.2 : 1.5));
    painter.setBrush(m_style.face);
    const double radius = hot ? kPortRadius + 1.5 : kPortRadius;
    painter.drawEllipse(inputPosition(i) - pos(), radius, radius);
  }
  if (m_facts.hasOutput) {
    const bool hot = m_marks.hotPort == -1;
    painter.setPen(Qt::NoPen);
    painter.setBrush(hot ? m_style.accent : m_style.wire);
    const double radius = hot ? kPortRadius + 1.5 : kPortRadius;
    painter.drawEllipse(outputPosition() - pos(), radius, radius);
  }
}

}  // namespace cubeloom
