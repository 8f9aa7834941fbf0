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
#include "ui/run/blockers.h"
#include "ui/run/run_bar.h"
#include "ui/window/command_palette.h"
#include "ui/window/main_window.h"
#include "ui/window/notice_bar.h"
#include "ui/window/zone_dock.h"
#include "ui/window/zones.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kWaitMs = 30000;
QStringList s_warnings;

void collectWarnings(QtMsgType type, const QMessageLogContext&, const QString& text) {
  // What the offscreen platform cannot do is no fault of the window.
  if (type == QtDebugMsg || type == QtInfoMsg || text.startsWith(QStringLiteral("This plugin does not support"))) return;
  s_warnings << text;
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
  table.push_back({"notes", "Notes", "copy", Place::Right, {320, 600}, Qt::Key_6, 0, true, makeNotes});
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
  void initTestCase() {
    settleIn(m_folder);
    qInstallMessageHandler(collectWarnings);
  }
  void cleanupTestCase() { qInstallMessageHandler(nullptr); }

  void init() {
    s_warnings.clear();
    QFile::remove(m_folder.filePath(QStringLiteral("Cubeloom/Cubeloom/sample/sample_25m.tif")));
    makeWindow();
  }
  void cleanup() {
    m_window.reset();
    QSettings().clear();
    QVERIFY2(s_warnings.isEmpty(), qPrintable(s_warnings.join(QLatin1Char('\n'))));
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
    QTest::keyClick(m_window.get(), Qt::Key_6, Qt::AltModifier);
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
