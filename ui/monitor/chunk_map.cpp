// SPDX-License-Identifier: GPL-3.0-or-later
// Paints chunk states with colour and pattern, so that a grey picture still tells them apart.
#include "ui/monitor/chunk_map.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {
namespace {

constexpr int kMostCell = 26;
constexpr int kHeading = 18;
constexpr int kLegendHeight = 22;

/// What needs attention first when one cell stands for several chunks.
int urgency(ChunkState state) {
  constexpr std::array kOrder{ChunkState::Done,    ChunkState::Waiting,   ChunkState::Canceled, ChunkState::Reading,
                              ChunkState::Writing, ChunkState::Computing, ChunkState::Failed};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), state) - kOrder.begin());
}

struct Look {
  Token color;
  Qt::BrushStyle brush;
  const char* mark;  // drawn over large cells
};

Look lookOf(ChunkState state) {
  switch (state) {
    case ChunkState::Waiting: return {Token::Waiting, Qt::NoBrush, ""};
    case ChunkState::Reading: return {Token::Read, Qt::BDiagPattern, ""};
    case ChunkState::Computing: return {Token::Running, Qt::DiagCrossPattern, ""};
    case ChunkState::Writing: return {Token::Write, Qt::FDiagPattern, ""};
    case ChunkState::Done: return {Token::Done, Qt::SolidPattern, "✓"};
    case ChunkState::Failed: return {Token::Failed, Qt::SolidPattern, "✕"};
    case ChunkState::Canceled: return {Token::Paused, Qt::HorPattern, ""};
  }
  return {Token::Waiting, Qt::NoBrush, ""};
}

void paintCell(QPainter& painter, const QRect& cell, ChunkState state) {
  const Look look = lookOf(state);
  const QColor ink = color(look.color);
  const QRect face = cell.width() >= 4 ? cell.adjusted(0, 0, -2, -2) : cell.adjusted(0, 0, -1, -1);
  if (face.width() < 4) {
    painter.fillRect(cell, state == ChunkState::Waiting ? color(Token::Grid) : ink);
    return;
  }
  painter.fillRect(face.adjusted(0, 0, 1, 1), look.brush == Qt::SolidPattern ? ink : color(Token::Surface));
  if (look.brush != Qt::SolidPattern && look.brush != Qt::NoBrush) painter.fillRect(face.adjusted(0, 0, 1, 1), QBrush(ink, look.brush));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(ink, 1, state == ChunkState::Waiting ? Qt::DotLine : Qt::SolidLine));
  painter.drawRect(face);
  if (*look.mark == 0 || face.width() < 11) return;
  painter.setPen(color(Token::Surface));
  QFont font = theme().font(face.width() - 4, true);
  painter.setFont(font);
  painter.drawText(face, Qt::AlignCenter, QString::fromUtf8(look.mark));
}

}  // namespace

ChunkMap::ChunkMap(const RunHistory& history, QWidget* parent) : QWidget(parent), m_history(history) {
  setAccessibleName(tr("Chunks and their states"));
}

void ChunkMap::refresh() {
  if (!isVisible()) return;
  std::int64_t done = 0, failed = 0;
  for (const auto& stage : m_history.chunks()) {
    done += std::count_if(stage.begin(), stage.end(), [](const ChunkCell& cell) { return cell.state == ChunkState::Done; });
    failed += std::count_if(stage.begin(), stage.end(), [](const ChunkCell& cell) { return cell.state == ChunkState::Failed; });
  }
  QString words = tr("%1 done, %2 in work").arg(countText(done), countText(static_cast<std::int64_t>(m_history.snapshot().inHand.size())));
  if (failed > 0) words += tr(", %1 failed").arg(countText(failed));
  setAccessibleDescription(words);
  update();
}

const WorkInHand* ChunkMap::inHand(std::size_t stage, std::int64_t chunk) const {
  for (const WorkInHand& work : m_history.snapshot().inHand)
    if (work.stage == static_cast<int>(stage) && work.index == chunk) return &work;
  return nullptr;
}

ChunkMap::Layout ChunkMap::layoutOf(QSize size) const {
  const auto& stages = m_history.chunks();
  Layout layout;
  const int width = std::max(1, size.width());
  const int height = std::max(1, size.height() - kLegendHeight - kHeading * static_cast<int>(stages.size()));
  std::int64_t chunks = 0;
  for (const auto& stage : stages) chunks += static_cast<std::int64_t>(stage.size());
  const auto rowsNeeded = [&](int cell, std::int64_t perCell) {
    const int columns = std::max(1, width / cell);
    std::int64_t rows = 0;
    for (const auto& stage : stages) {
      const auto cells = (static_cast<std::int64_t>(stage.size()) + perCell - 1) / perCell;
      rows += (cells + columns - 1) / columns;
    }
    return rows;
  };
  layout.cell = kMostCell;
  while (layout.cell > 2 && rowsNeeded(layout.cell, 1) * layout.cell > height) --layout.cell;
  while (rowsNeeded(layout.cell, layout.perCell) * layout.cell > height && layout.perCell < std::max<std::int64_t>(1, chunks)) {
    layout.perCell *= 2;
  }
  layout.columns = std::max(1, width / layout.cell);
  int y = 0;
  for (const auto& stage : stages) {
    layout.tops.push_back(y + kHeading);
    const auto cells = (static_cast<std::int64_t>(stage.size()) + layout.perCell - 1) / layout.perCell;
    y += kHeading + static_cast<int>((cells + layout.columns - 1) / layout.columns) * layout.cell;
  }
  return layout;
}

int ChunkMap::cellSize() const { return layoutOf(size()).cell; }
std::int64_t ChunkMap::chunksPerCell() const { return layoutOf(size()).perCell; }

QString ChunkMap::describe(QPoint position) const {
  const Layout layout = layoutOf(size());
  const auto& stages = m_history.chunks();
  for (std::size_t s = stages.size(); s-- > 0;) {
    if (position.y() < layout.tops[s] || position.x() < 0 || position.x() >= layout.columns * layout.cell) continue;
    const std::int64_t cell = std::int64_t{(position.y() - layout.tops[s]) / layout.cell} * layout.columns + position.x() / layout.cell;
    const std::int64_t first = cell * layout.perCell;
    if (first >= static_cast<std::int64_t>(stages[s].size())) return {};
    const QString node = m_history.facts().nameOf(m_history.facts().stages[s].node);
    if (layout.perCell > 1) {
      return tr("chunks %1–%2 of %3")
          .arg(first)
          .arg(std::min(first + layout.perCell, static_cast<std::int64_t>(stages[s].size())) - 1)
          .arg(node);
    }
    const ChunkCell& chunk = stages[s][static_cast<std::size_t>(first)];
    if (const WorkInHand* work = inHand(s, first)) {
      return tr("chunk %1 of %2 · in work, %3 · worker %4 · since %5 s")
          .arg(first)
          .arg(node, QString::fromLatin1(chunkStateName(work->phase)))
          .arg(work->worker + 1)
          .arg(work->start, 0, 'f', 3);
    }
    QString text = tr("chunk %1 of %2 · %3").arg(first).arg(node, QString::fromLatin1(chunkStateName(chunk.state)));
    if (chunk.worker >= 0) {
      text += tr(" · worker %1 · %2–%3 s")
                  .arg(chunk.worker + 1)
                  .arg(static_cast<double>(chunk.start), 0, 'f', 3)
                  .arg(static_cast<double>(chunk.end), 0, 'f', 3);
    }
    return text;
  }
  return {};
}

void ChunkMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Layout layout = layoutOf(size());
  const auto& stages = m_history.chunks();
  for (std::size_t s = 0; s < stages.size(); ++s) {
    painter.setFont(theme().font(11));
    painter.setPen(color(Token::Muted));
    QString heading =
        tr("%1 · %2 chunks")
            .arg(m_history.facts().nameOf(m_history.facts().stages[s].node), countText(static_cast<std::int64_t>(stages[s].size())));
    if (layout.perCell > 1) heading += tr(" · one cell stands for %1").arg(layout.perCell);
    painter.drawText(QRect(0, layout.tops[s] - kHeading, width(), kHeading - 3), Qt::AlignLeft | Qt::AlignVCenter, heading);
    const auto count = static_cast<std::int64_t>(stages[s].size());
    for (std::int64_t cell = 0; cell * layout.perCell < count; ++cell) {
      ChunkState shown = ChunkState::Done;
      const std::int64_t end = std::min(count, (cell + 1) * layout.perCell);
      for (std::int64_t chunk = cell * layout.perCell; chunk < end; ++chunk) {
        const ChunkState state = stages[s][static_cast<std::size_t>(chunk)].state;
        if (urgency(state) > urgency(shown)) shown = state;
      }
      const int x = static_cast<int>(cell % layout.columns) * layout.cell;
      const int y = layout.tops[s] + static_cast<int>(cell / layout.columns) * layout.cell;
      paintCell(painter, QRect(x, y, layout.cell, layout.cell), shown);
    }
    // Over what is known from finished phases: what the workers have in hand at this moment.
    for (const WorkInHand& work : m_history.snapshot().inHand) {
      if (work.stage != static_cast<int>(s) || work.index < 0 || work.index >= count) continue;
      if (stages[s][static_cast<std::size_t>(work.index)].state == ChunkState::Failed) continue;
      const std::int64_t cell = work.index / layout.perCell;
      paintCell(painter,
                QRect(static_cast<int>(cell % layout.columns) * layout.cell,
                      layout.tops[s] + static_cast<int>(cell / layout.columns) * layout.cell, layout.cell, layout.cell),
                work.phase);
    }
  }
  paintLegend(painter, QRect(0, height() - kLegendHeight, width(), kLegendHeight));
}

void ChunkMap::paintLegend(QPainter& painter, const QRect& area) const {
  std::array<std::int64_t, kChunkStates> counts{};
  for (const auto& stage : m_history.chunks()) {
    for (const ChunkCell& chunk : stage) ++counts[static_cast<std::size_t>(chunk.state)];
  }
  for (const WorkInHand& work : m_history.snapshot().inHand) {
    const auto stage = static_cast<std::size_t>(work.stage);
    if (stage >= m_history.chunks().size() || work.index < 0 || work.index >= static_cast<std::int64_t>(m_history.chunks()[stage].size()))
      continue;
    --counts[static_cast<std::size_t>(m_history.chunks()[stage][static_cast<std::size_t>(work.index)].state)];
    ++counts[static_cast<std::size_t>(work.phase)];
  }
  int x = area.left();
  for (int s = 0; s < kChunkStates; ++s) {
    const auto state = static_cast<ChunkState>(s);
    const bool isRare = state == ChunkState::Failed || state == ChunkState::Canceled;
    if (isRare && counts[static_cast<std::size_t>(s)] == 0) continue;
    paintCell(painter, QRect(x, area.center().y() - 6, 14, 14), state);
    painter.setFont(theme().font(11));
    painter.setPen(color(Token::Muted));
    const QString text =
        QStringLiteral("%1 %2").arg(QString::fromLatin1(chunkStateName(state)), countText(counts[static_cast<std::size_t>(s)]));
    painter.drawText(QRect(x + 18, area.top(), area.width(), area.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
    x += 18 + painter.fontMetrics().horizontalAdvance(text) + 16;
  }
}

bool ChunkMap::event(QEvent* event) {
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
