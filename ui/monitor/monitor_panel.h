// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor's face over a run's history: tabs, headline, progress, charts, chunks, log.
#pragma once

#include <QStringList>
#include <QWidget>
#include <vector>

#include "ui/monitor/run_history.h"

class QLabel;
class QToolButton;
class QPushButton;

namespace cubeloom {

class ChunkMap;
class ElidedLabel;
class ErrorCard;
class LogView;
class ProgressList;
class RunCharts;

class MonitorPanel : public QWidget {
  Q_OBJECT
 public:
  enum class Page { Progress, Timeline, Memory, Cpu, Io, Chunks, Log };
  static constexpr int kCollapsedHeight = 28;
  static constexpr int kExpandedHeight = 226;

  explicit MonitorPanel(RunHistory& history, QWidget* parent = nullptr);

  Page page() const { return m_page; }
  void setPage(Page page);
  void setCollapsed(bool collapsed);
  RunCharts& charts() { return *m_charts; }
  /// The right end of the tab row.
  QString headlineText() const;
  /// A sentence in place of the empty state, such as why a run was refused.
  void setEmptyText(const QString& text);

  QSize sizeHint() const override { return {1200, m_collapsed ? kCollapsedHeight : kExpandedHeight}; }
  QSize minimumSizeHint() const override { return {480, m_collapsed ? kCollapsedHeight : 180}; }

 signals:
  void collapsedChanged(bool collapsed);
  /// A progress row was clicked.
  void nodeChosen(const QString& node);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QWidget* makeTabRow();
  void arrange();
  void begin();
  void take();
  void finish();
  void showHeadline();
  void showHold();
  void showRestriction();
  void openFolder();

  RunHistory& m_history;
  RunCharts* m_charts = nullptr;
  ProgressList* m_progress = nullptr;
  ChunkMap* m_chunks = nullptr;
  LogView* m_log = nullptr;
  ErrorCard* m_errors = nullptr;
  QWidget* m_content = nullptr;
  QWidget* m_left = nullptr;        ///< errors over progress
  QWidget* m_sideCharts = nullptr;  ///< CPU over I/O
  QLabel* m_empty = nullptr;
  ElidedLabel* m_headline = nullptr;
  QPushButton* m_folder = nullptr;
  QToolButton* m_hold = nullptr;
  QToolButton* m_chip = nullptr;  ///< the part of the run that the charts are restricted to
  QToolButton* m_collapse = nullptr;
  std::vector<QToolButton*> m_tabs;
  Page m_page = Page::Progress;
  bool m_collapsed = false;
};

}  // namespace cubeloom
