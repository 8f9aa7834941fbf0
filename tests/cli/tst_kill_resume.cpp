// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli killed at random moments and resumed until it comes to its end: the same bytes as in one go, and never anything unfinished
// at the final path. CUBELOOM_KILL_POINTS sets the kills per sink (the target kill-tests asks for many).
#include <sys/resource.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <csignal>
#include <random>

#include "engine/io/sample_cube.h"
#include "tests/support/engine.h"

using namespace cubeloom;

class TestKillResume : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::mt19937 m_random{20260331};

  QString file(const QString& name) const { return m_folder.filePath(name); }
  QByteArray hash(const QString& name) const { return test::hashOf(file(name).toStdString()); }
  QStringList parts() const { return QDir(m_folder.path()).entryList({"*part*"}, QDir::Files | QDir::Dirs | QDir::Hidden); }
  int pick(int below) { return static_cast<int>(m_random() % static_cast<unsigned>(below)); }

  static QStringList words(const QString& steps, const QStringList& options) {
    return QStringList{"run", "--progress", "jsonl"} + options + QStringList{"!", "open", "cube.hdr", "!"} + steps.split(' ');
  }
  void begin(QProcess& process, const QStringList& arguments) const {
    process.setWorkingDirectory(m_folder.path());
    process.start(CUBELOOM_CLI, arguments);
    // The first line of the stream: planning is over, the work begins.
    while (process.state() != QProcess::NotRunning && !process.canReadLine()) process.waitForReadyRead(1000);
  }
  int run(const QStringList& arguments, QByteArray* error = nullptr, qint64 mostFileBytes = 0) const {
    QProcess process;
    if (mostFileBytes > 0)
      process.setChildProcessModifier([mostFileBytes] {
        const rlimit limit{static_cast<rlim_t>(mostFileBytes), static_cast<rlim_t>(mostFileBytes)};
        ::setrlimit(RLIMIT_FSIZE, &limit);
      });
    begin(process, arguments);
    process.waitForFinished(60000);
    if (error) *error = process.readAllStandardError();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  }
  void clear(const QString& out) const {
    QFile::remove(file(out));
    QFile::remove(file(QString(out).replace(".img", ".hdr")));
  }
  static void sinks() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("out");
    QTest::newRow("GTiff") << "reproject crs=EPSG:3310 resampling=cubic ! write a.tif"
                           << "a.tif";
    QTest::newRow("GTiff deflate") << "transpose dims=y,x,wavelength ! write b.tif compress=deflate"
                                   << "b.tif";
    QTest::newRow("COG") << "isel wavelength=0:4 ! reproject crs=EPSG:3310 resolution=2.5 resampling=bilinear ! write c.tif format=COG"
                         << "c.tif";
    QTest::newRow("ENVI") << "reproject crs=EPSG:3310 resampling=cubic ! write d.img"
                          << "d.img";
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({320, 300, 16, 0, 5}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
  }

  void killedAndResumed_data() { sinks(); }
  void killedAndResumed() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    bool isNumber = false;
    const int asked = qEnvironmentVariableIntValue("CUBELOOM_KILL_POINTS", &isNumber);
    const int wanted = isNumber && asked > 0 ? asked : 50;

    QProcess reference;
    begin(reference, words(steps, {}));
    QElapsedTimer clock;
    clock.start();
    reference.waitForFinished(60000);
    QCOMPARE(reference.exitCode(), 0);
    const qint64 microseconds = std::max<qint64>(clock.nsecsElapsed() / 1000, 2000);
    const QByteArray whole = hash(out);
    QCOMPARE(parts(), QStringList());
    clear(out);

    int kills = 0, resumed = 0;
    while (kills < wanted) {
      for (bool isDone = false; !isDone;) {
        // Neither workers nor memory need be the same again.
        QStringList options{"--resume", "--workers", QString::number(1 + pick(3))};
        if (pick(3) == 0) options += {"--memory", "160MiB"};
        QProcess process;
        begin(process, words(steps, options));
        QThread::usleep(static_cast<unsigned long>(pick(static_cast<int>(microseconds))));
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
        if (QFile::exists(file(out))) {
          QCOMPARE(hash(out), whole);
          isDone = true;
        } else {
          QVERIFY2(killed, error.constData());
        }
        QVERIFY(parts().size() <= 1);
        if (isDone && !killed) QCOMPARE(parts(), QStringList());
      }
      if (!parts().isEmpty()) {
        // A kill after the last rename leaves the part's folder; the next run takes it away.
        QCOMPARE(run(words(steps, {"--overwrite"})), 0);
        QCOMPARE(hash(out), whole);
        QCOMPARE(parts(), QStringList());
      }
      clear(out);
    }
    QVERIFY2(resumed * 4 >= kills, qPrintable(QString("%1 of %2 kills left something to resume").arg(resumed).arg(kills)));
  }

  void canceledIsKeptAndNamed() {
    const QStringList steps =
        words("reproject crs=EPSG:3310 resolution=1.5 resampling=cubic ! write big.tif compress=zstd", {"--workers", "1"});
    QProcess process;
    begin(process, steps);
    QThread::msleep(400);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    process.waitForFinished(20000);
    QCOMPARE(process.exitCode(), 130);
    const QByteArray error = process.readAllStandardError();
    QVERIFY(!QFile::exists(file("big.tif")));
    QCOMPARE(parts().size(), 1);
    QVERIFY2(error.contains(parts()[0].toUtf8()) && error.contains("--resume"), error.constData());
    // Another chain of the same output does not continue it, says why, and takes it away.
    QByteArray note;
    QCOMPARE(run(words("isel wavelength=3 ! write big.tif compress=zstd", {"--resume"}), &note), 0);
    QVERIFY2(note.contains("cannot continue"), note.constData());
    QCOMPARE(parts(), QStringList());
    clear("big.tif");
  }

  void severalOutputsAreContinuedWhereTheyWere() {
    QFile chain(file("two.cubeloom"));
    QVERIFY(chain.open(QIODevice::WriteOnly));
    chain.write(R"({"cubeloom": 1, "nodes": [
      {"id": "cube", "op": "open", "params": {"path": "cube.hdr"}},
      {"id": "one", "op": "isel", "inputs": ["cube"], "params": {"indexers": {"wavelength": 3}}},
      {"id": "small", "op": "write", "inputs": ["one"], "params": {"path": "small.tif"}},
      {"id": "far", "op": "reproject", "inputs": ["cube"], "params": {"crs": "EPSG:3310", "resolution": 2, "resampling": "cubic"}},
      {"id": "large", "op": "write", "inputs": ["far"], "params": {"path": "large.tif", "compress": "zstd"}}]})");
    chain.close();
    const QStringList arguments{"run", "--progress", "jsonl", "two.cubeloom"};
    QProcess process;
    begin(process, arguments);
    QElapsedTimer clock;
    for (clock.start(); !QFile::exists(file("small.tif")) && clock.elapsed() < 10000;) QThread::msleep(5);
    QThread::msleep(300);
    process.kill();
    process.waitForFinished(10000);
    QVERIFY(process.exitStatus() == QProcess::CrashExit);
    const QDateTime time = QFileInfo(file("small.tif")).lastModified();
    QVERIFY(!QFile::exists(file("large.tif")));
    QCOMPARE(parts().size(), 2);
    QByteArray error;
    QVERIFY2(run(arguments + QStringList{"--resume"}, &error) == 0, error.constData());
    QVERIFY(error.contains("complete already") && error.contains("continues what lies in"));
    QCOMPARE(QFileInfo(file("small.tif")).lastModified(), time);
    QVERIFY(QFile::exists(file("large.tif")));
    QCOMPARE(parts(), QStringList());
  }

  // A disk that is full, as a limit on the size of files: said so with path and bytes, nothing published, what is done goes on later.
  void fullDisk_data() {
    sinks();
    QTest::newRow("PNG") << "calc expression=nm(600)*100 ! astype dtype=uint8 nodata=0 ! write e.png"
                         << "e.png";
  }
  void fullDisk() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    QCOMPARE(run(words(steps, {})), 0);
    const QByteArray whole = hash(out);
    const qint64 bytes = QFileInfo(file(out)).size();
    clear(out);
    QByteArray error;
    QCOMPARE(run(words(steps, {"--workers", "1"}), &error, bytes / 2), 1);
    QVERIFY2(error.contains(out.toUtf8()) && (error.contains("bytes") || out == "e.png"), error.constData());
    QVERIFY(!QFile::exists(file(out)));
    const bool keeps = error.contains("--resume");
    QCOMPARE(parts().size(), keeps ? 1 : 0);
    if (steps.contains("deflate")) QVERIFY2(keeps, error.constData());
    QVERIFY2(run(words(steps, {"--resume"}), &error) == 0, error.constData());
    QCOMPARE(hash(out), whole);
    QCOMPARE(parts(), QStringList());
    clear(out);
  }

  void targetsThatCannotBeWrittenAreRefusedAtOnce() {
    QVERIFY(QDir(m_folder.path()).mkdir("folder"));
    QElapsedTimer clock;
    for (const char* target : {"missing/o.tif", "folder", "cube.hdr/o.tif"}) {
      clock.start();
      QCOMPARE(run(words(QString("isel wavelength=0 ! write %1 format=GTiff").arg(target), {})), 2);
      QVERIFY(clock.elapsed() < 1000);
    }
    QCOMPARE(parts(), QStringList());
  }
};

QTEST_GUILESS_MAIN(TestKillResume)
#include "tst_kill_resume.moc"
