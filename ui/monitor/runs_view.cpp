// SPDX-License-Identifier: GPL-3.0-or-later
// Fills the list.
#include "ui/monitor/runs_view.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStandardPaths>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "engine/base/text.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

QString stateText(KeptRun::State state) {
  switch (state) {
    case KeptRun::State::Running: return QStringLiteral("▶ ") + RunsView::tr("running");
    case KeptRun::State::Finished: return QStringLiteral("✓ ") + RunsView::tr("finished");
    case KeptRun::State::Failed: return QStringLiteral("✕ ") + RunsView::tr("failed");
    case KeptRun::State::Canceled: return QStringLiteral("■ ") + RunsView::tr("stopped");
    case KeptRun::State::Interrupted: return QStringLiteral("✕ ") + RunsView::tr("interrupted");
  }
  return {};
}

QString whenText(const QDateTime& start) { return QLocale().toString(start, QLocale::ShortFormat); }

QString keptFolder() { return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/runs"); }

}  // namespace

RunsView::RunsView(Document& document, Session& session, QWidget* parent)
    : QWidget(parent),
      m_kept(document, session, keptFolder()),
      m_list(new QTreeWidget(this)),
      m_empty(new QLabel(tr("Nothing has run yet. Every run is kept here: double-click one to see it again."), this)),
      m_replay(new QPushButton(tr("Replay"), this)),
      m_chain(new QPushButton(tr("Open its chain"), this)) {
  m_list->setHeaderLabels(
      {tr("Status"), tr("Started"), tr("Chain"), tr("Changed since the run before"), tr("Time"), tr("Peak"), tr("Read"), tr("Written")});
  m_list->setRootIsDecorated(false);
  m_list->setUniformRowHeights(true);
  m_list->header()->setStretchLastSection(false);
  m_list->header()->setSectionResizeMode(3, QHeaderView::Stretch);
  m_list->setAllColumnsShowFocus(true);
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setAccessibleName(tr("Runs"));
  m_list->setTextElideMode(Qt::ElideRight);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setWordWrap(true);
  setRole(m_empty, "muted");
  auto* file = new QPushButton(tr("Open a run file…"), this);
  auto* buttons = new QHBoxLayout;
  buttons->setContentsMargins(12, 4, 12, 6);
  buttons->setSpacing(8);
  buttons->addWidget(m_replay);
  buttons->addWidget(m_chain);
  buttons->addWidget(file);
  buttons->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_list, 1);
  column->addWidget(m_empty, 1);
  column->addLayout(buttons);
  connect(&m_kept, &KeptRuns::changed, this, &RunsView::refresh);
  connect(&m_kept, &KeptRuns::resumableChanged, this, &RunsView::markResumable);
  connect(m_list, &QTreeWidget::itemActivated, this, &RunsView::replay);  // Enter and double click
  connect(m_list, &QTreeWidget::currentItemChanged, this, [this] {
    m_replay->setEnabled(current() != nullptr);
    m_chain->setEnabled(current() != nullptr);
  });
  connect(m_replay, &QPushButton::clicked, this, &RunsView::replay);
  connect(m_chain, &QPushButton::clicked, this, &RunsView::openChain);
  connect(file, &QPushButton::clicked, this, &RunsView::chooseFile);
  refresh();
}

const KeptRun* RunsView::current() const {
  const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
  return row >= 0 && static_cast<std::size_t>(row) < m_kept.runs().size() ? &m_kept.runs()[static_cast<std::size_t>(row)] : nullptr;
}

QString RunsView::cell(int row, int column) const {
  const QTreeWidgetItem* item = m_list->topLevelItem(row);
  return item ? item->text(column) : QString();
}

void RunsView::refresh() {
  const auto& runs = m_kept.runs();
  m_list->clear();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const KeptRun& run = runs[i];
    const bool isKnown = run.state != KeptRun::State::Running && run.state != KeptRun::State::Interrupted;
    const auto told = [isKnown](const QString& text) { return isKnown ? text : QStringLiteral("–"); };
    auto* item = new QTreeWidgetItem(m_list, {stateText(run.state), whenText(run.start), run.name,
                                              i + 1 < runs.size() ? chainDifference(runs[i + 1].chain, run.chain) : QString(),
                                              told(QString::fromStdString(formatDuration(run.seconds))), told(sizeText(run.peakBytes)),
                                              told(sizeText(run.bytesRead)), told(sizeText(run.bytesWritten))});
    item->setToolTip(2, run.path.isEmpty() ? run.name : run.path);
    item->setToolTip(3, item->text(3));
    for (int c = 4; c < m_list->columnCount(); ++c) item->setTextAlignment(c, Qt::AlignRight | Qt::AlignVCenter);
  }
  for (int c = 0; c < m_list->columnCount(); ++c) m_list->resizeColumnToContents(c);
  constexpr int kWidestText = 420;
  m_list->setColumnWidth(2, std::min(m_list->columnWidth(2), kWidestText));
  m_list->setVisible(!runs.empty());
  m_empty->setVisible(runs.empty());
  if (!runs.empty()) m_list->setCurrentItem(m_list->topLevelItem(0));
  m_replay->setEnabled(current() != nullptr);
  m_chain->setEnabled(current() != nullptr);
  markResumable();
}

void RunsView::markResumable() {
  for (int row = 0; row < m_list->topLevelItemCount(); ++row) {
    const KeptRun& run = m_kept.runs()[static_cast<std::size_t>(row)];
    const bool isSo = m_kept.isResumable(run);
    QTreeWidgetItem* item = m_list->topLevelItem(row);
    item->setText(0, isSo ? tr("%1, can be resumed").arg(stateText(run.state)) : stateText(run.state));
    item->setToolTip(0, isSo ? tr("What it finished lies beside its output: open its chain to go on with it.") : QString());
  }
  m_list->resizeColumnToContents(0);
}

void RunsView::replay() {
  if (const KeptRun* run = current()) Q_EMIT replayRequested(run->eventsFile(), tr("%1, %2").arg(run->name, whenText(run->start)));
}

void RunsView::openChain() {
  if (const KeptRun* run = current()) Q_EMIT chainRequested({run->chain, run->name, run->path});
}

void RunsView::chooseFile() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a run file"), {}, tr("Events of a run (*.jsonl *.json);;All files (*)"));
  if (!file.isEmpty()) Q_EMIT replayRequested(file, QFileInfo(file).fileName());
}

}  // namespace cubeloom
