// SPDX-License-Identifier: GPL-3.0-or-later
// Paints the progress rows; every state has a mark beside its colour.
#include "ui/monitor/progress_list.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

#include "engine/base/text.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/run_text.h"

namespace cubeloom {
namespace {

constexpr int kLeastRow = 20;
constexpr int kMostRow = 34;
constexpr int kFlowWidth = 96;
constexpr int kMargin = 2;

enum class RowState { Waiting, Running, Paused, Done, Failed, Canceled };

RowState stateOf(const RunHistory& history, const NodeProgress& node) {
  if (const auto& report = history.report()) {
    for (const Error& error : report->errors) {
      if (error.node == node.id) return RowState::Failed;
    }
    if (node.chunksTotal > 0 && node.chunksDone >= node.chunksTotal) return RowState::Done;
    return report->status == RunStatus::Finished ? RowState::Done : RowState::Canceled;
  }
  if (node.chunksTotal > 0 && node.chunksDone >= node.chunksTotal) return RowState::Done;
  if (history.isPaused()) return RowState::Paused;
  return node.chunksDone > 0 || node.bytesIn > 0 ? RowState::Running : RowState::Waiting;
}

QColor colorOf(RowState state) {
  switch (state) {
    case RowState::Waiting:
    case RowState::Canceled: return color(Token::Waiting);
    case RowState::Running: return color(Token::Running);
    case RowState::Paused: return color(Token::Paused);
    case RowState::Done: return color(Token::Done);
    case RowState::Failed: return color(Token::Failed);
  }
  return {};
}

QString markOf(RowState state) {
  switch (state) {
    case RowState::Done: return QStringLiteral("✓ ");
    case RowState::Failed: return QStringLiteral("✕ ");
    case RowState::Paused: return QStringLiteral("‖ ");
    default: return {};
  }
}

}  // namespace

ProgressList::ProgressList(const RunHistory& history, QWidget* parent) : QAbstractScrollArea(parent), m_history(history) {
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("Progress of the operations"));
  viewport()->setAutoFillBackground(false);
  verticalScrollBar()->setSingleStep(kLeastRow);
}

int ProgressList::rowHeight() const {
  const int rows = std::max(1, static_cast<int>(m_history.snapshot().nodes.size()));
  return std::clamp(viewport()->height() / rows, kLeastRow, kMostRow);
}

void ProgressList::refresh() {
  const auto& nodes = m_history.snapshot().nodes;
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setRange(0, std::max(0, rowHeight() * static_cast<int>(nodes.size()) - viewport()->height()));
  QStringList words;
  for (const NodeProgress& node : nodes) {
    words << tr("%1: %2 of %3").arg(nameOf(node)).arg(node.chunksDone).arg(node.chunksTotal);
  }
  setAccessibleDescription(words.join(QStringLiteral("; ")));
  if (isVisible()) viewport()->update();
}

QString ProgressList::nameOf(const NodeProgress& node) const { return m_history.facts().nameOf(QString::fromStdString(node.id)); }

QString ProgressList::flowText(std::size_t row) const {
  const auto& nodes = m_history.snapshot().nodes;
  if (row >= nodes.size()) return {};
  const NodeProgress& node = nodes[row];
  if (node.isView) return tr("view");
  if (node.op == "open") return tr("%1 read").arg(sizeText(node.bytesIn > 0 ? node.bytesIn : node.bytesOut));
  if (node.op == "write") return sizeText(node.bytesOut > 0 ? node.bytesOut : node.bytesIn);
  const QString rate = rateText(m_history.rateOf(row));
  return rate.isEmpty() ? QStringLiteral("–") : rate;
}

void ProgressList::paintRow(QPainter& painter, const QRect& row, std::size_t index) const {
  const NodeProgress& node = m_history.snapshot().nodes[index];
  const RowState state = stateOf(m_history, node);
  // A view has nothing left to do, however far the others are.
  const QColor ink = node.isView && state == RowState::Running ? color(Token::Done) : colorOf(state);
  const QString count = markOf(state) + countText(node.chunksDone) + QStringLiteral(" / ") + countText(node.chunksTotal);
  painter.setFont(theme().font(13, true));
  const int countWidth = std::max(78, painter.fontMetrics().horizontalAdvance(count) + 10);
  const int nameWidth = std::clamp(row.width() / 4, 60, 170);

  painter.setFont(theme().font(13));
  painter.setPen(color(Token::Text));
  const QString name = painter.fontMetrics().elidedText(nameOf(node), Qt::ElideRight, nameWidth - 6);
  painter.drawText(QRect(row.left(), row.top(), nameWidth, row.height()), Qt::AlignLeft | Qt::AlignVCenter, name);

  const int barHeight = std::min(18, row.height() - 6);
  QRectF bar(row.left() + nameWidth, row.center().y() - barHeight / 2.0 + 1, row.width() - nameWidth - countWidth - kFlowWidth, barHeight);
  bar.adjust(0.5, 0.5, -0.5, -0.5);
  painter.setPen(QPen(state == RowState::Waiting ? ink : color(Token::Grid), 1, state == RowState::Waiting ? Qt::DotLine : Qt::SolidLine));
  painter.setBrush(color(Token::Surface));
  painter.drawRoundedRect(bar, 3, 3);
  const double fraction =
      node.chunksTotal > 0 ? std::clamp(static_cast<double>(node.chunksDone) / static_cast<double>(node.chunksTotal), 0.0, 1.0) : 0;
  if (fraction > 0) {
    QPainterPath shape;
    shape.addRoundedRect(bar, 3, 3);
    painter.save();
    painter.setClipPath(shape);
    const QRectF filled(bar.left(), bar.top(), bar.width() * fraction, bar.height());
    painter.fillRect(filled, ink);
    if (state == RowState::Paused || state == RowState::Canceled) painter.fillRect(filled, QBrush(color(Token::Surface), Qt::BDiagPattern));
    painter.restore();
  }
  if (state == RowState::Failed) {
    painter.setPen(QPen(ink, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(bar, 3, 3);
  }

  painter.setFont(theme().font(13, true));
  painter.setPen(state == RowState::Failed ? ink : color(Token::Text));
  painter.drawText(QRect(static_cast<int>(bar.right()) + 2, row.top(), countWidth - 4, row.height()), Qt::AlignRight | Qt::AlignVCenter,
                   count);
  painter.setFont(theme().font(12));
  painter.setPen(color(Token::Muted));
  painter.drawText(QRect(row.right() - kFlowWidth, row.top(), kFlowWidth, row.height()), Qt::AlignRight | Qt::AlignVCenter,
                   flowText(index));
}

void ProgressList::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  const int height = rowHeight(), count = static_cast<int>(m_history.snapshot().nodes.size());
  for (int index = 0; index < count; ++index) {
    const QRect row(kMargin, index * height - verticalScrollBar()->value(), viewport()->width() - 2 * kMargin, height);
    if (row.bottom() >= 0 && row.top() < viewport()->height()) paintRow(painter, row, static_cast<std::size_t>(index));
  }
}

void ProgressList::mousePressEvent(QMouseEvent* event) {
  const auto index = static_cast<std::size_t>((event->pos().y() + verticalScrollBar()->value()) / rowHeight());
  const auto& nodes = m_history.snapshot().nodes;
  if (event->button() == Qt::LeftButton && index < nodes.size()) Q_EMIT nodeChosen(QString::fromStdString(nodes[index].id));
}

void ProgressList::resizeEvent(QResizeEvent*) { refresh(); }

bool ProgressList::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const auto index = static_cast<std::size_t>((help->pos().y() + verticalScrollBar()->value()) / rowHeight());
  const auto& nodes = m_history.snapshot().nodes;
  if (index >= nodes.size()) return true;
  const NodeProgress& node = nodes[index];
  QToolTip::showText(help->globalPos(),
                     tr("%1\n%2 in, %3 out\n%4 s of workers' time")
                         .arg(nameOf(node), sizeText(node.bytesIn), sizeText(node.bytesOut))
                         .arg(node.seconds, 0, 'f', 2),
                     this);
  return true;
}

}  // namespace cubeloom
