// SPDX-License-Identifier: GPL-3.0-or-later
// Joins session and monitor.
#include "ui/monitor/monitor_view.h"

#include <QVBoxLayout>
#include <vector>

namespace cubeloom {

MonitorView::MonitorView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_panel(new MonitorPanel(m_history, this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_panel);
  connect(m_panel, &MonitorPanel::collapsedChanged, this, [this](bool collapsed) {
    setMaximumHeight(m_panel->maximumHeight());
    updateGeometry();
    Q_EMIT collapsedChanged(collapsed);
  });
  connect(&session, &Session::runStarted, this, &MonitorView::begin);
  connect(&session, &Session::snapshotChanged, this, &MonitorView::pull);
  connect(&session, &Session::runFinished, this, &MonitorView::finish);
  connect(&session, &Session::optionsChanged, this, [this] { m_history.setPaused(m_session.isPaused()); });
  connect(&session, &Session::runRefused, this, [this](const QString& why) {
    if (!m_history.hasRun()) m_panel->setEmptyText(tr("Not started: %1").arg(why));
    m_history.note(LogLevel::Warning, {}, tr("not started: %1").arg(why));
  });
  connect(m_panel, &MonitorPanel::nodeChosen, this, [&document](const QString& node) {
    if (document.chain().find(node.toStdString())) document.setSelection({node});
  });
  if (session.run()) begin();
  if (session.report()) finish();
}

void MonitorView::begin() {
  const auto run = m_session.run();
  if (!run) return;
  m_cursor = 0;
  m_history.begin(runFactsOf(run->plan(), m_session.system()));
  if (!m_hasExpanded) {
    m_hasExpanded = true;
    m_panel->setCollapsed(false);
  }
  pull();  // the charts begin at 0 s
}

void MonitorView::pull() {
  const auto run = m_session.run();
  if (!run || !m_history.isRunning()) return;
  m_history.setPaused(m_session.isPaused());
  const std::vector<ChunkEvent> events = run->events(m_cursor);
  m_history.take(m_session.snapshot(), events);
}

void MonitorView::finish() {
  pull();
  if (m_session.report()) m_history.finish(*m_session.report());
}

}  // namespace cubeloom
