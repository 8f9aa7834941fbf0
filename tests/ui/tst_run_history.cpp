// SPDX-License-Identifier: GPL-3.0-or-later
// What the monitor keeps of a run: lanes, chunk states, rates, log, stalls; and how it words them.
#include <QSignalSpy>
#include <QtTest>

#include "ui/monitor/error_card.h"
#include "ui/monitor/run_history.h"
#include "ui/words/run_text.h"

using namespace cubeloom;

namespace {

constexpr double kMiB = 1024 * 1024;

RunFacts facts() {
  RunFacts facts;
  facts.nodes = QStringList{"cube", "grid", "out"};
  facts.stages = {{"out", 4}};
  facts.workers = 2;
  facts.plannedReadBytes = 8 * kMiB;
  facts.predictedPeakBytes = 100 * kMiB;
  return facts;
}

ChunkEvent told(std::int64_t chunk, ChunkState phase, double start, double end, int worker = 0) {
  ChunkEvent e;
  e.node = 1;
  e.index = chunk;
  e.phase = phase;
  e.start = start;
  e.end = end;
  e.worker = worker;
  return e;
}

Snapshot snapshot(double t, double fraction = 0) {
  Snapshot s;
  s.t = t;
  s.fraction = fraction;
  s.workers = 2;
  return s;
}

bool logContains(const RunHistory& history, const QString& words) {
  return std::any_of(history.log().begin(), history.log().end(), [&](const LogLine& line) { return line.text.contains(words); });
}

}  // namespace

class TestRunHistory : public QObject {
  Q_OBJECT
 private slots:
  /// The phases are bars; the record of the whole chunk is none, it only closes the chunk.
  void phasesBecomeBarsAndStates() {
    RunHistory history;
    history.begin(facts());
    history.take(snapshot(1), std::vector{told(0, ChunkState::Reading, 0, 0.2), told(0, ChunkState::Computing, 0.2, 0.5),
                                          told(1, ChunkState::Reading, 0, 0.4, 1)});
    QCOMPARE(history.lanes().taskCount(), std::size_t{3});
    QCOMPARE(history.chunks()[0][0].state, ChunkState::Writing);
    QCOMPARE(history.chunks()[0][1].state, ChunkState::Computing);
    QCOMPARE(history.chunks()[0][2].state, ChunkState::Waiting);
    history.take(snapshot(1.1), std::vector{told(0, ChunkState::Writing, 0.5, 0.6), told(0, ChunkState::Done, 0, 0.6)});
    QCOMPARE(history.lanes().taskCount(), std::size_t{4});
    QCOMPARE(history.chunks()[0][0].state, ChunkState::Done);
    const auto shares = history.busyShares();
    QVERIFY(qAbs(shares[0] - 0.6) < 1e-9 && qAbs(shares[1] - 0.3) < 1e-9 && qAbs(shares[2] - 0.1) < 1e-9);
    QCOMPARE(history.lanes().laneCount(), 2);
  }

  void eventsOutsideTheGridAreHarmless() {
    RunHistory history;
    history.take(snapshot(1), {});  // nothing has begun
    QVERIFY(!history.hasRun());
    history.begin(facts());
    history.take(snapshot(1), std::vector{told(99, ChunkState::Done, 0, 1), told(-1, ChunkState::Reading, 0, 1),
                                          told(0, ChunkState::Reading, 0, 1, -3)});
    QCOMPARE(history.chunks()[0].size(), std::size_t{4});
    QCOMPARE(history.chunks()[0][0].state, ChunkState::Computing);
  }

  void rateIsOverTheLastTwoSeconds() {
    RunHistory history;
    history.begin(facts());
    for (int i = 0; i <= 50; ++i) {
      Snapshot s = snapshot(i * 0.1);
      const double bytes = i <= 20 ? 0 : (i - 20) * kMiB;  // nothing for two seconds, then 10 MiB/s
      s.nodes = {{"cube", "open", 0, 4, bytes, 0, 0, false}};
      history.take(s, {});
    }
    QVERIFY(qAbs(history.rateOf(0) / kMiB - 10) < 0.01);
    QCOMPARE(history.rateOf(7), 0.0);
  }

  void tellsAStallOnce() {
    RunHistory history;
    history.begin(facts());
    history.take(snapshot(1), std::vector{told(0, ChunkState::Done, 0, 1)});
    history.take(snapshot(30), {});
    QVERIFY(!logContains(history, "no chunk has been finished"));
    history.take(snapshot(32), {});
    history.take(snapshot(33), {});
    QCOMPARE(std::count_if(history.log().begin(), history.log().end(), [](const LogLine& l) { return l.text.startsWith("no chunk"); }), 1);
  }

  void finishClosesEverything() {
    RunHistory history;
    QSignalSpy finished(&history, &RunHistory::finished);
    history.begin(facts());
    history.take(snapshot(1, 0.5), std::vector{told(0, ChunkState::Done, 0, 1), told(1, ChunkState::Reading, 0, 1, 1)});
    RunReport report;
    report.status = RunStatus::Canceled;
    report.wallSeconds = 1.5;
    report.chunksDone = 1;
    report.chunksTotal = 4;
    history.finish(report);
    history.finish(report);
    QCOMPARE(finished.count(), 1);
    QVERIFY(!history.isRunning());
    QCOMPARE(history.chunks()[0][0].state, ChunkState::Done);
    QCOMPARE(history.chunks()[0][1].state, ChunkState::Canceled);
    QCOMPARE(history.chunks()[0][3].state, ChunkState::Waiting);
    QVERIFY(history.headline().startsWith("Stopped after"));
    QVERIFY(history.headline().contains("1 of 4 chunks done"));
    history.begin(facts());
    QCOMPARE(history.lanes().taskCount(), std::size_t{0});
    QVERIFY(history.isRunning());
  }

  void pauseIsLogged() {
    RunHistory history;
    history.begin(facts());
    history.setPaused(true);
    history.setPaused(true);
    QVERIFY(history.headline().contains("paused"));
    QCOMPARE(std::count_if(history.log().begin(), history.log().end(), [](const LogLine& l) { return l.text.startsWith("paused"); }), 1);
  }

  void wordsElapsed_data() {
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("start") << 0.0 << "0:00.0";
    QTest::newRow("drawn") << 1.94 << "0:01.9";
    QTest::newRow("minutes") << 125.0 << "2:05.0";
    QTest::newRow("tens of minutes") << 725.9 << "12:05";
    QTest::newRow("hours") << 3725.0 << "1:02:05";
  }
  void wordsElapsed() {
    QFETCH(double, seconds);
    QTEST(elapsedText(seconds), "text");
  }

  void wordsEta() {
    QCOMPARE(etaText({1.2, 1.9}), QString("1–2 s left"));
    QCOMPARE(etaText({725, 890}), QString("12–15 min left"));
    QCOMPARE(etaText({31, 44}), QString("30–45 s left"));
    QVERIFY(etaText({8000, 9000}).startsWith("over at about "));
  }

  void neverAHundredPercentWhileRunning() {
    RunHistory history;
    history.begin(facts());
    history.take(snapshot(1, 1.0), {});
    QCOMPARE(history.headline(), QString("0:01.0 elapsed · 99 % of 8.00 MiB"));
  }

  void aSlowRateIsNotNothing() {
    QCOMPARE(rateText(0), QString());
    QCOMPARE(rateText(20 * 1024.0), QString("0.02 MiB/s"));
    QCOMPARE(rateText(0.4 * kMiB), QString("0.4 MiB/s"));
    QCOMPARE(rateText(912 * kMiB), QString("912 MiB/s"));
    Snapshot now = snapshot(1, 1.0);
    now.meanReadBytesPerSecond = 20 * 1024.0;
    QVERIFY2(progressText(now, false).endsWith("reading 0.02 MiB/s"), qPrintable(progressText(now, false)));
    QVERIFY2(progressText(now, true).endsWith("paused"), qPrintable(progressText(now, true)));
  }

  void finishLineComparesWithThePrediction() {
    RunReport report;
    report.wallSeconds = 3.2;
    report.bytesRead = 8 * kMiB;
    report.peakRssBytes = 90 * kMiB;
    report.projectedPeakBytes = 100 * kMiB;
    report.outputs = {{"out", "/data/out.tif", {}, {}, "float32", {}}};
    const QString text = finishText(report, facts().plannedReadBytes);
    QVERIFY2(text.startsWith("Finished in 3.2"), qPrintable(text));
    QVERIFY2(text.endsWith("read 8.00 MiB · peak 90.0 MiB of 100 MiB predicted · out.tif"), qPrintable(text));
  }

  void equalCausesAreCounted() {
    std::vector<Error> errors(3);
    for (int i = 0; i < 3; ++i) {
      errors[static_cast<std::size_t>(i)].code = ErrorCode::ReadFailed;
      errors[static_cast<std::size_t>(i)].message = "line " + std::to_string(17 + i) + " is short";
      errors[static_cast<std::size_t>(i)].chunk = std::to_string(i);
    }
    errors[1].message = "no space left";
    const auto groups = groupErrors(errors);
    QCOMPARE(groups.size(), std::size_t{2});
    QCOMPARE(groups[0].count, std::size_t{2});
    QCOMPARE(groups[0].lastChunk, std::string("2"));
  }
};

QTEST_MAIN(TestRunHistory)
#include "tst_run_history.moc"
