// SPDX-License-Identifier: GPL-3.0-or-later
// Run on: real Dask clusters of this computer, started and used by the window's buttons; wrong addresses; the queue; the proof of exported
// code. Every cluster is ended by the test that started it.
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QMessageBox>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>
#include <QtTest>

#include "tests/ui/support/desk.h"
#include "ui/browser/browser_view.h"
#include "ui/cluster/cluster_card.h"
#include "ui/cluster/cluster_view.h"
#include "ui/code/code_view.h"
#include "ui/document/code_languages.h"
#include "ui/monitor/monitor_panel.h"
#include "ui/monitor/monitor_view.h"
#include "ui/monitor/run_charts.h"
#include "ui/run/clusters.h"
#include "ui/run/run_bar.h"
#include "ui/run/run_queue.h"
#include "ui/window/main_window.h"
#include "ui/window/notice_bar.h"
#include "ui/window/zone_dock.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kLongMs = 90000;
const QString kPython = QStringLiteral("/usr/bin/python3");  // Debian's, which has distributed

bool canImport(const QString& module) {
  QProcess python;
  python.start(kPython, {"-c", "import " + module});
  return python.waitForFinished(60000) && python.exitStatus() == QProcess::NormalExit && python.exitCode() == 0;
}

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

template <class Button>
Button* buttonOf(QWidget& parent, const QString& text) {
  for (Button* button : parent.findChildren<Button*>())
    if (button->text().contains(text) && !button->isHidden()) return button;
  return nullptr;
}

}  // namespace

class TestClusters : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::unique_ptr<MainWindow> m_window;
  QString m_address;  ///< of the cluster that most tests use

  QString file(const QString& name) const { return m_folder.filePath(name); }
  Session& session() { return m_window->session(); }
  Clusters& clusters() { return session().clusters(); }
  ClusterView& view() { return *m_window->findChild<ClusterView*>(); }
  ClusterCard* card(const QString& address) {
    for (ClusterCard* one : view().cards())
      if (one->address() == address) return one;
    return nullptr;
  }
  bool isReady(const QString& address) {
    const Cluster* cluster = clusters().find(address);
    return cluster && cluster->state == Cluster::State::Ready && cluster->workers > 0;
  }

  /// Writes `out`; a finer grid takes longer.
  void openChain(const QString& out, double resolution) {
    Chain chain;
    chain.folder = m_folder.path().toStdString();
    chain.title = out.toStdString();
    chain.nodes = {{"cube", "open", {}, Json{{"path", "cube.hdr"}}},
                   {"grid", "reproject", {"cube"}, Json{{"crs", "EPSG:3310"}, {"resolution", resolution}, {"resampling", "cubic"}}},
                   {"out", "write", {"grid"}, Json{{"path", out.toStdString()}, {"compress", "zstd"}}}};
    m_window->document().restore({}, chain);
    QTest::qWait(250);
    QTRY_VERIFY_WITH_TIMEOUT(session().plan() && !session().isPlanning() && !m_window->document().isBinding(), kLongMs);
  }
  void waitForEnd() { QTRY_VERIFY_WITH_TIMEOUT(!session().isRunning() && !session().isStarting(), kLongMs); }
  QString errors() {
    QStringList all;
    if (session().report())
      for (const Error& error : session().report()->errors) all << QString::fromStdString(error.text());
    return all.join(u'\n');
  }
  void type(const QString& address) {
    auto* field = view().findChild<QLineEdit*>();
    field->setText(address);
    QTest::keyClick(field, Qt::Key_Return);
  }

 private slots:
  void initTestCase() {
    settleIn(m_folder);
    qputenv("CUBELOOM_PYTHON", kPython.toUtf8());
    QSettings().setValue(QStringLiteral("window/started"), true);
    const auto cube = writeSyntheticCube(SyntheticCube({260, 240, 5, 0, 3}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    m_window = std::make_unique<MainWindow>(makeServices(), makeSmallSample);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    session().setWorkers(2);
    session().setMemoryBudget(std::int64_t{2} << 30);
    // The zone opens from the run bar.
    Q_EMIT m_window->findChild<RunBar*>()->clustersRequested(true);
    QTRY_VERIFY(view().isVisible());
  }

  void cleanupTestCase() {
    if (session().isRunning()) session().stop();
    waitForEnd();
    for (const Cluster& one : std::vector<Cluster>(clusters().all()))
      if (one.isLocal) clusters().shutDown(one.address);
    QTRY_VERIFY_WITH_TIMEOUT(std::none_of(clusters().all().begin(), clusters().all().end(), [](const Cluster& one) { return one.isLocal; }),
                             kLongMs);
    m_window.reset();
    QProcess list;
    list.start(CUBELOOM_CLI, {"cluster", "list"});
    QVERIFY(list.waitForFinished(kLongMs));
    QVERIFY(list.readAllStandardError().contains("no cluster runs here"));
  }

  // ---- what needs no cluster

  void wrongAddresses() {
    type("scheduler");
    QVERIFY2(view().problem().contains("is no address") && view().problem().contains("tcp://HOST:PORT"), qPrintable(view().problem()));
    QElapsedTimer timer;
    timer.start();
    type("Client(\"tcp://127.0.0.1:1\")");  // as it is copied from a notebook
    QTRY_VERIFY_WITH_TIMEOUT(!view().problem().isEmpty(), kLongMs);
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
    QVERIFY2(view().problem().contains("Nobody answers at tcp://127.0.0.1:1: connection refused"), qPrintable(view().problem()));
    QVERIFY(card("tcp://127.0.0.1:1") && card("tcp://127.0.0.1:1")->statusText() == "not connected");
    QVERIFY(session().place().isEmpty());
    QVERIFY(!QSettings().value("cluster/addresses").toStringList().contains("tcp://127.0.0.1:1"));
    buttonOf<QPushButton>(*card("tcp://127.0.0.1:1"), "Forget")->click();
    QVERIFY(!card("tcp://127.0.0.1:1"));
  }

  void aPythonWithoutDistributed() {
    QFile bare(file("bare-python"));
    QVERIFY(bare.open(QIODevice::WriteOnly));
    bare.write("#!/bin/sh\nexec /usr/bin/python3 -S -E -s \"$@\"\n");
    bare.close();
    bare.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("CUBELOOM_PYTHON", bare.fileName().toUtf8());
    buttonOf<QPushButton>(view(), "Start a local cluster")->click();
    QTRY_VERIFY_WITH_TIMEOUT(view().problem().contains("install python3-distributed"), kLongMs);
    QVERIFY(view().cards().empty());
    qputenv("CUBELOOM_PYTHON", kPython.toUtf8());
  }

  // ---- on a real one

  void startedByAClick() {
    if (!canImport("distributed")) QSKIP("the system's python3 has no distributed: no cluster can be started");
    auto* button = buttonOf<QPushButton>(view(), "Start a local cluster");
    QVERIFY2(button->text().contains("2 workers, 2.00 GiB"), qPrintable(button->text()));
    button->click();
    QCOMPARE(view().cards().front()->statusText(), QString("starting…"));
    QTRY_VERIFY_WITH_TIMEOUT(!session().place().isEmpty(), kLongMs);  // who has started one wants to run on it
    m_address = session().place();
    QTRY_VERIFY_WITH_TIMEOUT(isReady(m_address), kLongMs);
    QCOMPARE(clusters().find(m_address)->threads, 2);
    QVERIFY(clusters().find(m_address)->dashboard.startsWith("http://127.0.0.1:"));
    QCOMPARE(card(m_address)->statusText(), QString("ready"));
    buttonOf<QPushButton>(*card(m_address), "Copy code")->click();
    QVERIFY(QApplication::clipboard()->text().contains("client = Client(\"" + m_address + "\")"));
    QVERIFY(m_window->findChild<QToolButton*>("runOn")->text().startsWith("127.0.0.1:"));
  }

  // The same bytes as a run here; a lane and a band of memory for each worker; the report and the log of any run.
  void runsThere() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    session().setPlace({});
    openChain("here.tif", 2);
    session().start();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kLongMs);
    waitForEnd();
    QVERIFY2(session().report()->status == RunStatus::Finished, qPrintable(errors()));
    session().setPlace(m_address);
    openChain("there.tif", 2);
    QVERIFY2(m_window->findChild<RunBar*>()->preflight().contains("on 2 threads of the cluster"),
             qPrintable(m_window->findChild<RunBar*>()->preflight()));
    session().start();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kLongMs);
    waitForEnd();
    QVERIFY2(session().report()->status == RunStatus::Finished, qPrintable(errors()));
    QVERIFY(!contentOf(file("there.tif")).isEmpty());
    QVERIFY(contentOf(file("there.tif")) == contentOf(file("here.tif")));
    QCOMPARE(session().report()->chunksDone, session().report()->chunksTotal);
    QCOMPARE(session().snapshot().cluster.size(), std::size_t{2});
    auto& panel = m_window->findChild<MonitorView*>()->panel();
    const QString lanes = panel.charts().timeline()->readout();
    QVERIFY2(lanes.contains("2 workers") && !lanes.startsWith("0 "), qPrintable(lanes));
    QVERIFY2(panel.charts().memory()->readout().contains("peak"), qPrintable(panel.charts().memory()->readout()));
    QCOMPARE(static_cast<TimeChart*>(panel.charts().memory()->body())->curveCount(), std::size_t{10});
  }

  void pausedStoppedAndContinued() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    openChain("slow.tif", 0.5);
    session().start();
    const auto done = [this] { return session().snapshot().states[static_cast<std::size_t>(ChunkState::Done)]; };
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning() && done() > 0, kLongMs);
    session().setPaused(true);
    QVERIFY(session().isPaused());
    // What is in hand is finished; then nothing moves.
    std::int64_t before = -1, now = done();
    for (int look = 0; look < 60 && before != now; ++look) {
      QTest::qWait(1500);
      before = std::exchange(now, done());
    }
    QCOMPARE(before, now);
    QVERIFY(session().isRunning());
    session().setPaused(false);
    QTRY_VERIFY_WITH_TIMEOUT(!session().isRunning() || done() > now, kLongMs);
    session().stop();
    waitForEnd();
    QCOMPARE(session().report()->status, RunStatus::Canceled);
    QVERIFY(!QFile::exists(file("slow.tif")));
    QTest::qWait(300);
    QTRY_VERIFY_WITH_TIMEOUT(session().plan() && !session().isPlanning(), kLongMs);
    // The button says what it will do: go on from the parts that are there.
    QVERIFY(session().part() && session().part()->canResume && session().part()->chunksLeft < session().part()->chunksTotal);
    QVERIFY(buttonOf<QPushButton>(*m_window->findChild<RunBar*>(), "Resume (") ||
            buttonOf<QToolButton>(*m_window->findChild<RunBar*>(), "Resume ("));
    // Run to here, of the output: there, too.
    session().start("out");
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kLongMs);
    QCOMPARE(session().run()->cluster(), m_address.toStdString());
    waitForEnd();
    QVERIFY2(session().report()->status == RunStatus::Finished, qPrintable(errors()));
    QVERIFY(QFile::exists(file("slow.tif")));
  }

  // While one runs another is put behind it; what is taken out does not run.
  void queued() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    openChain("first.tif", 1);
    session().start();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning(), kLongMs);
    auto* button = m_window->findChild<QToolButton*>("enqueue");
    QVERIFY(button->isVisible());
    button->click();
    QVERIFY(session().queue().runs().empty());
    QVERIFY(m_window->findChild<NoticeBar*>()->text().contains("This very chain is running"));
    openChain("second.tif", 4);
    button->click();
    openChain("third.tif", 5);
    session().setPlace({});
    button->click();
    QCOMPARE(session().queue().runs().size(), std::size_t{2});
    auto* queued = m_window->findChild<QToolButton*>("queued");
    QCOMPARE(queued->text(), QString("2 waiting"));
    queued->click();
    auto* out = m_window->findChild<QToolButton*>("removeQueued0");
    QVERIFY(out);
    out->click();
    QCOMPARE(session().queue().runs().size(), std::size_t{1});
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file("third.tif")), kLongMs);
    waitForEnd();
    QVERIFY(QFile::exists(file("first.tif")) && !QFile::exists(file("second.tif")));
    QVERIFY(session().queue().runs().empty() && session().run()->cluster().empty());
    session().setPlace(m_address);
  }

  // A worker that cannot do its part is a card in plain words.
  void aFailureIsACard() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    openChain("fails.tif", 2);
    qputenv("CUBELOOM_CLI", "/no/such/program");
    session().start();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning() || session().report(), kLongMs);
    waitForEnd();
    qunsetenv("CUBELOOM_CLI");
    QCOMPARE(session().report()->status, RunStatus::Failed);
    QVERIFY2(errors().contains("/no/such/program"), qPrintable(errors()));
  }

  void scaled() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    card(m_address)->findChild<QSpinBox*>()->setValue(1);
    buttonOf<QPushButton>(*card(m_address), "Scale")->click();
    QCOMPARE(card(m_address)->statusText(), QString("scaling…"));
    QTRY_VERIFY_WITH_TIMEOUT(isReady(m_address) && clusters().find(m_address)->workers == 1, kLongMs);
  }

  // A scheduler that was started elsewhere: it is remembered, cannot be scaled or shut down, and several stand side by side.
  void connectedTo() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    QProcess scheduler;
    const QString facts = file("scheduler.json");
    scheduler.start(kPython, {"-m", "distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--dashboard-address",
                              "127.0.0.1:0", "--scheduler-file", facts});
    QTRY_VERIFY_WITH_TIMEOUT(!QJsonDocument::fromJson(contentOf(facts)).object()["address"].toString().isEmpty(), kLongMs);
    const QString address = QJsonDocument::fromJson(contentOf(facts)).object()["address"].toString();
    type(address);
    QTRY_VERIFY_WITH_TIMEOUT(session().place() == address, kLongMs);
    QCOMPARE(view().cards().size(), std::size_t{2});
    QCOMPARE(card(address)->statusText(), QString("no workers"));
    QVERIFY(!buttonOf<QPushButton>(*card(address), "Shut down") && !buttonOf<QPushButton>(*card(address), "Scale"));
    QCOMPARE(QSettings().value("cluster/addresses").toStringList(), QStringList{address});
    scheduler.kill();
    QVERIFY(scheduler.waitForFinished(20000));
    buttonOf<QPushButton>(*card(address), "Forget")->click();
    QVERIFY(!card(address));
    QVERIFY(QSettings().value("cluster/addresses").toStringList().isEmpty());
    QVERIFY(session().place().isEmpty());
  }

  // It asks while a run is on; then the run is stopped and no process is left.
  void shutDownInTheMiddle() {
    if (m_address.isEmpty()) QSKIP("no cluster could be started");
    session().setPlace(m_address);
    openChain("ended.tif", 0.4);
    session().start();
    QTRY_VERIFY_WITH_TIMEOUT(session().isRunning() && session().snapshot().fraction > 0, kLongMs);
    QString asked;
    QTimer::singleShot(200, this, [&asked] {
      auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      if (!box) return;
      asked = box->text();
      for (QAbstractButton* button : box->buttons())
        if (button->text().remove(u'&') == "Stop and shut down") button->click();
    });
    buttonOf<QPushButton>(*card(m_address), "Shut down")->click();
    QVERIFY2(asked.contains("ended.tif"), qPrintable(asked));
    QTRY_VERIFY_WITH_TIMEOUT(!card(m_address), kLongMs);
    waitForEnd();
    QCOMPARE(session().report()->status, RunStatus::Canceled);
    QVERIFY(!QFile::exists(file("ended.tif")));
    QVERIFY(session().place().isEmpty());
  }

  // ---- Prove it

  void proven() {
    if (!canImport("rioxarray, dask")) QSKIP("the system's python3 has no rioxarray and dask: exported programs cannot run");
    Chain chain;
    chain.folder = m_folder.path().toStdString();
    chain.nodes = {{"cube", "open", {}, Json{{"path", "cube.hdr"}}},
                   {"order", "transpose", {"cube"}, Json{{"dims", {"wavelength", "y", "x"}}}},
                   {"out", "write", {"order"}, Json{{"path", "proof.tif"}}}};
    m_window->document().restore({}, chain);
    auto& code = *m_window->findChild<CodeView*>();
    ZoneDock* dock = nullptr;
    for (ZoneDock* one : m_window->findChildren<ZoneDock*>())
      if (one->widget() == &code) dock = one;
    dock->show();
    dock->raise();
    code.setLanguage("python");
    auto* prove = code.findChild<QPushButton*>("prove");
    QTRY_VERIFY_WITH_TIMEOUT(prove->isEnabled() && !code.isBusy(), kLongMs);
    prove->click();
    QCOMPARE(prove->text(), QString("Cancel"));
    prove->click();  // given up
    QVERIFY(!code.isProving() && code.proven().isEmpty());
    prove->click();
    QTRY_VERIFY_WITH_TIMEOUT(!code.isProving(), kLongMs);
    QVERIFY2(code.proven().startsWith("✓ order: equal in all"), qPrintable(code.proven()));
    // It was proven of the chain as it was.
    m_window->document().setParam("out", "path", "other.tif");
    QVERIFY(code.proven().isEmpty());
    code.setLanguage("slurm");
    QTRY_VERIFY(!code.isBusy());
    QVERIFY(!prove->isEnabled());
  }

  void whatAProofSays() {
    const Json a{{"node", "a"},
                 {"windows", 8},
                 {"values", 100},
                 {"equal", 90},
                 {"holds", false},
                 {"nodata_in_one", 2},
                 {"largest_difference", 0.25},
                 {"where", "y 3 (4.5)"}};
    const Json b{{"node", "b"}, {"windows", 8}, {"values", 5}, {"equal", 5}, {"holds", true}};
    const Proof differs = proofFrom(Json{{"holds", false}, {"outputs", Json::array({a, b})}}.dump());
    QCOMPARE(differs.outcome, Proof::Outcome::Differs);
    QVERIFY2(differs.text.contains("a: 10 of 100 values differ, by up to 0.25, 2 are nodata in one alone; at y 3 (4.5)"),
             qPrintable(differs.text));
    QVERIFY(differs.text.contains("b: equal in all 5 values"));
    QCOMPARE(proofFrom("{").outcome, Proof::Outcome::Failed);
  }

  // Every language has its entry in the File menu, and writes its file.
  void savedAsCode() {
    openChain("code.tif", 2);
    FileActions files(m_window->document(), *m_window->findChild<BrowserView*>(), makeSmallSample, *m_window);
    QSignalSpy saved(&files, &FileActions::codeSaved), problems(&files, &FileActions::problem);
    for (const CodeLanguage& language : codeLanguages()) {
      QAction* entry = nullptr;
      for (QAction* action : m_window->findChildren<QAction*>())
        if (action->text() == language.name + "…") entry = action;
      QVERIFY2(entry, qPrintable(language.name));
      const QString path = file("saved" + language.suffix);
      files.writeCode(language.id, path);
      QTRY_VERIFY_WITH_TIMEOUT(saved.size() == 1, kLongMs);
      saved.clear();
      QVERIFY2(contentOf(path).contains("cube.hdr"), qPrintable(path));
    }
    QVERIFY(problems.isEmpty());
    files.writeCode("python", "/no/such/folder/x.py");
    QTRY_COMPARE_WITH_TIMEOUT(problems.size(), 1, kLongMs);
    // The chain's own file is never offered as the place of its copy.
    QVERIFY(codeFileName("/data/a.cubeloom", codeLanguage("json")) != "/data/a.cubeloom");
    QCOMPARE(codeFileName("/data/a.cubeloom", codeLanguage("notebook")), QString("/data/a.ipynb"));
  }
};

QTEST_MAIN(TestClusters)
#include "tst_clusters.moc"
