// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli killed at random moments and resumed until it comes to its end: the same bytes as in one go, and never anything unfinished
// at the final path. CUBELOOM_KILL_POINTS sets the kills per sink (the target kill-tests asks for many); CTest runs each sink by itself.
#include <QElapsedTimer>
#include <QFile>
#include <QTest>
#include <QThread>
#include <algorithm>
#include <cmath>
#include <random>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

class TestKillSinks : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;
  std::mt19937 m_random{20260331};

  int pick(int below) { return static_cast<int>(m_random() % static_cast<unsigned>(below)); }
  static int wanted() {
    bool isNumber = false;
    const int asked = qEnvironmentVariableIntValue("CUBELOOM_KILL_POINTS", &isNumber);
    return isNumber && asked > 0 ? asked : 50;
  }

 private slots:
  void initTestCase() { QCOMPARE(m_runs.makeCube(8), QString()); }

  void everySinkIsATestOfItsOwn() {
    QStringList names;
    for (const SinkRun& run : sinkRuns()) names << run.name;
    QCOMPARE(names.join(","), QString(CUBELOOM_KILL_SINKS));
  }

  void killedAndResumed_data() { addSinkRuns(); }
  void killedAndResumed() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    const bool startsAnew = out.endsWith(".png");

    QProcess reference;
    m_runs.begin(reference, CliRuns::words(steps));
    QElapsedTimer clock;
    clock.start();
    reference.waitForFinished(60000);
    QCOMPARE(reference.exitCode(), 0);
    // Within it a run is killed: as long as a run takes just now, however busy the machine.
    auto microseconds = static_cast<double>(clock.nsecsElapsed()) / 1000;
    const QByteArray whole = m_runs.content(out);
    QVERIFY(!whole.isEmpty());
    QCOMPARE(m_runs.parts(), QStringList());
    m_runs.clear(out);

    int kills = 0, resumed = 0, ends = 0;
    while (kills < wanted()) {
      int attempts = 0;
      for (bool isDone = false; !isDone; ++attempts) {
        // Neither workers nor memory need be the same again.
        QStringList options{"--resume", "--workers", QString::number(1 + pick(3))};
        if (pick(3) == 0) options += {"--memory", "160MiB"};
        QProcess process;
        m_runs.begin(process, CliRuns::words(steps, options));
        // A machine that has grown busy since must get to an end some time.
        const double window = std::ldexp(microseconds, std::min(attempts / 6, 6));
        QThread::usleep(static_cast<unsigned long>(pick(static_cast<int>(window))));
        const bool ended = process.state() == QProcess::NotRunning || process.waitForFinished(0);
        if (!ended) {
          process.kill();
          process.waitForFinished(10000);
        }
        const QByteArray told = process.readAllStandardOutput(), error = process.readAllStandardError();
        const bool killed = process.exitStatus() == QProcess::CrashExit;
        QVERIFY2(killed || process.exitCode() == 0, error.constData());
        kills += killed;
        resumed += told.contains("continues what lies in");
        if (QFile::exists(m_runs.file(out))) {
          QCOMPARE(m_runs.content(out), whole);
          isDone = true;
          ++ends;
        } else {
          QVERIFY2(killed, error.constData());
        }
        microseconds = std::clamp(microseconds * (isDone ? 0.8 : 1.1), 2e3, 1e6);
        QVERIFY(m_runs.parts().size() <= 1);
        if (isDone && !killed) QCOMPARE(m_runs.parts(), QStringList());
      }
      if (!m_runs.parts().isEmpty()) {
        // A kill after the last rename leaves the part's folder; the next run takes it away.
        QCOMPARE(m_runs.run(CliRuns::words(steps, {"--overwrite"})), 0);
        QCOMPARE(m_runs.content(out), whole);
        QCOMPARE(m_runs.parts(), QStringList());
      }
      m_runs.clear(out);
    }
    qInfo("%d kills, %d runs that continued one, %d outputs, each the same", kills, resumed, ends);
    QVERIFY2(startsAnew || resumed * 4 >= kills, qPrintable(QString("%1 of %2 kills left something to resume").arg(resumed).arg(kills)));
  }
};

QTEST_GUILESS_MAIN(TestKillSinks)
#include "tst_kill_sinks.moc"
