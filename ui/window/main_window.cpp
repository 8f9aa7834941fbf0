// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the window from its zones and keeps its layout and title.
#include "ui/window/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileInfo>
#include <QMenuBar>
#include <QResizeEvent>
#include <QScreen>
#include <QSettings>
#include <QTimer>
#include <QToolBar>
#include <QVBoxLayout>

#include "ui/browser/browser_view.h"
#include "ui/canvas/canvas_view.h"
#include "ui/inspector/inspector_view.h"
#include "ui/map/preview_view.h"
#include "ui/monitor/monitor_view.h"
#include "ui/outline/outline_view.h"
#include "ui/run/run_bar.h"
#include "ui/theme/theme.h"
#include "ui/window/main_window_background.h"
#include "ui/window/notice_bar.h"
#include "ui/window/settings.h"
#include "ui/window/status_line.h"
#include "ui/window/zone_dock.h"

namespace cubeloom {

namespace {

constexpr int kLayoutVersion = 1;
constexpr int kMessageMs = 6000;
constexpr int kTitleBarPx = 40;  ///< what a window manager may put around the window
constexpr int kDataWidthPx = 280, kInspectorWidthPx = 320, kMonitorHeightPx = 224;
constexpr int kChainShare = 310, kPreviewShare = 360;  ///< of the middle's height
constexpr int kInspectorFromWidthPx = 1180, kDataFromWidthPx = 900;

}  // namespace

MainWindow::MainWindow(Services services, SampleMaker makeSample, QWidget* parent)
    : QMainWindow(parent),
      m_document(std::make_unique<Document>(std::move(services))),
      m_session(std::make_unique<Session>(*m_document)),
      m_makeSample(std::move(makeSample)),
      m_background(std::make_unique<Background>()) {
  setWindowIcon(QIcon(QStringLiteral(":/icons/cubeloom.svg")));
  setAcceptDrops(true);
  setMinimumSize(760, 540);
  setDockOptions(AllowNestedDocks | AllowTabbedDocks);
  buildZones();
  buildActions();
  joinZones();
  placeZones();
  restoreLayout();
  refreshTitle();
}

MainWindow::~MainWindow() {
  // The views hold references to document and session, which as members would go before them.
  for (ZoneDock* zone : m_zones) delete zone;
  delete m_runBar;
  delete m_status;
}

void MainWindow::buildZones() {
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

  m_center = new QMainWindow(this);
  m_center->setWindowFlags(Qt::Widget);  // not the constructor: that adds Qt::Window
  m_center->setDockOptions(AllowNestedDocks | AllowTabbedDocks);
  m_center->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  m_center->setMinimumSize(320, 240);
  setCentralWidget(m_center);

  m_browser = new BrowserView(*m_document, *m_session);
  m_canvas = new CanvasView(*m_document, *m_session);
  m_preview = new PreviewView(*m_document, *m_session);
  m_inspector = new InspectorView(*m_document, *m_session);
  m_monitor = new MonitorView(*m_document, *m_session);
  m_outline = new OutlineView(*m_document);
  m_dataZone = new ZoneDock(QStringLiteral("data"), tr("Data"), m_browser, QSize{kDataWidthPx, 600}, this);
  m_chainZone = new ZoneDock(QStringLiteral("chain"), tr("Chain"), m_canvas, QSize{900, kChainShare}, m_center);
  m_previewZone = new ZoneDock(QStringLiteral("preview"), tr("Preview"), m_preview, QSize{900, kPreviewShare}, m_center);
  m_inspectorZone = new ZoneDock(QStringLiteral("inspector"), tr("Inspector"), m_inspector, QSize{kInspectorWidthPx, 600}, this);
  m_monitorZone = new ZoneDock(QStringLiteral("monitor"), tr("Monitor"), m_monitor, QSize{1200, kMonitorHeightPx}, this);
  m_outlineZone = new ZoneDock(QStringLiteral("outline"), tr("Outline"), m_outline, QSize{kDataWidthPx, 600}, this);
  m_zones = {m_dataZone, m_chainZone, m_previewZone, m_inspectorZone, m_monitorZone, m_outlineZone};
}

void MainWindow::joinZones() {
  connect(m_preview, &PreviewView::cursorMoved, m_status, &StatusLine::setCursorText);
  connect(m_preview, &PreviewView::decimationChanged, m_status, &StatusLine::setDecimation);
  connect(m_preview, &PreviewView::crsChanged, m_status, &StatusLine::setCrs);
  connect(m_preview, &PreviewView::shownWavelengthsChanged, m_browser, &BrowserView::setShownWavelengths);
  connect(m_browser, &BrowserView::sampleRequested, this, &MainWindow::openSample);
  connect(m_browser, &BrowserView::status, m_status, [this](const QString& text) { m_status->showMessage(text, kMessageMs); });
  connect(m_canvas, &CanvasView::parametersRequested, this, [this] {
    m_inspectorZone->show();
    m_inspectorZone->raise();
    m_inspector->focusParameters();
  });
  connect(m_monitor, &MonitorView::collapsedChanged, this, [this](bool collapsed) {
    if (!collapsed) resizeDocks({m_monitorZone}, {kMonitorHeightPx}, Qt::Vertical);
  });
  connect(m_canvas, &CanvasView::openDatasetRequested, this, &MainWindow::chooseAndOpen);
  connect(m_canvas, &CanvasView::openSampleRequested, this, &MainWindow::openSample);
  connect(m_session.get(), &Session::runRefused, this, &MainWindow::showProblem);
  connect(m_session.get(), &Session::runStarted, this, &MainWindow::onRunStarted);
  connect(m_session.get(), &Session::runFinished, this, &MainWindow::onRunFinished);
  connect(m_document.get(), &Document::pathChanged, this, &MainWindow::refreshTitle);
  connect(m_document.get(), &Document::chainChanged, this, &MainWindow::refreshTitle);
  connect(m_document->undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::refreshTitle);
  connect(m_notice, &NoticeBar::dismissed, this, [] { QSettings().setValue(QStringLiteral("window/welcomed"), true); });
}

void MainWindow::placeZones() {
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  addDockWidget(Qt::LeftDockWidgetArea, m_dataZone);
  addDockWidget(Qt::RightDockWidgetArea, m_inspectorZone);
  addDockWidget(Qt::BottomDockWidgetArea, m_monitorZone);
  addDockWidget(Qt::LeftDockWidgetArea, m_outlineZone);
  tabifyDockWidget(m_dataZone, m_outlineZone);
  m_center->addDockWidget(Qt::TopDockWidgetArea, m_chainZone);
  m_center->splitDockWidget(m_chainZone, m_previewZone, Qt::Vertical);
  for (ZoneDock* zone : m_zones) {
    zone->setFloating(false);
    zone->setVisible(zone != m_outlineZone);
  }
  m_collapsed.clear();
}

void MainWindow::sizeZones() {
  layout()->activate();
  m_center->layout()->activate();
  resizeDocks({m_dataZone, m_inspectorZone}, {kDataWidthPx, kInspectorWidthPx}, Qt::Horizontal);
  resizeDocks({m_monitorZone}, {kMonitorHeightPx}, Qt::Vertical);
  m_center->resizeDocks({m_chainZone, m_previewZone}, {kChainShare, kPreviewShare}, Qt::Vertical);
}

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (m_isShown) return;
  m_isShown = true;
  m_chainZone->enter();
  if (m_isSized) return;
  // After the layout has met the window's real size.
  QTimer::singleShot(0, this, &MainWindow::sizeZones);
}

void MainWindow::resetLayout() {
  setPreviewFullScreen(false);
  setArranging(false);
  placeZones();
  sizeZones();
}

void MainWindow::restoreLayout() {
  const QSettings settings;
  if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray()))
    resize(QSize(1600, 1000).boundedTo(screen()->availableSize() - QSize(0, kTitleBarPx)));
  m_isSized = restoreState(settings.value(QStringLiteral("window/layout")).toByteArray(), kLayoutVersion) &&
              m_center->restoreState(settings.value(QStringLiteral("window/center")).toByteArray(), kLayoutVersion);
  applyRunSettings(loadSettings());
}

void MainWindow::applyRunSettings(const Settings& settings) {
  const SystemFacts& system = m_session->system();
  m_session->setWorkers(settings.workers > 0 ? settings.workers : system.desktopWorkers);
  m_session->setMemoryBudget(settings.memoryBytes > 0 ? settings.memoryBytes : system.defaultBudgetBytes);
}

void MainWindow::saveLayout() {
  setPreviewFullScreen(false);
  for (ZoneDock* zone : m_collapsed) zone->show();
  QSettings settings;
  settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  settings.setValue(QStringLiteral("window/layout"), saveState(kLayoutVersion));
  settings.setValue(QStringLiteral("window/center"), m_center->saveState(kLayoutVersion));
  settings.setValue(QStringLiteral("window/started"), true);
}

bool MainWindow::isFirstStart() const { return !QSettings().value(QStringLiteral("window/started")).toBool(); }

void MainWindow::refreshTitle() {
  QString name = QString::fromStdString(m_document->chain().title);
  if (name.isEmpty() && !m_document->path().isEmpty()) name = QFileInfo(m_document->path()).completeBaseName();
  if (name.isEmpty()) name = tr("New chain");
  setWindowTitle(tr("%1[*] — Cubeloom").arg(name));
  setWindowModified(m_document->isModified());
  setWindowFilePath(m_document->path());
}

void MainWindow::setArranging(bool arranging) {
  for (ZoneDock* zone : m_zones) zone->setArranging(arranging);
}

void MainWindow::setPreviewFullScreen(bool on) {
  if (on == !m_beforeFullScreen.isEmpty()) return;
  if (on) {
    m_beforeFullScreen = saveState(kLayoutVersion);
    m_centerBeforeFullScreen = m_center->saveState(kLayoutVersion);
    for (ZoneDock* zone : m_zones) zone->setVisible(zone == m_previewZone);
    m_runBar->hide();
    menuBar()->hide();
    showFullScreen();
    m_previewZone->enter();
  } else {
    showNormal();
    menuBar()->show();
    m_runBar->show();
    restoreState(m_beforeFullScreen, kLayoutVersion);
    m_center->restoreState(m_centerBeforeFullScreen, kLayoutVersion);
    m_beforeFullScreen.clear();
  }
  m_fullScreen->setChecked(on);
}

void MainWindow::cycleZones(int by) {
  QList<ZoneDock*> shown;
  qsizetype current = -1;
  for (ZoneDock* zone : m_zones) {
    if (!zone->isVisible() || zone->visibleRegion().isEmpty()) continue;
    if (zone->isAncestorOf(QApplication::focusWidget())) current = shown.size();
    shown << zone;
  }
  if (shown.isEmpty()) return;
  // The run bar stands between the last zone and the first.
  if (m_runBar->isVisible() && current == (by > 0 ? shown.size() - 1 : 0)) return m_runBar->enterWorkers();
  if (current < 0 && by < 0) current = shown.size();
  const qsizetype next = current < 0 ? 0 : (current + by + shown.size()) % shown.size();
  shown[next]->enter();
}

void MainWindow::onRunStarted() {
  m_notice->hide();
  if (m_monitorShown) return;
  m_monitorShown = true;
  m_monitorZone->show();
}

void MainWindow::onRunFinished() {
  const auto& report = m_session->report();
  if (!report || report->status != RunStatus::Failed || report->errors.empty()) return;
  const QString first = QString::fromStdString(report->errors.front().text());
  showProblem(report->errors.size() == 1 ? first : tr("%1 (and %2 more, see the log)").arg(first).arg(report->errors.size() - 1));
}

void MainWindow::showProblem(const QString& text) { m_notice->showNotice(NoticeBar::Kind::Problem, text); }

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!maySetAside()) {
    event->ignore();
    return;
  }
  m_session->stop();
  saveLayout();
  event->accept();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  if (!m_beforeFullScreen.isEmpty()) return;
  const auto fitZone = [&](ZoneDock* zone, int fromWidth) {
    if (width() < fromWidth && zone->isVisible() && !zone->isFloating()) {
      zone->hide();
      m_collapsed << zone;
    } else if (width() >= fromWidth && m_collapsed.removeAll(zone) > 0) {
      zone->show();
    }
  };
  fitZone(m_inspectorZone, kInspectorFromWidthPx);
  fitZone(m_dataZone, kDataFromWidthPx);
}

}  // namespace cubeloom
