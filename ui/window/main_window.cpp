// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the window together and joins its parts.
#include "ui/window/main_window.h"

#include <QCloseEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QLocale>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QResizeEvent>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>
#include <QToolBar>
#include <QVBoxLayout>
#include <algorithm>
#include <cstdlib>

#include "ui/browser/browser_view.h"
#include "ui/canvas/canvas_view.h"
#include "ui/cluster/cluster_view.h"
#include "ui/inspector/inspector_view.h"
#include "ui/map/preview_view.h"
#include "ui/monitor/monitor_view.h"
#include "ui/monitor/runs_view.h"
#include "ui/run/clusters.h"
#include "ui/run/disk_watch.h"
#include "ui/run/run_bar.h"
#include "ui/steps/map_question.h"
#include "ui/theme/icons.h"
#include "ui/window/layout.h"
#include "ui/window/menus.h"
#include "ui/window/notice_bar.h"
#include "ui/window/settings.h"
#include "ui/window/status_line.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr int kMessageMs = 6000;

/// Where what is not saved is kept from being lost.
QString editsFolder() { return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/edits"); }

const QString kStartedKey = QStringLiteral("window/started");

QStringList localFiles(const QMimeData* data) {
  QStringList paths;
  for (const QUrl& url : data->urls()) {
    if (url.isLocalFile()) paths << url.toLocalFile();
  }
  return paths;
}

}  // namespace

MainWindow::MainWindow(Services services, SampleMaker makeSample, const std::vector<Zone>& table, QWidget* parent)
    : QMainWindow(parent),
      m_document(std::make_unique<Document>(std::move(services))),
      m_session(std::make_unique<Session>(*m_document)),
      m_lost(EditJournal::lost(editsFolder())),
      m_journal(std::make_unique<EditJournal>(*m_document, editsFolder())),
      m_disk(std::make_unique<DiskWatch>(*m_document, *m_session)),
      m_question(std::make_unique<MapQuestion>()) {
  setWindowIcon(iconPixmap("cubeloom", Token::Accent, 256, 1));
  setAcceptDrops(true);
  setMinimumSize(760, 540);
  buildBars();
  m_layout = std::make_unique<Layout>(*this, *m_runBar, table, *m_document, *m_session);
  m_files = std::make_unique<FileActions>(*m_document, m_layout->view<BrowserView>(), std::move(makeSample), *this);
  m_menus = std::make_unique<Menus>(*this, *m_document, *m_session, *m_layout, *m_files, *m_runBar);
  joinZones();
  joinBars();
  m_layout->restore();
  applyRunSettings(loadSettings(), *m_session);
  refreshTitle();
}

MainWindow::~MainWindow() {
  m_journal.reset();
  // These widgets hold references to document and session, which as members would go before them.
  m_menus.reset();
  m_files.reset();
  m_layout.reset();
  delete m_runBar;
  delete m_status;
  m_disk.reset();
}

void MainWindow::buildBars() {
  auto* top = new QWidget(this);
  auto* column = new QVBoxLayout(top);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_runBar = new RunBar(*m_document, *m_session, top);
  m_notice = new NoticeBar(top);
  column->addWidget(m_runBar);
  column->addWidget(m_notice);
  auto* bar = new QToolBar(tr("Run bar"), this);
  bar->setObjectName(QStringLiteral("runBar"));
  bar->setMovable(false);
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  bar->toggleViewAction()->setEnabled(false);
  bar->layout()->setContentsMargins(0, 0, 0, 0);
  top->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  bar->addWidget(top);
  addToolBar(Qt::TopToolBarArea, bar);
  m_status = new StatusLine(*m_document, *m_session, this);
  setStatusBar(m_status);
}

void MainWindow::joinZones() {
  auto* browser = &m_layout->view<BrowserView>();
  auto* canvas = &m_layout->view<CanvasView>();
  auto* preview = &m_layout->view<PreviewView>();
  auto* monitor = &m_layout->view<MonitorView>();
  preview->setQuestion(m_question.get());
  m_layout->view<InspectorView>().setQuestion(m_question.get());
  connect(m_question.get(), &MapQuestion::failed, this, &MainWindow::showProblem);
  connect(preview, &PreviewView::cursorMoved, m_status, &StatusLine::setCursorText);
  connect(preview, &PreviewView::decimationChanged, m_status, &StatusLine::setDecimation);
  connect(preview, &PreviewView::crsChanged, m_status, &StatusLine::setCrs);
  connect(preview, &PreviewView::shownWavelengthsChanged, browser, &BrowserView::setShownWavelengths);
  connect(browser, &BrowserView::sampleRequested, this, [this] { openExample(); });
  connect(browser, &BrowserView::stepAdded, canvas, &CanvasView::showAdded);
  browser->setAreaShown([preview] { return preview->areaShown(); });
  connect(browser, &BrowserView::status, m_status, [this](const QString& text) { m_status->showMessage(text, kMessageMs); });
  connect(canvas, &CanvasView::parametersRequested, this, [this] {
    ZoneDock& inspector = m_layout->dock<InspectorView>();
    inspector.show();
    inspector.raise();
    m_layout->view<InspectorView>().focusParameters();
  });
  connect(canvas, &CanvasView::openDatasetRequested, this, [this] { m_files->chooseAndOpen(); });
  connect(canvas, &CanvasView::openSampleRequested, this, [this] { openExample(); });
  auto* runs = &m_layout->view<RunsView>();
  connect(runs, &RunsView::replayRequested, this, &MainWindow::showRunFile);
  connect(runs, &RunsView::chainRequested, this, &MainWindow::openChainOf);
  connect(&runs->kept(), &KeptRuns::resumableChanged, this, &MainWindow::offerResumableRuns);
  connect(monitor, &MonitorView::chainRequested, this, &MainWindow::openChainOf);
  connect(monitor, &MonitorView::problem, this, &MainWindow::showProblem);
  connect(monitor, &MonitorView::collapsedChanged, this, [this](bool collapsed) {
    ZoneDock& dock = m_layout->dock<MonitorView>();
    collapsed ? m_layout->keepHeight(dock) : m_layout->returnHeight(dock);
  });
}

void MainWindow::joinBars() {
  connect(m_files.get(), &FileActions::runFileOpened, this, [this](const QString& path) { showRunFile(path, QFileInfo(path).fileName()); });
  connect(m_files.get(), &FileActions::problem, this, &MainWindow::showProblem);
  connect(m_files.get(), &FileActions::note, m_notice, [this](const QString& text) { m_notice->showNotice(NoticeBar::Kind::Note, text); });
  connect(m_files.get(), &FileActions::noteOver, m_notice, &NoticeBar::hide);
  connect(m_notice, &NoticeBar::focusLeft, this, [this] { m_layout->dock<CanvasView>().enter(); });
  connect(m_notice, &NoticeBar::dismissed, m_files.get(), &FileActions::setWelcomed);
  connect(m_files.get(), &FileActions::codeSaved, this, [this](const QString& path, const QString& leftOut) {
    if (leftOut.isEmpty()) {
      m_status->showMessage(tr("Saved %1").arg(path), kMessageMs);
    } else {
      m_notice->showNotice(NoticeBar::Kind::Note, tr("Saved %1. %2").arg(QFileInfo(path).fileName(), leftOut));
    }
  });
  connect(m_runBar, &RunBar::problem, this, &MainWindow::showProblem);
  connect(m_runBar, &RunBar::clustersRequested, this, [this](bool isAddressWanted) {
    ZoneDock& dock = m_layout->dock<ClusterView>();
    dock.show();
    dock.raise();
    if (isAddressWanted) m_layout->view<ClusterView>().enterAddress();
  });
  connect(&m_session->clusters(), &Clusters::problem, this, [this](const QString& text) {
    // The zone says it itself.
    if (!m_layout->view<ClusterView>().isVisible()) showProblem(text.left(1).toUpper() + text.mid(1));
  });
  connect(m_session.get(), &Session::runRefused, this, &MainWindow::showProblem);
  connect(m_session.get(), &Session::runStarted, this, &MainWindow::onRunStarted);
  connect(m_session.get(), &Session::runFinished, this, &MainWindow::onRunFinished);
  connect(m_session.get(), &Session::planChanged, this, &MainWindow::offerPart);
  connect(m_document.get(), &Document::replaced, this, [this] { m_isOpened = true; });
  connect(m_document.get(), &Document::pathChanged, this, [this] {
    // A run of the chain before goes on by itself: should the program end now, it is not this one that was running. (Document::replaced
    // comes while the document still is the chain before.)
    m_journal->setRunning(m_session->isRunning() && m_session->isRunOfDocument());
    refreshTitle();
  });
  connect(m_document.get(), &Document::chainChanged, this, &MainWindow::refreshTitle);
  connect(m_document->undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::refreshTitle);
}

void MainWindow::openFiles(const QStringList& paths) { m_files->openFiles(paths); }

void MainWindow::openSample() { m_files->openExample(QStringLiteral("sample")); }

void MainWindow::openExample(const QString& name) { m_files->openExample(name); }

bool MainWindow::isFirstStart() const { return m_lost.empty() && !QSettings().value(kStartedKey).toBool(); }

void MainWindow::refreshTitle() {
  setWindowTitle(tr("%1[*] — Cubeloom").arg(m_document->name()));
  setWindowModified(m_document->isModified());
  setWindowFilePath(m_document->path());
}

void MainWindow::onRunStarted() {
  m_isStarting = false;
  m_notice->hide();
  m_journal->setRunning(true);
  // Who has chosen a cluster has its card in front of the monitor.
  if (m_layout->dock<ClusterView>().widget()->isVisible()) m_layout->dock<MonitorView>().raise();
  if (m_monitorShown) return;
  m_monitorShown = true;
  m_layout->dock<MonitorView>().show();
}

void MainWindow::onRunFinished() {
  m_journal->setRunning(false);
  const auto& report = m_session->report();
  if (m_isLeaving && report && report->status != RunStatus::Failed) QTimer::singleShot(0, this, &QWidget::close);
  m_isLeaving = false;
  if (!report || report->status != RunStatus::Failed || report->errors.empty()) return;
  const QString first = QString::fromStdString(report->errors.front().text());
  showProblem(report->errors.size() == 1 ? first : tr("%1 (and %2 more, see the log)").arg(first).arg(report->errors.size() - 1));
}

void MainWindow::showProblem(const QString& text) { m_notice->showNotice(NoticeBar::Kind::Problem, text); }

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (m_isShown) return;
  m_isShown = true;
  m_layout->dock<CanvasView>().enter();
  m_layout->windowShown();
  offerLostEdits();
}

void MainWindow::askBeforeLeaving() {
  if (!m_session->isStopping()) {
    QMessageBox question(QMessageBox::Question, tr("A run is going on"), tr("“%1” is still running.").arg(m_session->runOrigin().name),
                         QMessageBox::Cancel, this);
    question.setInformativeText(tr("What is finished can be kept: Resume goes on there the next time."));
    const QPushButton* stop = question.addButton(tr("Stop and keep"), QMessageBox::AcceptRole);
    const QPushButton* goOn = question.addButton(tr("Go on, close when it is over"), QMessageBox::AcceptRole);
    question.setDefaultButton(QMessageBox::Cancel);
    question.exec();
    if (question.clickedButton() != stop && question.clickedButton() != goOn) return;
    // The run may have come to its end meanwhile.
    if (!m_session->isRunning()) {
      QTimer::singleShot(0, this, &QWidget::close);
      return;
    }
    if (question.clickedButton() == stop) m_session->stop();
  }
  m_isLeaving = true;
  std::vector<NoticeBar::Action> actions{{tr("Stay open"), [this] { m_isLeaving = false; }}};
  // A read from a disk that is gone never returns, and nothing can end it but the process's own end. What is finished lies on the disk,
  // and so do edits: as after a kill.
  if (m_session->isStopping())
    actions.push_back({tr("End at once"), [this] {
                         m_layout->save();
                         settleSettings();
                         std::_Exit(EXIT_SUCCESS);
                       }});
  m_notice->showNotice(NoticeBar::Kind::Note,
                       m_session->isStopping() ? tr("Stopping; then the window closes.") : tr("The window closes when the run is over."),
                       actions);
}

bool MainWindow::mayLeaveClusters() {
  std::vector<QString> ours;
  for (const Cluster& cluster : m_session->clusters().all())
    if (cluster.isOurs && cluster.isReady()) ours.push_back(cluster.address);
  if (ours.empty()) return true;
  QMessageBox question(QMessageBox::Question, tr("A cluster is running"),
                       ours.size() == 1 ? tr("The cluster at %1 was started here.").arg(ours.front())
                                        : tr("%1 clusters were started here.").arg(ours.size()),
                       QMessageBox::Cancel, this);
  question.setInformativeText(tr("A notebook may be using it. It can go on without the window; the next start finds it again."));
  const QPushButton* leave = question.addButton(tr("Let it run"), QMessageBox::AcceptRole);
  const QPushButton* end = question.addButton(tr("Shut down"), QMessageBox::DestructiveRole);
  question.setDefaultButton(QMessageBox::Cancel);
  question.exec();
  if (question.clickedButton() == leave) return true;
  if (question.clickedButton() != end) return false;
  m_notice->showNotice(NoticeBar::Kind::Note, tr("Shutting down; then the window closes."));
  connect(&m_session->clusters(), &Clusters::changed, this, [this, ours] {
    const auto isThere = [this](const QString& address) { return m_session->clusters().find(address) != nullptr; };
    if (std::none_of(ours.begin(), ours.end(), isThere)) QTimer::singleShot(0, this, &QWidget::close);
  });
  for (const QString& address : ours) m_session->clusters().shutDown(address);
  return false;
}

void MainWindow::offerLostEdits() {
  if (m_lost.empty()) return offerResumableRuns();
  const LostEdits edits = m_lost.front();
  const QString when = QLocale().toString(edits.when, QLocale::ShortFormat);
  const QString text =
      edits.hasEdits ? tr("Cubeloom ended unexpectedly (%1): the changes to “%2” were not saved, but kept here.").arg(when, edits.name())
                     : tr("Cubeloom ended unexpectedly (%1) while “%2” was running; what was finished is kept.").arg(when, edits.name());
  const auto next = [this] {
    m_lost.erase(m_lost.begin());
    offerLostEdits();
  };
  m_notice->showNotice(NoticeBar::Kind::Problem, text,
                       {{edits.hasEdits ? tr("Restore") : tr("Open it"),
                         [this, edits, next] {
                           if (!m_files->maySetAside()) return offerLostEdits();
                           if (edits.hasEdits || edits.path.isEmpty()) {
                             m_document->restore(edits.path, edits.chain);
                             m_journal->takeOver(edits);
                           } else {
                             openFiles({edits.path});
                             edits.forget();
                           }
                           next();
                         }},
                        {edits.hasEdits ? tr("Discard") : tr("Not now"), [edits, next] {
                           edits.forget();
                           next();
                         }}});
}

void MainWindow::showRunFile(const QString& file, const QString& title) {
  m_layout->dock<MonitorView>().show();
  m_layout->dock<MonitorView>().raise();
  m_layout->view<MonitorView>().showRunFile(file, title);
}

void MainWindow::openChainOf(const RunOrigin& origin) {
  if (!m_files->maySetAside()) return;
  // The file may say something else by now: then the chain of the run is an edit of it.
  m_document->restore(origin.path, origin.chain);
}

void MainWindow::offerPart() {
  if (!m_isOpened || m_session->isPlanning() || m_session->isRunning() || m_document->isBinding() || !m_session->plan()) return;
  m_isOpened = false;
  if (!m_session->part()) return;
  const FoundPart& part = *m_session->part();
  const QString file = part.outputs.front().file;
  const NoticeBar::Action discard{tr("Discard…"), [this] { m_runBar->discardPart(); }};
  if (part.canResume) {
    m_notice->showNotice(NoticeBar::Kind::Note,
                         tr("An earlier run of %1 did not come to its end: %2 of %3 chunks are kept.")
                             .arg(file, countText(part.chunksTotal - part.chunksLeft), countText(part.chunksTotal)),
                         {{tr("Resume"), [this] { m_runBar->run(); }}, discard});
  } else {
    m_notice->showNotice(
        NoticeBar::Kind::Note,
        tr("An unfinished run of %1 lies beside it (%2), which this chain cannot go on with.").arg(file, sizeText(part.bytes)), {discard});
  }
}

void MainWindow::offerResumableRuns() {
  if (!m_isStarting || !m_isShown || !m_lost.empty() || m_notice->isVisible() || m_session->isRunning()) return;
  auto* view = &m_layout->view<RunsView>();
  std::vector<const KeptRun*> runs;
  for (const KeptRun& run : view->kept().runs()) {
    const bool isOpen = !run.path.isEmpty() && run.path == m_document->path();  // which is offered by itself
    if (!isOpen && view->kept().isResumable(run)) runs.push_back(&run);
  }
  if (runs.empty()) return;
  m_isStarting = false;
  const KeptRun& newest = *runs.front();
  const NoticeBar::Action open{tr("Open it"), [this, origin = RunOrigin{newest.chain, newest.name, newest.path}] { openChainOf(origin); }};
  const QString when = QLocale().toString(newest.start, QLocale::ShortFormat);
  if (runs.size() == 1) {
    m_notice->showNotice(
        NoticeBar::Kind::Note,
        tr("The run of “%1” (%2) did not come to its end. What it finished is kept, and can be gone on with.").arg(newest.name, when),
        {open});
    return;
  }
  m_notice->showNotice(NoticeBar::Kind::Note,
                       tr("%1 runs did not come to their end. What they finished is kept; the newest is that of “%2” (%3).")
                           .arg(countText(static_cast<qint64>(runs.size())), newest.name, when),
                       {open, {tr("Show all"), [this] {
                                 m_layout->dock<RunsView>().show();
                                 m_layout->dock<RunsView>().raise();
                               }}});
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (m_session->isRunning()) {
    event->ignore();
    askBeforeLeaving();
    return;
  }
  if (!m_files->maySetAside()) {
    event->ignore();
    return;
  }
  if (!mayLeaveClusters()) {
    event->ignore();
    return;
  }
  m_layout->save();
  QSettings().setValue(kStartedKey, true);
  settleSettings();
  event->accept();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  if (m_layout) m_layout->fit();
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::ActivationChange && isActiveWindow() && m_disk) m_disk->look();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!localFiles(event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QStringList paths = localFiles(event->mimeData());
  if (paths.isEmpty()) return;
  event->acceptProposedAction();
  openFiles(paths);
}

}  // namespace cubeloom
