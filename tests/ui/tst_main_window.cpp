// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a user meets it: opening, running, refusing, layout, keys, closing. Any warning of Qt fails the test.
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTimer>
#include <QtTest>

#include "tests/ui/support/desk.h"
#include "ui/canvas/canvas_board.h"
#include "ui/canvas/canvas_view.h"
#include "ui/inspector/inspector_view.h"
#include "ui/inspector/param_form.h"
#include "ui/map/preview_header.h"
#include "ui/map/preview_view.h"
#include "ui/monitor/monitor_panel.h"
#include "ui/run/blockers.h"
#include "ui/run/run_bar.h"
#include "ui/window/command_palette.h"
#include "ui/window/main_window.h"
#include "ui/window/notice_bar.h"
#include "ui/window/settings.h"
#include "ui/window/zone_dock.h"
#include "ui/window/zones.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kWaitMs = 30000;
QStringList warningsHeard;

void collectWarnings(QtMsgType type, const QMessageLogContext&, const QString& text) {
  // What the offscreen platform cannot do is no fault of the window.
  if (type == QtDebugMsg || type == QtInfoMsg || text.startsWith(QStringLiteral("This plugin does not support"))) return;
  warningsHeard << text;
}

/// Answers the next message box with `button` as soon as it is there.
void answerNextQuestion(QMessageBox::StandardButton button) {
  auto* timer = new QTimer(qApp);
  QObject::connect(timer, &QTimer::timeout, timer, [timer, button] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (!box) return;
    timer->deleteLater();
    box->button(button)->click();
  });
  timer->start(20);
}

QWidget* makeNotes(Document&, Session&) { return new QLineEdit; }

/// The window's own table and one more row.
std::vector<Zone> withNotes() {
  std::vector<Zone> table = zones();
  table.push_back({"notes", "Notes", "copy", Place::Right, {320, 600}, Qt::Key_9, 0, true, makeNotes});
  return table;
}

}  // namespace

class TestMainWindow : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  Services m_services = makeServices();
  std::unique_ptr<MainWindow> m_window;

  void makeWindow(const std::vector<Zone>& table = zones()) {
    m_window = std::make_unique<MainWindow>(m_services, makeSmallSample, table);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
  }
  QAction* action(const QString& text) {
    for (QAction* action : m_window->findChildren<QAction*>()) {
      if (QString(action->text()).remove(QLatin1Char('&')) == text) return action;
    }
    return nullptr;
  }
  /// What a window of an earlier session left behind.
  static void saveSettingsOf(const char* file) {
    const QSettings saved(QStringLiteral(CUBELOOM_TEST_DATA "/") + QLatin1String(file), QSettings::IniFormat);
    QSettings settings;
    for (const QString& key : saved.allKeys()) settings.setValue(key, saved.value(key));
  }
  ZoneDock* zone(const char* name) { return m_window->findChild<ZoneDock*>(QLatin1String(name)); }
  QString preflight() { return m_window->findChild<RunBar*>()->preflight(); }
  QPushButton* runButton() {
    for (QPushButton* button : m_window->findChild<RunBar*>()->findChildren<QPushButton*>()) {
      if (button->text().contains(QStringLiteral("un"))) return button;
    }
    return nullptr;
  }
  void openSample() {
    m_window->openSample();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->document().chain().nodes.size() == 4, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().plan() || m_window->session().planError(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().isPlanning(), kWaitMs);
  }

 private slots:
  /// 1600 x 1000 at a scale of 150 %: what lies in the centre shares what the monitor leaves, and nothing covers anything.
  void aLowWindowKeepsThePreviewsHeader() {
    makeWindow();
    openSample();
    m_window->resize(1067, 640);
    QTest::qWait(300);
    auto* preview = m_window->findChild<PreviewView*>();
    QVERIFY2(preview->height() >= preview->minimumSizeHint().height(),
             qPrintable(QStringLiteral("%1 of %2").arg(preview->height()).arg(preview->minimumSizeHint().height())));
    const auto* header = preview->findChild<PreviewHeader*>();
    QVERIFY(header && header->isVisible());
    QVERIFY2(header->height() >= header->minimumSizeHint().height() && preview->rect().contains(header->geometry()),
             qPrintable(QStringLiteral("%1 of %2").arg(header->height()).arg(preview->height())));
    // Steps of a chain that is fitted into what is left can still be read.
    auto* board = m_window->findChild<CanvasBoard*>();
    board->fit({0, 0, 300, 90}, 28);
    QVERIFY2(board->transform().m11() > 0.3, qPrintable(QStringLiteral("%1 in %2").arg(board->transform().m11()).arg(board->height())));
    m_window.reset();
  }

  /// Below 1 Qt paints windows in pieces: it is not taken from the environment either.
  void scalesBelowOneAreNotTaken() {
    const QByteArray before = qgetenv("QT_SCALE_FACTOR");
    qputenv("QT_SCALE_FACTOR", "0.8");
    applyScale({});
    QCOMPARE(qgetenv("QT_SCALE_FACTOR"), QByteArray("1"));
    qputenv("QT_SCALE_FACTOR", "1.25");
    applyScale({});
    QCOMPARE(qgetenv("QT_SCALE_FACTOR"), QByteArray("1.25"));
    before.isNull() ? qunsetenv("QT_SCALE_FACTOR") : qputenv("QT_SCALE_FACTOR", before);
  }

  void initTestCase() {
    settleIn(m_folder);
    qInstallMessageHandler(collectWarnings);
  }
  void cleanupTestCase() { qInstallMessageHandler(nullptr); }

  void init() {
    warningsHeard.clear();
    QFile::remove(m_folder.filePath(QStringLiteral("Cubeloom/Cubeloom/sample/sample_25m.tif")));
    makeWindow();
  }
  void cleanup() {
    m_window.reset();
    QSettings().clear();
    QVERIFY2(warningsHeard.isEmpty(), qPrintable(warningsHeard.join(QLatin1Char('\n'))));
  }

  void anExampleMakesTheSampleThatItOpens() {
    std::string asked;
    m_window = std::make_unique<MainWindow>(m_services, [&asked](const std::string& folder, const std::string& file) {
      asked = file;
      return makeSmallSample(folder);
    });
    m_window->show();
    QAction* example = action(QStringLiteral("NDVI of fields through the dates, clouds masked"));
    QVERIFY(example);
    example->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->document().chain().nodes.size() == 6, kWaitMs);
    QCOMPARE(asked, std::string("coast_????????.hdr"));
  }

  /// What a first start shows: the coast in its colours, and its NDVI beside it.
  void theFirstExampleShowsTheCoastBesideItsNdvi() {
    m_window->openExample();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->document().chain().nodes.size() == 5, kWaitMs);
    QCOMPARE(m_window->document().viewedNode(), QStringLiteral("coast"));
    QCOMPARE(m_window->document().comparedNode(), QStringLiteral("greenness"));
    QCOMPARE(m_window->document().selection(), QStringList{QStringLiteral("coast")});
  }

  void theTitleTellsTheChainAndWhetherItIsSaved() {
    QVERIFY(m_window->windowTitle().startsWith(QStringLiteral("New chain")));
    openSample();
    QVERIFY(m_window->windowTitle().startsWith(QStringLiteral("SHIFT")));
    QVERIFY(!m_window->isWindowModified());
    m_window->document().setParam(QStringLiteral("grid"), QStringLiteral("resolution"), 50);
    QVERIFY(m_window->isWindowModified());
    m_window->document().undoStack()->undo();
    QVERIFY(!m_window->isWindowModified());
  }

  void theSampleRunsAndWritesItsFile() {
    openSample();
    QVERIFY2(!m_window->session().planError(), m_window->session().planError() ? m_window->session().planError()->text().c_str() : "");
    QVERIFY(m_window->session().plan()->fits());
    QVERIFY2(preflight().startsWith(QStringLiteral("reads ")), qPrintable(preflight()));
    QCOMPARE(runButton()->text(), QStringLiteral("Run"));

    QSignalSpy finished(&m_window->session(), &Session::runFinished);
    QTest::mouseClick(runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kWaitMs);
    const auto& report = m_window->session().report();
    QVERIFY(report);
    QCOMPARE(runStatusName(report->status), runStatusName(RunStatus::Finished));
    QCOMPARE(report->chunksDone, report->chunksTotal);
    QVERIFY(!report->outputs.empty());
    QVERIFY(QFile::exists(QString::fromStdString(report->outputs.front().path)));

    // The file exists now: running again replaces what this window wrote, and says so.
    m_window->document().setParam(QStringLiteral("out"), QStringLiteral("overwrite"), false);
    QTRY_VERIFY_WITH_TIMEOUT(runButton()->text() == QStringLiteral("Replace and run"), kWaitMs);
    QVERIFY2(preflight().startsWith(QStringLiteral("reads ")), qPrintable(preflight()));
    QTest::mouseClick(runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, kWaitMs);
    QCOMPARE(runStatusName(m_window->session().report()->status), runStatusName(RunStatus::Finished));
  }

  void anUnfinishedChainIsOfferedAWriteStep() {
    openSample();
    m_window->document().removeNodes({QStringLiteral("out")}, false);
    QTRY_VERIFY_WITH_TIMEOUT(runButton()->text().startsWith(QStringLiteral("Cannot run")), kWaitMs);
    const auto blockers = blockersOf(m_window->document(), m_window->session());
    QCOMPARE(blockers.front().remedies.front().label, QStringLiteral("Add a Write step"));
    blockers.front().remedies.front().apply();
    QCOMPARE(m_window->document().chain().nodes.back().op, std::string("write"));
    QCOMPARE(m_window->document().chain().nodes.back().inputs, std::vector<std::string>{"grid"});
  }

  void aStepIsRunIntoMemory() {
    openSample();
    m_window->document().setSelection({QStringLiteral("grid")});
    QSignalSpy finished(&m_window->session(), &Session::runFinished);
    m_window->findChild<RunBar*>()->runToHere();
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kWaitMs);
    QCOMPARE(runStatusName(m_window->session().report()->status), runStatusName(RunStatus::Finished));
    QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("Cubeloom/Cubeloom/sample/sample_25m.tif"))));
  }

  void tooLittleMemoryIsRefusedWithARemedy() {
    openSample();
    m_window->session().setMemoryBudget(1 << 20);
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().isPlanning() && m_window->session().plan() && !m_window->session().plan()->fits(),
                             kWaitMs);
    const auto blockers = blockersOf(m_window->document(), m_window->session());
    QVERIFY(!blockers.empty());
    QVERIFY(!blockers.front().remedies.empty());
    QSignalSpy refused(&m_window->session(), &Session::runRefused);
    m_window->session().start();
    QTRY_COMPARE_WITH_TIMEOUT(refused.count(), 1, kWaitMs);
    QVERIFY(!m_window->session().isRunning());
    QVERIFY(m_window->findChild<NoticeBar*>()->isVisible());
    blockers.front().remedies.front().apply();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().plan() && m_window->session().plan()->fits(), kWaitMs);
  }

  void anErrorOfAStepIsNamedBeforeTheRun() {
    openSample();
    m_window->document().setParam(QStringLiteral("cube"), QStringLiteral("path"), "nothing.hdr");
    QTRY_VERIFY_WITH_TIMEOUT(runButton()->text().startsWith(QStringLiteral("Cannot run")), kWaitMs);
    const auto blockers = blockersOf(m_window->document(), m_window->session());
    QCOMPARE(blockers.size(), std::size_t(1));  // not the three steps below it
    QCOMPARE(blockers.front().node, QStringLiteral("cube"));
  }

  /// A step that is connected to nothing blocks nothing, not even as a second output.
  void anUnconnectedStepBlocksNothing_data() {
    QTest::addColumn<QString>("op");
    for (const char* op : {"reproject", "calc", "write"}) QTest::newRow(op) << QString::fromLatin1(op);
  }
  void anUnconnectedStepBlocksNothing() {
    QFETCH(QString, op);
    openSample();
    const QString added = m_window->document().addNode(op, Json::object(), QPointF(0, 400));
    const auto isSaid = [this, node = added.toStdString()] {
      const auto plan = m_window->session().plan();
      return plan && std::any_of(plan->warnings.begin(), plan->warnings.end(), [&node](const PlanWarning& warning) {
               return warning.node == node && warning.message.find("without it") != std::string::npos;
             });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isSaid(), kWaitMs);
    QVERIFY(blockersOf(m_window->document(), m_window->session()).empty());
    QSignalSpy finished(&m_window->session(), &Session::runFinished);
    QTest::mouseClick(runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kWaitMs);
    QCOMPARE(runStatusName(m_window->session().report()->status), runStatusName(RunStatus::Finished));
  }

  /// What the plan refuses is marked where it is decided; a click makes the folder, and the preflight looks again.
  void aMissingFolderIsMarkedAndMade() {
    openSample();
    const QString folder = m_folder.filePath(QStringLiteral("new/deep"));
    m_window->document().setSelection({QStringLiteral("out")});
    m_window->document().setParam(QStringLiteral("out"), QStringLiteral("path"), (folder + QStringLiteral("/x.tif")).toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().planError() && !m_window->session().isPlanning(), kWaitMs);
    QTRY_VERIFY(!m_window->findChild<CanvasView*>()->board().canvas().node(QStringLiteral("out"))->facts().error.isEmpty());
    const auto fields = m_window->findChild<InspectorView*>()->findChildren<QLineEdit*>();
    QVERIFY(std::any_of(fields.begin(), fields.end(), [](const QLineEdit* field) { return field->property("invalid").toBool(); }));
    QVERIFY2(!preflight().contains(QStringLiteral("0 B")), qPrintable(preflight()));
    const auto blockers = blockersOf(m_window->document(), m_window->session());
    QCOMPARE(blockers.size(), std::size_t(1));
    QCOMPARE(blockers.front().step, QStringLiteral("Write out"));
    QCOMPARE(blockers.front().remedies.front().label, QStringLiteral("Make the folder"));
    blockers.front().remedies.front().apply();
    QVERIFY(QDir(folder).exists());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().plan() && m_window->session().plan()->fits(), kWaitMs);
    QVERIFY(m_window->findChild<CanvasView*>()->board().canvas().node(QStringLiteral("out"))->facts().error.isEmpty());
    QDir(m_folder.filePath(QStringLiteral("new"))).removeRecursively();
  }

  /// Somebody else puts right what stood in the way: Run looks again before it says no.
  void runLooksAgain() {
    openSample();
    const QString folder = m_folder.filePath(QStringLiteral("later"));
    m_window->document().setParam(QStringLiteral("out"), QStringLiteral("path"), (folder + QStringLiteral("/y.tif")).toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().planError() && !m_window->session().isPlanning(), kWaitMs);
    QVERIFY(QDir().mkpath(folder));
    QSignalSpy finished(&m_window->session(), &Session::runFinished);
    m_window->findChild<RunBar*>()->run();
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kWaitMs);
    QVERIFY(QFile::exists(folder + QStringLiteral("/y.tif")));
    QDir(folder).removeRecursively();
  }

  /// Without a click: files that come and go are seen within seconds.
  void thePreflightFollowsTheDisk() {
    openSample();
    const QString cube = m_folder.filePath(QStringLiteral("moved.hdr"));
    m_window->document().setParam(QStringLiteral("cube"), QStringLiteral("path"), cube.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(runButton()->text().startsWith(QStringLiteral("Cannot run")), kWaitMs);
    QCOMPARE(blockersOf(m_window->document(), m_window->session()).front().remedies.front().label, QStringLiteral("Reopen"));
    QTest::qWait(4000);  // it has been looked at once
    const auto made = makeSmallSample(m_folder.path().toStdString());
    QVERIFY(made);
    const QString base = QString::fromStdString(*made).chopped(4);
    const QFileInfo data(QFile::exists(base + QStringLiteral(".img")) ? base + QStringLiteral(".img") : base);
    QVERIFY(QFile::copy(data.filePath(),
                        m_folder.filePath(QStringLiteral("moved")) + (data.suffix().isEmpty() ? QString() : QStringLiteral(".img"))));
    QVERIFY(QFile::copy(base + QStringLiteral(".hdr"), cube));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session().plan() && m_window->session().plan()->fits(), kWaitMs);
    for (const QString& left : {cube, m_folder.filePath(QStringLiteral("moved")), m_folder.filePath(QStringLiteral("moved.img"))})
      QFile::remove(left);
  }

  /// Badges of a run belong to the chain that ran.
  void anotherChainHasNotRun() {
    openSample();
    QSignalSpy finished(&m_window->session(), &Session::runFinished);
    QTest::mouseClick(runButton(), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kWaitMs);
    auto& canvas = m_window->findChild<CanvasView*>()->board().canvas();
    QTRY_COMPARE(canvas.node(QStringLiteral("grid"))->run().state, NodeState::Done);
    openSample();
    QTRY_COMPARE(canvas.node(QStringLiteral("grid"))->run().state, NodeState::Idle);
  }

  /// A VRT reads other files: the window asks, and keeps the answer for this user.
  void aFileThatReadsOthersAsksForTrust() {
    qputenv("XDG_CONFIG_HOME", m_folder.path().toUtf8());
    m_services = makeServices();
    makeWindow();
    QVERIFY(QFile::copy(CUBELOOM_TEST_DATA "/geotiff/skewed_utm11n_f64.tif", m_folder.filePath(QStringLiteral("part.tif"))));
    QFile vrt(m_folder.filePath(QStringLiteral("mosaic.vrt")));
    QVERIFY(vrt.open(QIODevice::WriteOnly));
    vrt.write(
        "<VRTDataset rasterXSize='10' rasterYSize='10'><VRTRasterBand dataType='Float64' band='1'><SimpleSource>"
        "<SourceFilename "
        "relativeToVRT='1'>part.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>");
    vrt.close();
    m_window->openFiles({vrt.fileName()});
    const auto waitForGraph = [this] { return !m_window->document().isBinding() && m_window->document().graph(); };
    QTRY_VERIFY_WITH_TIMEOUT(waitForGraph(), kWaitMs);
    const auto blockers = blockersOf(m_window->document(), m_window->session());
    QCOMPARE(blockers.size(), std::size_t(1));
    QCOMPARE(blockers.front().remedies.front().label, QStringLiteral("Trust this file"));
    blockers.front().remedies.front().apply();
    QTRY_VERIFY_WITH_TIMEOUT(waitForGraph() && !m_window->document().graph()->nodes.front().error, kWaitMs);
    QVERIFY(makeServices().trust->isTrusted(vrt.fileName().toStdString()));
  }

  void filesBecomeStepsAndFoldersPlaces() {
    const auto made = makeSmallSample(m_folder.filePath(QStringLiteral("data")).toStdString());
    QVERIFY(made);
    m_window->openFiles({QString::fromStdString(*made), m_folder.filePath(QStringLiteral("data"))});
    QCOMPARE(m_window->document().chain().nodes.size(), std::size_t(1));
    QCOMPARE(m_window->document().selection(), QStringList({QStringLiteral("open")}));
    QCOMPARE(m_window->document().viewedNode(), QStringLiteral("open"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->document().specOf(QStringLiteral("open")), kWaitMs);
    QString error;
    const QString chain = m_folder.filePath(QStringLiteral("one.cubeloom"));
    QVERIFY2(m_window->document().save(chain, &error), qPrintable(error));
    m_window->document().newChain();
    m_window->openFiles({chain});
    QCOMPARE(m_window->document().path(), chain);
    QCOMPARE(m_window->document().chain().nodes.size(), std::size_t(1));
  }

  void aBrokenChainIsANotice() {
    QFile file(m_folder.filePath(QStringLiteral("broken.cubeloom")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"cubeloom\": 1, \"nods\": []}");
    file.close();
    m_window->openFiles({file.fileName()});
    auto* notice = m_window->findChild<NoticeBar*>();
    QVERIFY(notice->isVisible());
    QVERIFY2(notice->text().contains(QStringLiteral("nods")), qPrintable(notice->text()));
    QVERIFY(m_window->document().path().isEmpty());
  }

  void closingAsksAboutUnsavedChanges() {
    openSample();
    m_window->document().setParam(QStringLiteral("grid"), QStringLiteral("resolution"), 50);
    answerNextQuestion(QMessageBox::Cancel);
    QVERIFY(!m_window->close());
    QVERIFY(m_window->isVisible());
    answerNextQuestion(QMessageBox::Discard);
    QVERIFY(m_window->close());
  }

  void theLayoutCanBeReset() {
    for (const char* name : {"data", "chain", "preview", "inspector", "monitor"}) QVERIFY2(zone(name)->isVisible(), name);
    QVERIFY(!zone("outline")->isVisible());
    zone("data")->hide();
    zone("inspector")->setFloating(true);
    action(QStringLiteral("Reset the layout"))->trigger();
    QVERIFY(zone("data")->isVisible());
    QVERIFY(!zone("inspector")->isFloating());
    const auto corner = [this](const char* name) { return zone(name)->mapTo(m_window.get(), QPoint(0, 0)); };
    QTRY_VERIFY(corner("data").x() < corner("chain").x());
    QVERIFY(corner("chain").x() < corner("inspector").x());
    QVERIFY(corner("chain").y() < corner("preview").y());
    QVERIFY(corner("preview").y() < corner("monitor").y());
    QVERIFY(zone("chain")->width() > 700);
    QVERIFY(zone("monitor")->width() > 1500);
  }

  void theLayoutOfTheLastSessionComesBack() {
    zone("inspector")->hide();
    zone("outline")->show();
    m_window->close();
    makeWindow();
    QVERIFY(!zone("inspector")->isVisible());
    QVERIFY(zone("outline")->isVisible());
  }

  void aLayoutSavedByAnEarlierVersionIsKept() {
    m_window.reset();
    saveSettingsOf("saved_layout_1.conf");  // of 0.1.0: no monitor, the data zone 380 pixels wide instead of 280
    makeWindow();
    QVERIFY(!zone("monitor")->isVisible());
    for (const char* name : {"data", "chain", "preview", "inspector"}) QVERIFY2(zone(name)->isVisible(), name);
    QTRY_VERIFY2(zone("data")->width() > 320, qPrintable(QString::number(zone("data")->width())));  // the screen of the tests is narrower
    QVERIFY(!m_window->isFirstStart());
  }

  void aPanelIsOneRowOfTheTable() {
    m_window.reset();
    makeWindow(withNotes());
    QVERIFY(zone("notes") && zone("notes")->isVisible());
    QVERIFY(m_window->tabifiedDockWidgets(zone("inspector")).contains(zone("notes")));  // they share the right side
    QVERIFY(!zone("inspector")->visibleRegion().isEmpty());
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    QTest::keyClick(m_window.get(), Qt::Key_9, Qt::AltModifier);
    QVERIFY(zone("notes")->isAncestorOf(QApplication::focusWidget()));
    QVERIFY(!zone("notes")->visibleRegion().isEmpty());
    QVERIFY(!action(QStringLiteral("Notes"))->icon().isNull());
    zone("notes")->toggleViewAction()->trigger();
    QVERIFY(!zone("notes")->isVisible());
    action(QStringLiteral("Reset the layout"))->trigger();
    QVERIFY(zone("notes")->isVisible());
  }

  void aNewPanelKeepsTheSavedLayout() {
    m_window.reset();
    saveSettingsOf("saved_layout_1.conf");
    makeWindow(withNotes());
    QVERIFY(!zone("monitor")->isVisible());
    QTRY_VERIFY(zone("data")->width() > 320);
    QVERIFY(zone("notes")->isVisible());
    QVERIFY(zone("notes")->x() >= zone("preview")->mapTo(m_window.get(), QPoint(0, 0)).x() + zone("preview")->width());
  }

  void everyZoneHasATitleAnIconAndANameOfItsOwn() {
    QStringList names;
    for (const Zone& row : zones()) {
      names << QString::fromLatin1(row.id);
      QVERIFY2(QFile::exists(QStringLiteral(":/icons/%1.svg").arg(QLatin1String(row.icon))), row.icon);
      QCOMPARE(zone(row.id)->windowTitle(), QString::fromLatin1(row.title));
    }
    QCOMPARE(names.removeDuplicates(), 0);
  }

  void thePreviewFillsTheScreenAndGoesBack() {
    zone("data")->hide();
    action(QStringLiteral("Preview full screen"))->trigger();
    QVERIFY(m_window->isFullScreen());
    for (const char* name : {"data", "chain", "inspector", "monitor", "outline"}) QVERIFY2(!zone(name)->isVisible(), name);
    QVERIFY(zone("preview")->isVisible() && !m_window->menuBar()->isVisible());
    action(QStringLiteral("Preview full screen"))->trigger();
    QVERIFY(!m_window->isFullScreen());
    for (const char* name : {"chain", "preview", "inspector", "monitor"}) QVERIFY2(zone(name)->isVisible(), name);
    QVERIFY(!zone("data")->isVisible() && m_window->menuBar()->isVisible());
  }

  void aNarrowWindowGivesUpTheInspectorFirst() {
    m_window->resize(1100, 800);
    QTRY_VERIFY(!zone("inspector")->isVisible());
    QVERIFY(zone("data")->isVisible());
    m_window->resize(850, 800);
    QTRY_VERIFY(!zone("data")->isVisible());
    m_window->resize(1600, 1000);
    QTRY_VERIFY(zone("inspector")->isVisible() && zone("data")->isVisible());
  }

  /// Collapsed and opened again, a zone is as high as the user made it.
  void aZoneKeepsItsHeight() {
    auto* monitor = m_window->findChild<MonitorPanel*>();
    m_window->resizeDocks({zone("monitor")}, {317}, Qt::Vertical);
    QTRY_COMPARE(zone("monitor")->height(), 317);
    monitor->setCollapsed(true);
    QTRY_VERIFY(zone("monitor")->height() < 60);
    monitor->setCollapsed(false);
    QTRY_COMPARE(zone("monitor")->height(), 317);
  }

  /// Long words in the preview's header make no other zone narrower.
  void zonesKeepTheirWidth() {
    openSample();
    m_window->resize(1280, 720);
    const int data = zone("data")->width(), inspector = zone("inspector")->width();
    m_window->document().setComparedNode(QStringLiteral("cube"));
    m_window->document().renameNode(QStringLiteral("grid"), QStringLiteral("a_step_with_a_name_that_is_longer_than_any_zone_is_wide"));
    QTest::qWait(300);
    QCOMPARE(zone("data")->width(), data);
    QCOMPARE(zone("inspector")->width(), inspector);
    QCOMPARE(m_window->width(), 1280);
  }

  void keysLeadThroughTheZones() {
    openSample();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    const auto focused = [this] {
      for (ZoneDock* dock : m_window->findChildren<ZoneDock*>()) {
        if (QApplication::focusWidget() && dock->isAncestorOf(QApplication::focusWidget())) return dock->objectName();
      }
      return QString();
    };
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::AltModifier);
    QCOMPARE(focused(), QStringLiteral("chain"));
    QTest::keyClick(m_window.get(), Qt::Key_F6);
    QCOMPARE(focused(), QStringLiteral("preview"));
    QTest::keyClick(m_window.get(), Qt::Key_F6, Qt::ShiftModifier);
    QCOMPARE(focused(), QStringLiteral("chain"));
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    QCOMPARE(focused(), QStringLiteral("data"));
    // The inspector's first field, not the "?" above it.
    QTest::keyClick(m_window.get(), Qt::Key_4, Qt::AltModifier);
    QCOMPARE(focused(), QStringLiteral("inspector"));
    QVERIFY(m_window->findChild<ParamForm*>()->isAncestorOf(QApplication::focusWidget()));
  }

  void thePaletteFindsByTheStartsOfWords() {
    QVERIFY(matchScore(QStringLiteral("rth"), QStringLiteral("Run: Run to here")) >
            matchScore(QStringLiteral("rth"), QStringLiteral("View: Arrange the zones")));
    QVERIFY(matchScore(QStringLiteral("xyz"), QStringLiteral("Run: Run")) < 0);
    int ran = 0;
    auto* palette = new CommandPalette(
        {{QStringLiteral("Open"), {}, [&ran] { ran = 1; }}, {QStringLiteral("Lay out"), {}, [&ran] { ran = 2; }}}, m_window.get());
    palette->open();
    auto* query = palette->findChild<QLineEdit*>();
    QTest::keyClicks(query, QStringLiteral("lay"));
    QTest::keyClick(query, Qt::Key_Return);
    QCOMPARE(ran, 2);
  }

  void workersStayWithinTheMachine() {
    Session& session = m_window->session();
    session.setWorkers(100000);
    QCOMPARE(session.workers(), session.system().maximumWorkers);
    session.setWorkers(0);
    QCOMPARE(session.workers(), 1);
  }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
