// SPDX-License-Identifier: GPL-3.0-or-later
// Joins session and monitor.
#include "ui/monitor/monitor_view.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <vector>

#include "engine/base/guard.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/words/chain_text.h"

namespace cubeloom {

MonitorView::MonitorView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_registry(*document.services().registry), m_panel(new MonitorPanel(m_history, this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  m_strip = new QFrame(this);
  setRole(m_strip, "note");
  m_origin = new ElidedLabel(m_strip);
  m_back = new QPushButton(m_strip);
  setRole(m_back, "link");
  auto* row = new QHBoxLayout(m_strip);
  row->setContentsMargins(12, 2, 8, 2);
  row->addWidget(m_origin, 1);
  row->addWidget(m_back);
  layout->addWidget(m_strip);
  layout->addWidget(m_panel, 1);
  connect(m_back, &QPushButton::clicked, this, [this] {
    if (m_replay) {
      showLive();
    } else {
      Q_EMIT chainRequested(m_session.runOrigin());
    }
  });
  connect(&document, &Document::chainChanged, this, &MonitorView::refreshOrigin);
  connect(&document, &Document::pathChanged, this, &MonitorView::refreshOrigin);
  connect(m_panel, &MonitorPanel::collapsedChanged, this, &MonitorView::collapse);
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
  refreshOrigin();
}

void MonitorView::collapse(bool collapsed) {
  setMaximumHeight(panel().maximumHeight());
  updateGeometry();
  refreshOrigin();
  Q_EMIT collapsedChanged(collapsed);
}

QString MonitorView::originText() const { return m_strip->isHidden() ? QString() : m_origin->text(); }

/// Where the run that is shown is not that of the chain in the window, it says whose it is, and how to get there.
void MonitorView::refreshOrigin() {
  const bool isForeign = m_session.run() && !m_session.isRunOfDocument();
  const bool isCollapsed = panel().maximumHeight() == MonitorPanel::kCollapsedHeight;
  m_strip->setVisible((m_replay || isForeign) && !isCollapsed);
  if (m_replay) {
    m_origin->setText(tr("A run of before: %1").arg(m_replay->title));
    m_back->setText(m_session.isRunning() ? tr("Back to the run that goes on") : tr("Close it"));
  } else if (isForeign) {
    m_origin->setText(m_session.isRunning()
                          ? tr("Running: “%1”, another chain than the one above").arg(m_session.runOrigin().name)
                          : tr("The last run was of “%1”, another chain than the one above").arg(m_session.runOrigin().name));
    m_back->setText(tr("Open its chain"));
  }
}

void MonitorView::showRunFile(const QString& file, const QString& title) {
  m_background.start([this, file, title] {
    auto read = guarded([&] { return readRunFile(file.toStdString()); });
    m_mailbox.post([this, title, read = std::make_shared<Result<RunFile>>(std::move(read))] {
      if (*read) {
        nameSteps(**read);
        showReplay(**read, title);
      } else {
        Q_EMIT problem(QString::fromStdString(read->error().text()));
      }
    });
  });
}

void MonitorView::nameSteps(RunFile& file) const {
  RunFacts& facts = file.facts;
  facts.names = facts.nodes;
  for (const NodeProgress& node : file.report.nodes) {
    const Operation* operation = m_registry.find(node.op);
    const auto at = facts.nodes.indexOf(QString::fromStdString(node.id));
    if (operation && at >= 0) facts.names[at] = stepText(QString::fromStdString(operation->declaration().title), node.op, node.id);
  }
}

void MonitorView::showReplay(const RunFile& file, const QString& title) {
  showLive();
  m_replay = std::make_unique<Replay>();
  m_replay->title = title;
  m_replay->panel = new MonitorPanel(m_replay->history, this);
  layout()->addWidget(m_replay->panel);
  m_panel->hide();
  connect(m_replay->panel, &MonitorPanel::collapsedChanged, this, &MonitorView::collapse);
  file.replay(m_replay->history);
  refreshOrigin();
}

void MonitorView::showLive() {
  if (m_replay) {
    // What its panel shows goes after it.
    delete m_replay->panel;
    m_replay.reset();
  }
  m_panel->show();
  refreshOrigin();
}

void MonitorView::begin() {
  const auto run = m_session.run();
  if (!run) return;
  showLive();
  m_cursor = m_noteCursor = 0;
  RunFacts facts = runFactsOf(run->plan(), m_session.system());
  facts.cluster = QString::fromStdString(run->cluster());
  m_history.begin(facts);
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
  for (const RunNote& note : run->notes(m_noteCursor))
    m_history.note(note.isWarning ? LogLevel::Warning : LogLevel::Info, {}, QString::fromStdString(note.text));
}

void MonitorView::finish() {
  pull();
  if (m_session.report()) m_history.finish(*m_session.report());
  refreshOrigin();
}

}  // namespace cubeloom
