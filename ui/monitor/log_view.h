// SPDX-License-Identifier: GPL-3.0-or-later
// The log of a run as a table: time, level, node, text.
#pragma once

#include <QAbstractTableModel>
#include <QTableView>

#include "ui/monitor/run_history.h"

namespace cubeloom {

/// Rows of RunHistory::log(), oldest first.
class LogModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Time, Level, Node, Text, ColumnCount };
  explicit LogModel(const RunHistory& history, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  /// Tab-separated, one line a row; all rows when `rows` is empty.
  QString text(QList<int> rows) const;

 private:
  void takeNewLines();

  const RunHistory& m_history;
  int m_rows = 0;
};

/// Follows the newest line unless the user has scrolled up. Ctrl+C copies the selected rows.
class LogView : public QTableView {
  Q_OBJECT
 public:
  explicit LogView(const RunHistory& history, QWidget* parent = nullptr);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  void copySelection() const;

  LogModel* m_model = nullptr;
};

}  // namespace cubeloom
