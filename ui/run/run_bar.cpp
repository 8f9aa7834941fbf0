// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the run bar and keeps it true: machine, preflight, buttons.
#include "ui/run/run_bar.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QResizeEvent>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/run/blocker_popup.h"
#include "ui/run/clusters.h"
#include "ui/run/queue_popup.h"
#include "ui/run/run_queue.h"
#include "ui/run/size_edit.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/icons.h"
#include "ui/words/number_text.h"
#include "ui/words/run_text.h"

namespace cubeloom {

namespace {

constexpr int kControlHeightPx = 30, kBadgePx = 24;
constexpr int kFactsFromWidthPx = 1560;              ///< below: no facts beside workers, their tooltip says it
constexpr int kMemoryFromWidthPx = 1680;             ///< below: no facts beside memory
constexpr std::int64_t kLeastBudgetBytes = 1 << 20;  ///< what is too little, the plan says with numbers

QLabel* label(const QString& text, const char* role, int pixelSize, QWidget* parent) {
  auto* made = new QLabel(text, parent);
  setRole(made, role);
  made->setFont(theme().font(pixelSize));
  return made;
}

/// The mark on a soft disk.
QIcon badgeIcon(const char* name, Token token, double ratio) {
  QPixmap disk(QSize(kBadgePx, kBadgePx) * ratio);
  disk.setDevicePixelRatio(ratio);
  disk.fill(Qt::transparent);
  QPainter painter(&disk);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color(Token::AccentSoft));
  painter.drawEllipse(QRectF(0, 0, kBadgePx, kBadgePx));
  painter.drawPixmap(QPointF((kBadgePx - 16) / 2.0, (kBadgePx - 16) / 2.0), iconPixmap(name, token, 16, ratio));
  return QIcon(disk);
}

}  // namespace

RunBar::RunBar(Document& document, Session& session, QWidget* parent) : QFrame(parent), m_document(document), m_session(session) {
  setRole(this, "bar");
  setAccessibleName(tr("Run bar"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 7, 12, 7);
  row->setSpacing(8);
  m_leading = new QHBoxLayout;
  m_leading->setSpacing(8);
  row->addLayout(m_leading);
  row->addSpacing(10);
  buildMachine(row);
  buildPreflight(row);
  buildButtons(row);

  connect(&session, &Session::optionsChanged, this, &RunBar::refresh);
  connect(&session, &Session::planChanged, this, &RunBar::refresh);
  connect(&session, &Session::planChanged, this, &RunBar::answer);
  connect(&document, &Document::replaced, this, [this] { m_isAsked = false; });
  connect(&session, &Session::runStarted, this, &RunBar::refresh);
  connect(&session, &Session::snapshotChanged, this, &RunBar::refreshPreflight);
  connect(&session, &Session::runFinished, this, &RunBar::refresh);
  connect(&document, &Document::graphChanged, this, &RunBar::refresh);
  connect(&document, &Document::bindingChanged, this, &RunBar::refreshButtons);
  connect(&document, &Document::selectionChanged, this, &RunBar::refreshButtons);
  connect(&session.clusters(), &Clusters::changed, this, &RunBar::refreshPlace);
  connect(&session.clusters(), &Clusters::arrived, &session, &Session::setPlace);  // who has asked for one wants to run on it
  connect(&session.queue(), &RunQueue::changed, this, &RunBar::refreshButtons);
  refresh();
}

void RunBar::addLeadingAction(QAction* action, bool withText) {
  auto* button = new QToolButton(this);
  button->setDefaultAction(action);
  button->setToolButtonStyle(withText ? Qt::ToolButtonTextOnly : Qt::ToolButtonIconOnly);
  button->setFixedHeight(kControlHeightPx);
  button->setMinimumWidth(withText ? 64 : 36);
  if (withText) button->setFont(theme().font(13, true));
  button->setAccessibleName(action->text().remove(QLatin1Char('&')));
  m_leading->addWidget(button);
}

QSize RunBar::minimumSizeHint() const { return {600, QFrame::minimumSizeHint().height()}; }

QString RunBar::preflight() const { return m_preflight->text(); }

void RunBar::buildMachine(QHBoxLayout* row) {
  const auto twoLines = [this](QWidget* above, QWidget* below) {
    auto* holder = new QWidget(this);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(above);
    column->addWidget(below);
    return holder;
  };

  m_workers = new QSpinBox(this);
  m_workers->setFixedSize(64, kControlHeightPx);
  m_workers->setFont(theme().font(13, true));
  m_workers->setKeyboardTracking(false);
  auto* workersLabel = label(tr("Workers"), "muted", 13, this);
  workersLabel->setBuddy(m_workers);
  m_workers->setAccessibleName(tr("Workers"));
  m_workersOf = label({}, "muted", 11, this);
  m_workersWhy = label({}, "muted", 11, this);
  connect(m_workers, &QSpinBox::valueChanged, &m_session, &Session::setWorkers);

  m_memory = new SizeEdit(this);
  m_memory->setFixedSize(88, kControlHeightPx);
  m_memory->setFont(theme().font(13, true));
  auto* memoryLabel = label(tr("Memory"), "muted", 13, this);
  memoryLabel->setBuddy(m_memory);
  m_memory->setAccessibleName(tr("Memory budget"));
  m_memoryOf = label({}, "muted", 11, this);
  m_memoryBar = new QProgressBar(this);
  m_memoryBar->setTextVisible(false);
  m_memoryBar->setFixedSize(120, 6);
  m_memoryBar->setRange(0, 1000);
  m_memoryBar->setAccessibleName(tr("Share of the available memory"));
  connect(m_memory, &SizeEdit::bytesEdited, &m_session, &Session::setMemoryBudget);

  row->addWidget(workersLabel);
  row->addWidget(m_workers);
  m_workersFacts = twoLines(m_workersOf, m_workersWhy);
  row->addWidget(m_workersFacts);
  row->addSpacing(12);
  row->addWidget(memoryLabel);
  row->addWidget(m_memory);
  m_memoryFacts = twoLines(m_memoryOf, m_memoryBar);
  row->addWidget(m_memoryFacts);
}

void RunBar::buildPreflight(QHBoxLayout* row) {
  auto* rule = new QFrame(this);
  rule->setFixedWidth(1);
  rule->setMinimumHeight(26);
  rule->setAutoFillBackground(true);
  rule->setBackgroundRole(QPalette::Mid);
  row->addSpacing(8);
  row->addWidget(rule);
  row->addSpacing(8);

  auto* column = new QVBoxLayout;
  column->setSpacing(2);
  m_preflightTitle = label(tr("Before you run"), "muted", 11, this);
  m_preflight = new ElidedLabel(this);
  setRole(m_preflight, "value");
  column->addWidget(m_preflightTitle);
  column->addWidget(m_preflight);
  row->addLayout(column, 1);

  m_badge = new QPushButton(this);
  setRole(m_badge, "flat");
  m_badge->setIconSize(QSize(kBadgePx, kBadgePx));
  m_badge->setFont(theme().font(13, true));
  m_badge->setFixedHeight(kControlHeightPx);
  connect(m_badge, &QPushButton::clicked, this, &RunBar::showBlockers);
  connect(&theme(), &Theme::changed, this, &RunBar::refreshPreflight);
  row->addWidget(m_badge);
}

void RunBar::buildButtons(QHBoxLayout* row) {
  m_place = new QToolButton(this);
  m_place->setObjectName(QStringLiteral("runOn"));
  m_place->setFixedHeight(kControlHeightPx);
  m_place->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  m_place->setPopupMode(QToolButton::InstantPopup);
  m_place->setStyleSheet(QStringLiteral("QToolButton { padding-right: 18px; }"));
  auto* places = new QMenu(m_place);
  connect(places, &QMenu::aboutToShow, this, [this, places] {
    m_session.clusters().look();
    fillPlaces(places);
  });
  m_place->setMenu(places);
  m_enqueue = new QToolButton(this);
  m_enqueue->setObjectName(QStringLiteral("enqueue"));
  m_enqueue->setText(tr("Queue"));
  m_enqueue->setFixedHeight(kControlHeightPx);
  connect(m_enqueue, &QToolButton::clicked, this, &RunBar::enqueue);
  m_queued = new QToolButton(this);
  m_queued->setObjectName(QStringLiteral("queued"));
  m_queued->setFixedHeight(kControlHeightPx);
  m_queued->setToolTip(tr("Show the runs that wait"));
  connect(m_queued, &QToolButton::clicked, this, &RunBar::showQueue);
  m_runToHere = new QToolButton(this);
  m_runToHere->setText(tr("Run to here"));
  m_runToHere->setFixedHeight(kControlHeightPx);
  connect(m_runToHere, &QToolButton::clicked, this, &RunBar::runToHere);
  m_run = new QPushButton(this);
  setRole(m_run, "primary");
  m_run->setAutoDefault(true);
  m_run->setFont(theme().font(13, true));
  m_run->setFixedHeight(kControlHeightPx);
  connect(m_run, &QPushButton::clicked, this, &RunBar::run);
  m_stop = new QToolButton(this);
  m_stop->setFixedSize(34, kControlHeightPx);
  m_stop->setAccessibleName(tr("Stop"));
  m_stop->setToolTip(tr("Stop the run; what is finished is kept beside the output, and Resume goes on there (Ctrl+.)"));
  setThemedIcon(m_stop, "stop");
  connect(m_stop, &QToolButton::clicked, &m_session, &Session::stop);
  m_discard = new QToolButton(this);
  m_discard->setText(tr("Discard…"));
  m_discard->setFixedHeight(kControlHeightPx);
  connect(m_discard, &QToolButton::clicked, this, &RunBar::discardPart);
  connect(&theme(), &Theme::changed, this, &RunBar::refreshButtons);
  connect(&theme(), &Theme::changed, this, &RunBar::refreshPlace);
  row->addWidget(m_place);
  row->addWidget(m_queued);
  row->addWidget(m_enqueue);
  row->addWidget(m_runToHere);
  row->addWidget(m_discard);
  row->addWidget(m_run);
  row->addWidget(m_stop);
}

void RunBar::run() {
  if (m_session.isRunning()) {
    m_session.setPaused(!m_session.isPaused());
  } else if (runOfferOf(m_document, m_session) == RunOffer::Replace) {
    m_session.start({}, true);
  } else if (!blockersOf(m_document, m_session).empty()) {
    // What stood in the way may be gone by now.
    m_isAsked = true;
    m_session.recheck();
  } else {
    m_session.start();
  }
}

void RunBar::answer() {
  if (!m_isAsked || m_session.isPlanning() || m_document.isBinding()) return;
  m_isAsked = false;
  blockersOf(m_document, m_session).empty() ? m_session.start() : showBlockers();
}

void RunBar::runToHere() {
  if (m_session.isRunning() || m_document.selection().size() != 1) return;
  m_session.start(m_document.selection().first());
}

void RunBar::enqueue() {
  const QString why = m_session.queue().refusal();
  why.isEmpty() ? m_session.queue().add() : Q_EMIT problem(why);
}

void RunBar::showQueue() {
  if (!m_session.queue().runs().empty()) (new QueuePopup(m_session.queue(), window()))->showBelow(m_queued);
}

void RunBar::startCluster() {
  m_session.clusters().startLocal(m_session.workers(), m_session.memoryBudgetBytes());
  Q_EMIT clustersRequested(false);
}

void RunBar::fillPlaces(QMenu* menu) {
  menu->clear();
  const auto add = [this, menu](const QString& text, const QString& address) {
    QAction* action = menu->addAction(text);
    action->setCheckable(true);
    action->setChecked(m_session.place() == address);
    connect(action, &QAction::triggered, this, [this, address] {
      if (const Cluster* cluster = m_session.clusters().find(address); cluster && !cluster->isReady()) m_session.clusters().retry(address);
      m_session.setPlace(address);
    });
    return action;
  };
  add(tr("This computer"), {});
  for (const Cluster& cluster : m_session.clusters().all()) {
    if (cluster.state == Cluster::State::Starting || cluster.state == Cluster::State::Stopping) continue;
    add(tr("Cluster %1").arg(shortAddress(cluster.address)), cluster.address)
        ->setToolTip(cluster.problem.isEmpty() ? cluster.address : cluster.problem);
  }
  menu->addSeparator();
  const int workers = m_session.workers();
  connect(
      menu->addAction(
          workers == 1
              ? tr("Start a local cluster: 1 worker, %1").arg(sizeText(static_cast<double>(m_session.memoryBudgetBytes())))
              : tr("Start a local cluster: %1 workers, %2").arg(workers).arg(sizeText(static_cast<double>(m_session.memoryBudgetBytes())))),
      &QAction::triggered, this, &RunBar::startCluster);
  connect(menu->addAction(tr("Connect to an address…")), &QAction::triggered, this, [this] { Q_EMIT clustersRequested(true); });
  connect(menu->addAction(tr("Show the clusters")), &QAction::triggered, this, [this] { Q_EMIT clustersRequested(false); });
}

void RunBar::refreshPlace() {
  const Cluster* cluster = m_session.clusters().find(m_session.place());
  m_place->setText(cluster ? shortAddress(cluster->address) : tr("This computer"));
  m_place->setIcon(icon(cluster ? "cluster" : "computer", Token::Muted));
  m_place->setAccessibleName(tr("Run on: %1").arg(m_place->text()));
  m_place->setToolTip(!cluster ? tr("Where the chain runs: on this computer")
                      : !cluster->isReady()
                          ? tr("Where the chain runs: %1, which is not connected. %2").arg(cluster->address, cluster->problem)
                          : tr("Where the chain runs: the workers of the Dask cluster at %1 make the parts; %2 threads, %3")
                                .arg(cluster->address)
                                .arg(cluster->threads)
                                .arg(sizeText(cluster->memoryBytes)));
  if (!m_session.isRunning()) refreshPreflight();
}

void RunBar::showBlockers() {
  const auto blockers = blockersOf(m_document, m_session);
  if (blockers.empty()) return;
  (new BlockerPopup(blockers, window()))->showBelow(m_badge->isVisible() ? static_cast<QWidget*>(m_badge) : m_run);
}

void RunBar::discardPart() {
  if (!m_session.part() || m_session.isRunning()) return;
  const FoundPart part = *m_session.part();
  QMessageBox question(QMessageBox::Warning, tr("Discard what is unfinished"),
                       tr("Discard the unfinished run of %1?").arg(part.outputs.front().file), QMessageBox::Discard | QMessageBox::Cancel,
                       window());
  const std::int64_t done = part.chunksTotal - part.chunksLeft;
  question.setInformativeText(part.canResume ? tr("%1 of %2 chunks (%3) are done and would have to be made again.")
                                                   .arg(countText(done), countText(part.chunksTotal), sizeText(part.bytes))
                                             : tr("%1 would be removed from the disk.").arg(sizeText(part.bytes)));
  question.setDefaultButton(QMessageBox::Cancel);
  if (question.exec() == QMessageBox::Discard) m_session.discardPart();
}

void RunBar::enterWorkers() { m_workers->setFocus(Qt::TabFocusReason); }

void RunBar::enterMemory() {
  m_memory->setFocus(Qt::TabFocusReason);
  m_memory->selectAll();
}

void RunBar::refresh() {
  refreshPlace();
  refreshMachine();
  refreshPreflight();
  refreshButtons();
}

void RunBar::refreshMachine() {
  const SystemFacts& system = m_session.system();
  m_workers->blockSignals(true);
  m_workers->setRange(1, std::max(1, system.maximumWorkers));
  m_workers->setValue(m_session.workers());
  m_workers->blockSignals(false);
  m_workersOf->setText(tr("of %1 logical · %2 physical").arg(system.logicalCores).arg(system.physicalCores));
  // The engine's sentence reads "7 of 8: keeps one core for the desktop".
  const QString why = QString::fromStdString(system.desktopWhy);
  m_workersWhy->setText(tr("%1 recommended: %2").arg(system.desktopWorkers).arg(why.section(QStringLiteral(": "), 1)));
  m_workers->setToolTip(m_workersOf->text() + QLatin1Char('\n') + m_workersWhy->text());

  const auto available = static_cast<double>(system.memoryAvailableBytes), budget = static_cast<double>(m_session.memoryBudgetBytes());
  m_memory->setRange(kLeastBudgetBytes, system.memoryAvailableBytes);
  m_memory->setBytes(m_session.memoryBudgetBytes());
  m_memoryOf->setText(tr("of %1 available").arg(sizeText(available)));
  m_memoryBar->setValue(available > 0 ? static_cast<int>(std::min(1.0, budget / available) * 1000) : 0);
  m_memory->setToolTip(tr("The most memory a run may use.\n%1").arg(m_memoryOf->text()));
}

void RunBar::refreshPreflight() {
  const auto badge = [this](const char* iconName, Token token, const QString& text, bool clickable) {
    m_badge->setVisible(!text.isEmpty());
    m_badge->setText(text);
    m_badge->setIcon(badgeIcon(iconName, token, devicePixelRatioF()));
    // Not disabled: that would grey the mark.
    m_badge->setAttribute(Qt::WA_TransparentForMouseEvents, !clickable);
    m_badge->setFocusPolicy(clickable ? Qt::TabFocus : Qt::NoFocus);
    m_badge->setStyleSheet(QStringLiteral("color: %1").arg(color(token).name()));
  };
  if (m_session.isRunning()) {
    const bool stops = m_session.isStopping();
    m_preflightTitle->setText(stops ? tr("Stopping") : tr("Running"));
    const QString place = QString::fromStdString(m_session.run()->cluster());
    const bool isConnecting = !stops && !place.isEmpty() && m_session.snapshot().cluster.empty();
    m_preflight->setText(stops          ? m_session.stoppingText()
                         : isConnecting ? tr("asking the workers of %1").arg(shortAddress(place))
                                        : progressText(m_session.snapshot(), m_session.isPaused()));
    m_badge->hide();
    return;
  }
  const auto& part = m_session.part();
  m_preflightTitle->setText(part && part->canResume
                                ? tr("In all; %1 of %2 chunks are left").arg(countText(part->chunksLeft), countText(part->chunksTotal))
                                : tr("Before you run"));
  const auto blockers = blockersOf(m_document, m_session);
  const auto plan = m_session.plan();
  const auto showPlan = [&] {
    const QString time = m_session.expected() ? expectedText(*m_session.expected()) : QString();
    QString tail = time.isEmpty() ? time : QStringLiteral(" · ") + time, briefTail = tail;
    if (const Cluster* cluster = m_session.clusters().find(m_session.place())) {
      briefTail = tr(" a part");
      tail = !cluster->isReady()     ? tr(" a part · the cluster is not connected")
             : cluster->threads == 1 ? tr(" a part · on 1 thread of the cluster")
                                     : tr(" a part · on %1 threads of the cluster").arg(cluster->threads);
    }
    m_preflight->setText(preflightText(*plan, false) + tail, preflightText(*plan, true) + briefTail);
  };
  if (m_document.chain().nodes.empty()) {
    m_preflight->setText(tr("open a dataset to begin"));
    badge("check", Token::Done, {}, false);
  } else if (const RunOffer offer = runOfferOf(m_document, m_session); offer == RunOffer::Replace || offer == RunOffer::Ask) {
    showPlan();
    badge("warning", Token::WarningText, tr("file exists"), true);
  } else if (offer == RunOffer::Discard) {
    showPlan();
    badge("warning", Token::WarningText, tr("unfinished run"), true);
  } else if (!blockers.empty()) {
    // A plan that was given up before its chunks were looked at knows no costs.
    plan && plan->chunks > 0 ? showPlan() : m_preflight->setText(blockers.front().reason);
    badge("warning", Token::Failed, plan ? tr("does not fit") : tr("not ready"), true);
  } else if (plan) {
    showPlan();
    badge("check", Token::Done, tr("fits"), false);
  } else {
    m_preflight->setText(tr("planning…"));
    badge("check", Token::Done, {}, false);
  }
}

void RunBar::refreshButtons() {
  const bool running = m_session.isRunning();
  const auto blockers = running ? std::vector<Blocker>() : blockersOf(m_document, m_session);
  const RunOffer offer = running ? RunOffer::None : runOfferOf(m_document, m_session);
  const bool isReady = !running && (blockers.empty() || offer != RunOffer::None);
  const char* iconName = "play";
  QString text = tr("Run");
  QString toolTip = running ? tr("Pause after the chunks in progress") : tr("Run every output (Ctrl+R)");
  if (running) {
    iconName = m_session.isPaused() ? "play" : "pause";
    text = m_session.isPaused() ? tr("Continue") : tr("Pause");
  } else if (offer == RunOffer::Replace) {
    text = tr("Replace and run");
    toolTip = tr("Run again and replace %1, which an earlier run wrote (Ctrl+R)").arg(m_session.existingOutputs().front().file);
  } else if (offer == RunOffer::Resume) {
    const FoundPart& part = *m_session.part();
    text = tr("Resume (%1 chunks left)").arg(countText(part.chunksLeft));
    if (part.chunksLeft == 1) text = tr("Resume (1 chunk left)");
    toolTip = tr("Go on where the last run of %1 ended: %2 of %3 chunks are done (Ctrl+R)")
                  .arg(part.outputs.front().file, countText(part.chunksTotal - part.chunksLeft), countText(part.chunksTotal));
  } else if (offer == RunOffer::Discard) {
    text = tr("Run…");
    toolTip = tr("An unfinished run of %1 lies there: keep it, or discard it (Ctrl+R)").arg(m_session.part()->outputs.front().file);
  } else if (offer == RunOffer::Ask) {
    text = tr("Run…");
    toolTip = tr("%1 exists already: replace it, or write to another name (Ctrl+R)").arg(m_session.existingOutputs().front().file);
  } else if (!blockers.empty()) {
    iconName = "warning";
    text = blockers.size() == 1 ? tr("Cannot run: 1 reason") : tr("Cannot run: %1 reasons").arg(blockers.size());
    toolTip = tr("Show why");
  }
  m_run->setText(text);
  setRole(m_run, isReady ? "primary" : "");
  m_run->setIcon(icon(iconName, isReady ? Token::OnAccent : Token::Text));
  m_run->setEnabled(running ? !m_session.isStopping() : !m_document.chain().nodes.empty());
  const bool hasPart = !running && m_session.part().has_value();
  m_discard->setVisible(hasPart);
  if (hasPart)
    m_discard->setToolTip(
        tr("Discard what is unfinished of %1 (%2)").arg(m_session.part()->outputs.front().file, sizeText(m_session.part()->bytes)));
  m_run->setToolTip(toolTip);
  // Who has stopped it with the keyboard goes on from here, not from wherever Qt takes the focus.
  if (m_stop->hasFocus() && !(running && !m_session.isStopping())) (m_run->isEnabled() ? static_cast<QWidget*>(m_run) : this)->setFocus();
  if (hasFocus() && m_run->isEnabled()) m_run->setFocus();
  m_stop->setEnabled(running && !m_session.isStopping());
  const auto waiting = m_session.queue().runs().size();
  m_enqueue->setVisible(running);
  m_enqueue->setEnabled(!m_document.chain().nodes.empty());
  m_enqueue->setToolTip(tr("Run this chain, as it is now, when the run is over (Ctrl+R)"));
  m_queued->setVisible(waiting > 0);
  m_queued->setText(m_session.queue().isHeld() ? tr("%1 held").arg(waiting) : tr("%1 waiting").arg(waiting));
  m_runToHere->setVisible(!running);
  m_runToHere->setEnabled(!running && m_document.selection().size() == 1 && m_document.specOf(m_document.selection().first()));
  m_runToHere->setToolTip(m_runToHere->isEnabled()
                              ? tr("Compute “%1” into memory (Ctrl+Shift+R)").arg(m_document.stepName(m_document.selection().first()))
                              : tr("Select one valid step to run the chain up to it"));
}

void RunBar::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  m_workersFacts->setVisible(width() >= kFactsFromWidthPx);
  m_memoryFacts->setVisible(width() >= kMemoryFromWidthPx);
}

}  // namespace cubeloom
