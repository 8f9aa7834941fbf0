// SPDX-License-Identifier: GPL-3.0-or-later
// The list of runs: how each went, of which chain, and what had changed since the one before.
#pragma once

#include <QWidget>

#include "ui/document/document.h"
#include "ui/run/kept_runs.h"
#include "ui/run/session.h"

class QLabel;
class QPushButton;
class QTreeWidget;

namespace cubeloom {

/// GUI thread only.
class RunsView : public QWidget {
  Q_OBJECT
 public:
  RunsView(Document& document, Session& session, QWidget* parent = nullptr);
  const KeptRuns& kept() const { return m_kept; }
  /// The text of a cell, for tests and the clipboard.
  QString cell(int row, int column) const;

 public slots:
  /// Of the current row.
  void replay();
  void openChain();
  void chooseFile();

 signals:
  /// A file of events is to be shown.
  void replayRequested(const QString& file, const QString& title);
  void chainRequested(const RunOrigin& origin);

 private:
  void refresh();
  void markResumable();
  const KeptRun* current() const;

  KeptRuns m_kept;
  QTreeWidget* m_list;
  QLabel* m_empty;
  QPushButton *m_replay, *m_chain;
};

}  // namespace cubeloom
