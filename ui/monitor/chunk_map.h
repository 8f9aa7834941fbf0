// SPDX-License-Identifier: GPL-3.0-or-later
// The state of every chunk of every output, one cell each, in the order in which they are written.
#pragma once

#include <QWidget>

#include "ui/monitor/run_history.h"

namespace cubeloom {

/// Cells shrink to two pixels and then stand for several chunks; such a cell shows the one that needs attention most.
class ChunkMap : public QWidget {
  Q_OBJECT
 public:
  explicit ChunkMap(const RunHistory& history, QWidget* parent = nullptr);
  void refresh();
  /// "chunk 17 of out · computing · worker 3"; empty beside the cells.
  QString describe(QPoint position) const;
  /// The side of a cell in pixels, for tests.
  int cellSize() const;
  std::int64_t chunksPerCell() const;

  QSize sizeHint() const override { return {400, 160}; }
  QSize minimumSizeHint() const override { return {120, 40}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Layout {
    int cell = 12, columns = 1;
    std::int64_t perCell = 1;
    std::vector<int> tops;  ///< of each stage's first row
  };
  Layout layoutOf(QSize size) const;
  /// What a worker has of a chunk in hand; null: nothing.
  const WorkInHand* inHand(std::size_t stage, std::int64_t chunk) const;
  void paintLegend(QPainter& painter, const QRect& area) const;

  const RunHistory& m_history;
};

}  // namespace cubeloom
