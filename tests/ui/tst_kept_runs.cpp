// SPDX-License-Identifier: GPL-3.0-or-later
// Runs are kept: told in a list, compared with the one before, read back and shown again, by this window and by the next.
#include <QSettings>
#include <QSignalSpy>
#include <QtTest>
#include <sstream>

#include "engine/chain/graph.h"
#include "engine/run/event_stream.h"
#include "tests/ui/support/desk.h"
#include "ui/monitor/monitor_view.h"
#include "ui/monitor/run_file.h"
#include "ui/monitor/runs_view.h"
#include "ui/run/kept_runs.h"
#include "ui/window/main_window.h"
#include "ui/words/number_text.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr int kWaitMs = 60000;
enum Column { Status, Started, ChainName, Changed, Time, Peak, Read, Written };

Chain smallChain(const QString& folder, double resolution, const char* out) {
  Chain chain;
  chain.title = "Meadow";
  chain.folder = folder.toStdString();
  chain.nodes = {{"cube", "open", {}, Json{{"path", "cube.hdr"}}},
                 {"grid", "reproject", {"cube"}, Json{{"crs", "EPSG:3310"}, {"resolution", resolution}, {"resampling", "cubic"}}},
                 {"out", "write", {"grid"}, Json{{"path", out}, {"overwrite", true}}}};
  return chain;
}

}  // namespace

class TestKeptRuns : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  QString file(const QString& name) const { return m_folder.filePath(name); }

  /// What `run --events` writes of a run, and its report.
  std::pair<QByteArray, RunReport> eventsOf(const Chain& chain) const {
    const Services services = makeServices();
    const auto graph = bindChain(chain, *services.registry, *services.sources);
    auto plan = makePlan(*graph, *services.sinks, {2, std::int64_t{256} << 20, {}, true, false});
    std::string text;
    EventStream stream(*plan, [&text](const std::string& line) { text += line + "\n"; });
    stream.start(*plan);
    const auto run = Run::start(std::move(*plan), services.sinks);
    while (!run->isFinished()) {
      QThread::msleep(20);
      stream.pull(*run);
    }
    const RunReport report = run->wait();
    stream.pull(*run);
    stream.finish(report);
    return {QByteArray::fromStdString(text), report};
  }
  void save(const QString& name, const QByteArray& text) const {
    QFile out(file(name));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(text);
  }
  static void runAndWait(MainWindow& window, const Chain& chain) {
    window.document().setChain(chain);
    QTest::qWait(300);
    QSignalSpy finished(&window.session(), &Session::runFinished);
    window.session().start();
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kWaitMs);
    QCOMPARE(window.session().report()->status, RunStatus::Finished);
  }

 private slots:
  void initTestCase() {
    settleIn(m_folder);
    QSettings().setValue(QStringLiteral("window/started"), true);
    const auto cube = writeSyntheticCube(SyntheticCube({90, 80, 4, 0, 3}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
  }

  void differencesAreTold() {
    const Chain before = smallChain("/a", 3, "x.tif");
    QCOMPARE(chainDifference(before, before), QStringLiteral("the same"));
    QCOMPARE(chainDifference(before, smallChain("/a", 1.5, "x.tif")), QStringLiteral("grid.resolution 3.0 → 1.5"));
    Chain after = before;
    after.view = Json{{"zoom", 2}};
    QCOMPARE(chainDifference(before, after), QStringLiteral("the same"));  // a view changes no result
    after.nodes[1].id = "fine";
    after.nodes[2].inputs = {"fine"};
    after.nodes[2].bypassed = true;
    QCOMPARE(chainDifference(before, after), QStringLiteral("+ fine, out wired anew, out bypassed, − grid"));
  }

  void aRunFileReplaysTheRun() {
    const auto [text, report] = eventsOf(smallChain(m_folder.path(), 0.9, "a.tif"));
    save("run.jsonl", text);
    const auto read = readRunFile(file("run.jsonl").toStdString());
    QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
    QCOMPARE(read->facts.nodes, (QStringList{"cube", "grid", "out"}));
    QCOMPARE(read->facts.stages.size(), std::size_t{1});
    RunHistory history;
    read->replay(history);
    QVERIFY(history.report());
    QCOMPARE(history.report()->status, RunStatus::Finished);
    QCOMPARE(history.report()->chunksDone, report.chunksDone);
    QCOMPARE(history.report()->bytesRead, report.bytesRead);
    QCOMPARE(history.report()->measuredPeakBytes, std::round(report.measuredPeakBytes));
    QCOMPARE(history.chunks().size(), std::size_t{1});
    const auto& cells = history.chunks()[0];
    QCOMPARE(static_cast<std::int64_t>(cells.size()), report.chunksTotal);
    QVERIFY(std::all_of(cells.begin(), cells.end(), [](const ChunkCell& cell) { return cell.state == ChunkState::Done; }));
    QCOMPARE(history.snapshot().nodes.size(), std::size_t{3});
    QCOMPARE(history.snapshot().nodes[0].bytesIn + history.snapshot().nodes[0].bytesOut > 0, true);
    for (std::size_t n = 0; n < report.nodes.size(); ++n) {
      QCOMPARE(history.snapshot().nodes[n].chunksDone, report.nodes[n].chunksDone);
      QCOMPARE(history.snapshot().nodes[n].chunksTotal, report.nodes[n].chunksTotal);
    }
    QVERIFY(history.headline().startsWith(QStringLiteral("Finished")));
  }

  // Of a program that was killed the last line may be cut off, and the end is missing.
  void aRunFileWithoutItsEndIsToldAsSuch() {
    QByteArray text = eventsOf(smallChain(m_folder.path(), 0.9, "a.tif")).first;
    text.truncate(text.indexOf("\"event\":\"run_finished\"") - 40);
    save("cut.jsonl", text);
    const auto read = readRunFile(file("cut.jsonl").toStdString());
    QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
    QCOMPARE(read->report.status, RunStatus::Failed);
    QCOMPARE(read->report.errors.size(), std::size_t{1});
    QVERIFY(read->report.chunksDone > 0);
    save("other.jsonl", "{\"t\": 0, \"event\": \"snapshot\"}\n");
    QVERIFY(!readRunFile(file("other.jsonl").toStdString()));
    save("none.jsonl", "no events");
    QVERIFY(!readRunFile(file("none.jsonl").toStdString()));
    QVERIFY(!readRunFile(file("missing.jsonl").toStdString()));
  }

  void runsOutliveTheWindow() {
    auto window = std::make_unique<MainWindow>(makeServices(), makeSmallSample);
    window->show();
    auto* runs = window->findChild<RunsView*>();
    QVERIFY(runs);
    runAndWait(*window, smallChain(m_folder.path(), 2, "b.tif"));
    runAndWait(*window, smallChain(m_folder.path(), 1.25, "b.tif"));
    QCOMPARE(runs->kept().runs().size(), std::size_t{2});
    QVERIFY2(runs->cell(0, Status).contains("finished"), qPrintable(runs->cell(0, Status)));
    QCOMPARE(runs->cell(0, ChainName), QStringLiteral("Meadow"));
    QCOMPARE(runs->cell(0, Changed), QStringLiteral("grid.resolution 2.0 → 1.25"));
    QCOMPARE(runs->cell(1, Changed), QString());
    const QString peak = runs->cell(0, Peak);
    QCOMPARE(peak, sizeText(window->session().report()->peakRssBytes));
    window.reset();

    window = std::make_unique<MainWindow>(makeServices(), makeSmallSample);
    window->show();
    runs = window->findChild<RunsView*>();
    QTRY_COMPARE_WITH_TIMEOUT(runs->kept().runs().size(), std::size_t{2}, kWaitMs);
    QCOMPARE(runs->cell(0, Peak), peak);
    auto* monitor = window->findChild<MonitorView*>();
    QVERIFY(!monitor->isReplaying());
    runs->replay();
    QTRY_VERIFY_WITH_TIMEOUT(monitor->isReplaying(), kWaitMs);
    QVERIFY2(monitor->panel().headlineText().startsWith("Finished"), qPrintable(monitor->panel().headlineText()));
    QVERIFY2(monitor->originText().contains("Meadow"), qPrintable(monitor->originText()));
    runs->openChain();
    QCOMPARE(window->document().chain().nodes[1].params["resolution"].get<double>(), 1.25);
  }

  void aRunThatWasKilledIsInterrupted() {
    const QString kept = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/runs";
    const QString record = kept + '/' + QDir(kept).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name).last() + "/run.json";
    QFile json(record);
    QVERIFY(json.open(QIODevice::ReadWrite));
    const QByteArray text = json.readAll().replace("\"finished\"", "\"running\"");
    json.resize(0);
    json.seek(0);
    json.write(text);
    json.close();
    MainWindow window(makeServices(), makeSmallSample);
    const auto* runs = window.findChild<RunsView*>();
    QTRY_COMPARE_WITH_TIMEOUT(runs->kept().runs().size(), std::size_t{2}, kWaitMs);
    QVERIFY2(runs->cell(0, Status).contains("interrupted"), qPrintable(runs->cell(0, Status)));
  }

  void anotherChainKeepsTheRunsName() {
    MainWindow window(makeServices(), makeSmallSample);
    window.show();
    const auto* monitor = window.findChild<MonitorView*>();
    runAndWait(window, smallChain(m_folder.path(), 2, "c.tif"));
    QCOMPARE(monitor->originText(), QString());
    Chain other = smallChain(m_folder.path(), 5, "d.tif");
    other.title = "Forest";
    window.document().setChain(other);
    QVERIFY2(monitor->originText().contains("Meadow"), qPrintable(monitor->originText()));
    Q_EMIT const_cast<MonitorView*>(monitor)->chainRequested(window.session().runOrigin());
    QCOMPARE(window.document().chain().title, std::string("Meadow"));
    QCOMPARE(monitor->originText(), QString());
  }
};

QTEST_MAIN(TestKeptRuns)
#include "tst_kept_runs.moc"
