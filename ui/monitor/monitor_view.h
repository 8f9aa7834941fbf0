// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor of the workbench: takes what the session's run tells into the history and shows it.
#pragma once

#include <QWidget>
#include <cstddef>
#include <memory>

#include "engine/base/background.h"
#include "ui/async/mailbox.h"
#include "ui/document/document.h"
#include "ui/monitor/monitor_panel.h"
#include "ui/monitor/run_file.h"
#include "ui/monitor/run_history.h"
#include "ui/run/session.h"

class QFrame;
class QPushButton;

namespace cubeloom {

class ElidedLabel;

/// Shows the run that goes on or was the last; in its place a kept one, when asked. GUI thread only. Expands by itself when the first run
/// starts; never takes the focus.
class MonitorView : public QWidget {
  Q_OBJECT
 public:
  MonitorView(Document& document, Session& session, QWidget* parent = nullptr);

  /// Reads the file on a worker, then shows it in place of the run, under `title`.
  void showRunFile(const QString& file, const QString& title);
  bool isReplaying() const { return m_replay != nullptr; }
  /// What the strip above the run says; empty while there is none.
  QString originText() const;
  MonitorPanel& panel() { return m_replay ? *m_replay->panel : *m_panel; }

 signals:
  void collapsedChanged(bool collapsed);
  void problem(const QString& text);
  /// The chain of the run that is shown is to be seen.
  void chainRequested(const RunOrigin& origin);

 private:
  void collapse(bool collapsed);
  void begin();
  void pull();
  void finish();

  /// A recorded run knows operations and ids; what people call them is this program's.
  void nameSteps(RunFile& file) const;
  void showReplay(const RunFile& file, const QString& title);
  void showLive();
  void refreshOrigin();

  struct Replay {
    RunHistory history;
    MonitorPanel* panel = nullptr;
    QString title;
  };

  Session& m_session;
  const Registry& m_registry;
  RunHistory m_history;
  std::unique_ptr<Replay> m_replay;
  QFrame* m_strip = nullptr;
  ElidedLabel* m_origin = nullptr;
  QPushButton* m_back = nullptr;
  MonitorPanel* m_panel = nullptr;
  std::size_t m_cursor = 0, m_noteCursor = 0;
  bool m_hasExpanded = false;
  Mailbox m_mailbox;
  Background m_background;  ///< reads run files; last, so that its work ends before what it uses
};

}  // namespace cubeloom
