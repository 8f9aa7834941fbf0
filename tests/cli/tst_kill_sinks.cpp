// SPDX-License-Identifier: GPL-3.0-or-later
// The whole of cubeloom-cli killed at random moments and resumed until it comes to its end: the same bytes as in one go, and never anything
// unfinished at the final path. CUBELOOM_KILL_POINTS sets the kills per sink (the targets checks and kill-tests ask for many); CTest runs
// each sink by itself.
#include <QDir>
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
    return isNumber && asked > 0 ? asked : 20;
  }

  static bool endedWell(const QProcess& process) { return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0; }

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
    QVERIFY(reference.waitForFinished());
    QVERIFY2(endedWell(reference), reference.readAllStandardError().constData());
    // Within it a run is killed: as long as a run takes just now, however busy the machine.
    auto microseconds = static_cast<double>(clock.nsecsElapsed()) / 1000;
    const QByteArray whole = m_runs.content(out);
    QVERIFY(!whole.isEmpty());
    QCOMPARE(m_runs.parts(), QStringList());
    m_runs.clear(out);

    // Kills that leave nothing to resume show little: it goes on until enough runs have continued another, however the moments fall.
    const int leastResumed = startsAnew ? 0 : (wanted() + 3) / 4;
    int kills = 0, resumed = 0, ends = 0;
    while (kills < wanted() || resumed < leastResumed) {
      QVERIFY2(kills < 4 * wanted(), qPrintable(QString("only %1 of %2 kills left something to resume").arg(resumed).arg(kills)));
      int attempts = 0;
      for (bool isDone = false; !isDone; ++attempts) {
        // Neither workers nor memory need be the same again.
        QStringList options{"--resume", "--workers", QString::number(1 + pick(3))};
        if (pick(3) == 0) options += {"--memory", "160MiB"};
        QProcess process;
        m_runs.begin(process, CliRuns::words(steps, options));
        const double window = std::ldexp(microseconds, std::min(attempts / 6, 6));
        // The later of two moments: early ones leave nothing to resume.
        QThread::usleep(static_cast<unsigned long>(std::max(pick(static_cast<int>(window)), pick(static_cast<int>(window)))));
        process.kill();  // it may have ended by itself before
        process.waitForFinished();
        const bool killed = process.exitStatus() == QProcess::CrashExit;
        const QByteArray said = process.readAllStandardError();
        QVERIFY2(killed || endedWell(process), said.constData());
        kills += killed;
        resumed += said.contains("continues what lies in");
        if (QFile::exists(m_runs.file(out))) {
          QCOMPARE(m_runs.content(out), whole);
          isDone = true;
          ++ends;
        } else {
          QVERIFY2(killed, said.constData());
        }
        microseconds = std::clamp(microseconds * (isDone ? 0.8 : 1.1), 2e3, 1e6);
        QVERIFY(m_runs.parts().size() <= 1);
        if (isDone && !killed) QCOMPARE(m_runs.parts(), QStringList());
      }
      if (!m_runs.parts().isEmpty()) {
        // A kill after the last rename leaves the part's folder; the next run takes it away.
        QByteArray said;
        QVERIFY2(m_runs.run(CliRuns::words(steps, {"--overwrite"}), &said) == 0, said.constData());
        QCOMPARE(m_runs.content(out), whole);
        QCOMPARE(m_runs.parts(), QStringList());
      }
      m_runs.clear(out);
    }
    qInfo("%d kills, %d runs that continued one, %d outputs, each the same", kills, resumed, ends);
  }
};

QTEST_GUILESS_MAIN(TestKillSinks)
#include "tst_kill_sinks.moc"
