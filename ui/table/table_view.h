// SPDX-License-Identifier: GPL-3.0-or-later
// The preview of an array without a picture: its table, and its columns plotted over the lines.
#pragma once

#include <QWidget>

#include "ui/table/table_model.h"
#include "ui/table/table_task.h"

class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace cubeloom {

class ChartFrame;
class TablePlot;

/// GUI thread only; computes nothing on it.
class TableView : public QWidget {
  Q_OBJECT
 public:
  explicit TableView(QWidget* parent = nullptr);
  ~TableView() override;

  void showTable(const QString& title, const TableRequest& request);
  void clear();
  const TableTask& task() const { return m_task; }
  QTableView* table() { return m_table; }
  /// Names of the columns that are plotted.
  QStringList plotted() const;
  /// What Copy puts on the clipboard: the selected cells, with their names; all without a selection. Cells are told apart by tabs.
  QString copyText() const;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QWidget* makeMessage();
  QWidget* makeTable();
  void showState();
  void showPlot();
  std::vector<int> selectedColumns() const;
  std::vector<int> selectedLines() const;
  void fillMenu(QMenu& menu);
  void copy() const;

  QString m_title;
  TableTask m_task;
  TableModel m_model;
  QStackedLayout* m_pages;
  QLabel *m_headline = nullptr, *m_detail = nullptr;
  QProgressBar* m_progress = nullptr;
  QPushButton* m_button = nullptr;
  QTableView* m_table = nullptr;
  TablePlot* m_plot = nullptr;
  ChartFrame* m_frame = nullptr;
  std::vector<int> m_plotted;
};

}  // namespace cubeloom
