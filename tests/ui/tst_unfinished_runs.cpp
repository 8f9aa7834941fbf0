// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does with runs that did not come to their end, and with edits that were not saved: nothing is lost without a word.
#include <QAbstractSpinBox>
#include <QLabel>
#include <QMessageBox>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>
#include <QToolButton>
#include <QtTest>

#include "tests/ui/support/desk.h"
#include "ui/document/edit_journal.h"
#include "ui/monitor/monitor_panel.h"
#include "ui/monitor/runs_view.h"
#include "ui/run/blockers.h"
#include "ui/run/run_bar.h"
#include "ui/window/main_window.h"
#include "ui/window/notice_bar.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kWaitMs = 60000;

/// Presses the button of the next message box that reads `label`.
void answerNextQuestion(const QString& label) {
  auto* timer = new QTimer(qApp);
  QObject::connect(timer, &QTimer::timeout, timer, [timer, label] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (!box) return;
    for (QAbstractButton* button : box->buttons()) {
      if (QString(button->text()).remove(QLatin1Char('&')) != label) continue;
      timer->deleteLater();
      button->click();
      return;
    }
  });
  timer->start(20);
}

template <class Button>
Button* buttonThatReads(QWidget& window, const QString& text) {
  for (Button* button : window.findChildren<Button*>())
    if (button->text().contains(text) && button->isVisible()) return button;
  return nullptr;
}

/// Opens a chain of one step, changes it, and waits to be killed.
int editAndWait(int argc, char** argv) {
  QApplication application(argc, argv);
  Document document(makeServices());
  EditJournal journal(document, QString::fromLocal8Bit(argv[2]));
  Chain chain;
  chain.title = "Harvest";
  document.setChain(chain);
  document.addNode(QStringLiteral("open"), Json{{"path", "field.tif"}}, {});
  QTimer::singleShot(500, &document, [&document] { document.setParam(QStringLiteral("open"), QStringLiteral("nodata"), 17); });
  return QApplication::exec();
}

}  // namespace

class TestUnfinishedRuns : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::unique_ptr<MainWindow> m_window;

  QString file(const QString& name) const { return m_folder.filePath(name); }
  QStringList parts() const { return QDir(m_folder.path()).entryList({"*.part-*"}, QDir::Dirs); }
  Session& session() { return m_window->session(); }

  /// A run of seconds: 5 bands, interpolated onto a finer grid. `method` makes it another chain of the same output.
  void saveChain(const QString& name, const char* out, const char* method = "cubic") const {
    Chain chain;
    chain.nodes = {{"cube", "open", {}, Json{{"path", "cube.hdr"}}},
                   {"grid", "reproject", {"cube"}, Json{{"crs", "EPSG:3310"}, {"resolution", 0.6}, {"resampling", method}}},
                   {"out", "write", {"grid"}, Json{{"path", out}, {"compress", "zstd"}}}};
    const auto saved = cubeloom::saveChain(chain, file(name).toStdString());
    QVERIFY2(saved.has_value(), saved ? "" : saved.error().text().c_str());
  }
  void openWindow() {
    m_window = std::make_unique<MainWindow>(makeServices(), makeSmallSample);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    session().setWorkers(1);
    session().setMemoryBudget(std::int64_t{600} << 20);
  }
  void openChain(const QString& name) {
    m_window->openFiles({file(name)});
    waitForPlan();
  }
  void waitForPlan() {
    QTest::qWait(250);  // longer than changes are gathered
    QTRY_VERIFY_WITH_TIMEOUT(session().plan() && !session().isPlanning() && !m_window->document().isBinding(), kWaitMs);
  }
  /// Starts it and waits for the first chunk.
  void runForAWhile() {
    session().start();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(session().snapshot().states[static_cast<std::size_t>(ChunkState::Done)] >= 2, kWaitMs);
    QVERIFY(session().isRunning());
  }
  void stopAfterAWhile() {
    runForAWhile();
    session().stop();
    QTRY_VERIFY_WITH_TIMEOUT(session().report().has_value(), kWaitMs);
    waitForPlan();
  }
  QString notice() const {
    const auto* bar = m_window->findChild<NoticeBar*>();
    return bar->isVisible() ? bar->text() : QString();
  }

 private slots:
  void initTestCase() {
    settleIn(m_folder);
    const auto cube = writeSyntheticCube(SyntheticCube({260, 240, 5, 0, 3}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    QSettings().setValue(QStringLiteral("window/started"), true);
    saveChain("field.cubeloom", "out.tif");
    saveChain("other.cubeloom", "out.tif", "average");
  }
  void init() { openWindow(); }
  void cleanup() {
    if (session().isRunning()) session().stop();
    QTRY_VERIFY_WITH_TIMEOUT(!session().isRunning(), kWaitMs);
    m_window.reset();
    for (const QString& part : parts()) QDir(file(part)).removeRecursively();
    QFile::remove(file("out.tif"));
  }

  void stopKeepsAndResumeGoesOn() {
    openChain("field.cubeloom");
    runForAWhile();
    QElapsedTimer clock;
    clock.start();
    QToolButton* stop = nullptr;
    for (auto* button : m_window->findChildren<QToolButton*>())
      if (button->accessibleName() == QLatin1String("Stop")) stop = button;
    QVERIFY(stop && stop->toolTip().contains("kept"));
    stop->click();
    QVERIFY2(m_window->findChild<RunBar*>()->preflight().startsWith(QStringLiteral("Stopping…")),
             qPrintable(m_window->findChild<RunBar*>()->preflight()));
    QVERIFY(clock.elapsed() < 250);
    QTRY_VERIFY_WITH_TIMEOUT(session().report().has_value(), kWaitMs);
    QCOMPARE(session().report()->status, RunStatus::Canceled);
    QCOMPARE(session().report()->kept.size(), std::size_t{1});
    QCOMPARE(parts().size(), 1);
    waitForPlan();
    QTRY_VERIFY_WITH_TIMEOUT(session().part(), kWaitMs);
    const FoundPart part = *session().part();
    QVERIFY(part.canResume);
    QCOMPARE(part.chunksTotal, session().plan()->chunks);
    QCOMPARE(part.chunksTotal - part.chunksLeft, session().report()->chunksDone);
    auto* resume = buttonThatReads<QPushButton>(*m_window, QStringLiteral("Resume (%1 chunks left)").arg(part.chunksLeft));
    QVERIFY(resume);
    resume->click();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(session().report().has_value(), kWaitMs);
    QCOMPARE(session().report()->status, RunStatus::Finished);
    const double all = session().run()->plan().bytesToRead, read = session().report()->bytesRead;
    QVERIFY2(read < 0.95 * all, "not all of it again");
    QVERIFY(session().report()->plannedReadBytes < 0.95 * all);
    QVERIFY2(!m_window->findChild<MonitorPanel*>()->headlineText().contains("predicted · peak"), "of what was left nothing was predicted");
    QVERIFY(QFile::exists(file("out.tif")));
    QCOMPARE(parts(), QStringList());
    waitForPlan();
    QTRY_VERIFY_WITH_TIMEOUT(!session().part(), kWaitMs);
  }

  void discardingAsksFirst() {
    openChain("field.cubeloom");
    stopAfterAWhile();
    auto* discard = buttonThatReads<QToolButton>(*m_window, "Discard");
    QVERIFY(discard);
    answerNextQuestion("Cancel");
    discard->click();
    QTest::qWait(300);
    QCOMPARE(parts().size(), 1);
    answerNextQuestion("Discard");
    discard->click();
    QTRY_COMPARE_WITH_TIMEOUT(parts(), QStringList(), kWaitMs);
    waitForPlan();
    QTRY_VERIFY_WITH_TIMEOUT(!session().part() && !discard->isVisible(), kWaitMs);
    QCOMPARE(runOfferOf(m_window->document(), session()), RunOffer::None);
  }

  void aPartIsOfferedWhenItsChainOpens() {
    openChain("field.cubeloom");
    stopAfterAWhile();
    m_window.reset();  // the next day
    QCOMPARE(parts().size(), 1);
    openWindow();
    openChain("field.cubeloom");
    QTRY_VERIFY_WITH_TIMEOUT(session().part(), kWaitMs);
    QVERIFY2(notice().contains("out.tif") && notice().contains("are kept"), qPrintable(notice()));
    QCOMPARE(runOfferOf(m_window->document(), session()), RunOffer::Resume);
  }

  void atTheNextStartItIsOfferedWithItsChain() {
    openChain("field.cubeloom");
    stopAfterAWhile();
    m_window.reset();  // the next day
    openWindow();
    QTRY_VERIFY2_WITH_TIMEOUT(notice().contains("field") && notice().contains("did not come to its end"), qPrintable(notice()), kWaitMs);
    const auto* runs = m_window->findChild<RunsView*>();
    QVERIFY2(runs->cell(0, 0).contains("can be resumed"), qPrintable(runs->cell(0, 0)));
    auto* open = buttonThatReads<QPushButton>(*m_window, "Open it");
    QVERIFY(open);
    open->click();
    waitForPlan();
    QCOMPARE(m_window->document().path(), file("field.cubeloom"));
    QTRY_VERIFY_WITH_TIMEOUT(session().part(), kWaitMs);
    QCOMPARE(runOfferOf(m_window->document(), session()), RunOffer::Resume);
    session().discardPart();
    QTRY_COMPARE_WITH_TIMEOUT(parts(), QStringList(), kWaitMs);
    m_window->document().undoStack()->setClean();
    m_window.reset();
    openWindow();  // nothing is left to go on with
    QTest::qWait(1500);
    QCOMPARE(notice(), QString());
    QVERIFY2(!m_window->findChild<RunsView*>()->cell(0, 0).contains("can be resumed"), "the part is gone");
  }

  // Running another chain of the same output would remove the part: not without asking.
  void aPartOfAnotherChainIsNotLostSilently() {
    openChain("field.cubeloom");
    stopAfterAWhile();
    openChain("other.cubeloom");
    QTRY_VERIFY_WITH_TIMEOUT(session().part() && !session().part()->canResume && !session().isPlanning(), kWaitMs);
    QVERIFY2(session().part()->why.contains("reproject"), qPrintable(session().part()->why));
    QVERIFY2(notice().contains("out.tif"), qPrintable(notice()));
    QSignalSpy refused(&session(), &Session::runRefused);
    session().start();
    QTRY_COMPARE_WITH_TIMEOUT(refused.count(), 1, kWaitMs);
    QCOMPARE(parts().size(), 1);
    waitForPlan();
    const auto blockers = blockersOf(m_window->document(), session());
    QCOMPARE(blockers.size(), std::size_t{1});
    QCOMPARE(blockers[0].remedies.size(), std::size_t{2});
    QCOMPARE(blockers[0].remedies[0].label, QStringLiteral("Keep it, write to out-2.tif"));
    const QString part = parts().first();
    blockers[0].remedies[1].apply();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(file(part)), kWaitMs);
  }

  void closingDuringARunAsks() {
    openChain("field.cubeloom");
    runForAWhile();
    answerNextQuestion("Cancel");
    QVERIFY(!m_window->close());
    QVERIFY(session().isRunning() && !session().isStopping() && m_window->isVisible());
    answerNextQuestion("Stop and keep");
    QVERIFY(!m_window->close());
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kWaitMs);
    QCOMPARE(parts().size(), 1);
    QCOMPARE(session().report()->status, RunStatus::Canceled);
  }

  void closingMayWaitForTheEnd() {
    openChain("field.cubeloom");
    runForAWhile();
    answerNextQuestion("Go on, close when it is over");
    QVERIFY(!m_window->close());
    QVERIFY(m_window->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kWaitMs);
    QCOMPARE(session().report()->status, RunStatus::Finished);
    QVERIFY(QFile::exists(file("out.tif")));
  }

  /// A run goes on while another chain is in the window: that one is not said to have been running when the program ends.
  void aRunOfAnotherChainIsNotNotedWithThisOne() {
    openChain("field.cubeloom");
    runForAWhile();
    session().setPaused(true);  // it outlasts the delay after which the journal is written, however fast the machine is
    const QString edits = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/edits");
    QTRY_COMPARE_WITH_TIMEOUT(QDir(edits).entryList({"*.edits"}, QDir::Files).size(), 1, kWaitMs);
    m_window->document().newChain();
    QTRY_COMPARE_WITH_TIMEOUT(QDir(edits).entryList({"*.edits"}, QDir::Files).size(), 0, 5000);
  }

  void editsOutliveAKill() {
    const QString edits = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/edits");
    QProcess program;
    program.start(QCoreApplication::applicationFilePath(), {"edit-and-wait", edits});
    QVERIFY(program.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(!QDir(edits).entryList({"*.edits"}, QDir::Files).isEmpty(), kWaitMs);
    QVERIFY(EditJournal::lost(edits).empty());  // it lives
    QTest::qWait(2500);                         // the second edit: far less than ten seconds
    program.kill();
    QVERIFY(program.waitForFinished(kWaitMs));
    openWindow();
    QVERIFY2(notice().contains("ended unexpectedly") && notice().contains("Harvest"), qPrintable(notice()));
    QVERIFY(!m_window->isFirstStart());
    auto* restore = buttonThatReads<QPushButton>(*m_window, "Restore");
    QVERIFY(restore);
    restore->setFocus();
    restore->click();
    QVERIFY2(!qobject_cast<QAbstractSpinBox*>(QApplication::focusWidget()), "no field takes what is typed next");
    // Whenever the program is killed from here on, one journal or the other has the edits.
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 2500) {
      bool isKept = false;
      for (const QString& name : QDir(edits).entryList({"*.edits"}, QDir::Files)) {
        QFile journal(edits + QLatin1Char('/') + name);
        isKept = isKept || (journal.open(QIODevice::ReadOnly) && journal.readAll().contains("\"nodata\": 17"));
      }
      QVERIFY2(isKept, qPrintable(QStringLiteral("lost after %1 ms").arg(clock.elapsed())));
      QTest::qWait(20);
    }
    QCOMPARE(QDir(edits).entryList({"*.edits"}, QDir::Files).size(), 1);
    const Chain& chain = m_window->document().chain();
    QCOMPARE(chain.title, std::string("Harvest"));
    QCOMPARE(chain.nodes.size(), std::size_t{1});
    QCOMPARE(chain.nodes[0].params["nodata"].get<int>(), 17);
    QVERIFY(m_window->document().isModified());  // still to be saved
    QVERIFY(EditJournal::lost(edits).empty());
    m_window->document().undoStack()->setClean();
    QVERIFY(m_window->close());
    m_window.reset();
    QCOMPARE(QDir(edits).entryList({"*.edits"}, QDir::Files), QStringList());
    openWindow();
    QCOMPARE(notice(), QString());
  }
};

int main(int argc, char** argv) {
  if (argc == 3 && QByteArray(argv[1]) == "edit-and-wait") return editAndWait(argc, argv);
  QApplication application(argc, argv);
  TestUnfinishedRuns test;
  return QTest::qExec(&test, argc, argv);
}
#include "tst_unfinished_runs.moc"
