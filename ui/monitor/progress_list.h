// SPDX-License-Identifier: GPL-3.0-or-later
// Progress of every operation: a bar, "75 / 121" and what flows through it.
#pragma once

#include <QAbstractScrollArea>

#include "ui/monitor/run_history.h"

namespace cubeloom {

/// One painted row per node; scrolls when there are more than fit.
class ProgressList : public QAbstractScrollArea {
  Q_OBJECT
 public:
  explicit ProgressList(const RunHistory& history, QWidget* parent = nullptr);
  void refresh();
  /// The right end of a row: "1.66 GiB read", "view", "912 MiB/s", "11.2 MiB".
  QString nameOf(const NodeProgress& node) const;
  QString flowText(std::size_t row) const;

  QSize sizeHint() const override { return {400, 160}; }
  QSize minimumSizeHint() const override { return {220, 40}; }

 signals:
  void nodeChosen(const QString& node);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool viewportEvent(QEvent* event) override;

 private:
  int rowHeight() const;
  void paintRow(QPainter& painter, const QRect& row, std::size_t index) const;

  const RunHistory& m_history;
};

}  // namespace cubeloom
