// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor of the workbench: takes what the session's run tells into the history and shows it.
#pragma once

#include <QWidget>
#include <cstddef>

#include "ui/document/document.h"
#include "ui/monitor/monitor_panel.h"
#include "ui/monitor/run_history.h"
#include "ui/run/session.h"

namespace cubeloom {

/// GUI thread only. Expands by itself when the first run starts; never takes the focus.
class MonitorView : public QWidget {
  Q_OBJECT
 public:
  MonitorView(Document& document, Session& session, QWidget* parent = nullptr);

 signals:
  void collapsedChanged(bool collapsed);

 private:
  void begin();
  void pull();
  void finish();

  Session& m_session;
  RunHistory m_history;
  MonitorPanel* m_panel = nullptr;
  std::size_t m_cursor = 0;
  bool m_hasExpanded = false;
};

}  // namespace cubeloom
