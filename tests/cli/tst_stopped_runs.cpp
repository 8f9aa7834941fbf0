// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli stopped in other ways than by a kill: canceled, a full disk, targets that cannot be written; and chains of several outputs.
#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <QThread>
#include <csignal>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

class TestStoppedRuns : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;

  QString file(const QString& name) const { return m_runs.file(name); }
  QStringList parts() const { return m_runs.parts(); }

  /// Whether a process has a handler of its own for `signal`: Linux says so in SigCgt, a mask in hexadecimal.
  static bool catches(pid_t pid, int signal) {
    QFile status(QString("/proc/%1/status").arg(pid));
    if (!status.open(QIODevice::ReadOnly)) return false;
    const QByteArray text = status.readAll(), key = "SigCgt:";
    const qsizetype at = text.indexOf(key);
    return at >= 0 && (text.mid(at + key.size(), 17).trimmed().toULongLong(nullptr, 16) >> (signal - 1) & 1) != 0;
  }

  /// The reader that `process` has started, stopped as soon as it is there: it then never answers. 0: it was not caught in time.
  static pid_t stoppedReaderOf(const QProcess& process) {
    const QString children = QString("/proc/%1/task/%1/children").arg(process.processId());
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 5000 && QFile::exists(children)) {
      QFile list(children);
      if (!list.open(QIODevice::ReadOnly)) continue;
      const pid_t reader = list.readAll().split(' ').value(0).toInt();
      // Not before it has become the reader: until then the other one is not told of signals.
      QFile words(QString("/proc/%1/cmdline").arg(reader));
      if (reader <= 0 || !words.open(QIODevice::ReadOnly) || !words.readAll().contains("--reader")) continue;
      ::kill(reader, SIGSTOP);
      return reader;
    }
    return 0;
  }

 private slots:
  void initTestCase() { QCOMPARE(m_runs.makeCube(16), QString()); }

  void canceledIsKeptAndNamed() {
    const QStringList steps =
        CliRuns::words("reproject crs=EPSG:3310 resolution=1.5 resampling=cubic ! write big.tif compress=zstd", {"--workers", "1"});
    QProcess process;
    m_runs.begin(process, steps);
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
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=3 ! write big.tif compress=zstd", {"--resume"}), &note), 0);
    QVERIFY2(note.contains("cannot continue"), note.constData());
    QCOMPARE(parts(), QStringList());
    m_runs.clear("big.tif");
  }

  void canceledWhileItIsPlannedSaysSo() {
    int early = 0;
    for (int i = 0; i < 5; ++i) {
      QProcess process;
      process.setWorkingDirectory(file(""));
      process.start(CUBELOOM_CLI, CliRuns::words("reproject crs=EPSG:3310 resolution=1.5 resampling=cubic ! write early.tif"));
      QVERIFY(process.waitForStarted());
      // As soon as it listens.
      const auto pid = static_cast<pid_t>(process.processId());
      QElapsedTimer timer;
      timer.start();
      while (!catches(pid, SIGINT)) QVERIFY(timer.elapsed() < 10000);
      ::kill(pid, SIGINT);
      QVERIFY(process.waitForFinished(20000));
      QCOMPARE(process.exitStatus(), QProcess::NormalExit);
      QCOMPARE(process.exitCode(), 130);
      const QByteArray error = process.readAllStandardError();
      QVERIFY2(error.contains("canceled"), error.constData());
      early += error.contains("before the run began") ? 1 : 0;
      QVERIFY(!QFile::exists(file("early.tif")));
      m_runs.clear("early.tif");
    }
    QVERIFY(early > 0);
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
    m_runs.begin(process, arguments);
    // One output is complete, of the other something is: its journal has grown.
    qint64 header = 0;
    const auto isUnderWay = [this, &header] {
      const QStringList large = parts().filter("large");
      if (!QFile::exists(file("small.tif")) || large.isEmpty()) return false;
      const qint64 journal = QFileInfo(file(large[0] + "/journal")).size();
      if (header == 0) header = journal;
      return journal > header;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isUnderWay(), 10000);
    process.kill();
    process.waitForFinished(10000);
    QVERIFY(process.exitStatus() == QProcess::CrashExit);
    const QDateTime time = QFileInfo(file("small.tif")).lastModified();
    QVERIFY(!QFile::exists(file("large.tif")));
    QCOMPARE(parts().size(), 2);
    QByteArray error;
    QVERIFY2(m_runs.run(arguments + QStringList{"--resume"}, &error) == 0, error.constData());
    QVERIFY2(error.contains("complete already") && error.contains("continues what lies in"), error.constData());
    QCOMPARE(QFileInfo(file("small.tif")).lastModified(), time);
    QVERIFY(QFile::exists(file("large.tif")));
    QCOMPARE(parts(), QStringList());
  }

  // A disk that is full, as a limit on the size of files: said so with path and bytes, nothing published, what is done goes on later.
  void fullDisk_data() { addSinkRuns(); }
  void fullDisk() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    QCOMPARE(m_runs.run(CliRuns::words(steps)), 0);
    const QByteArray whole = m_runs.content(out);
    const qint64 bytes = out.endsWith(".zarr") ? 40000 : QFileInfo(file(out)).size();
    m_runs.clear(out);
    QByteArray error;
    QCOMPARE(m_runs.run(CliRuns::words(steps, {"--workers", "1"}), &error, bytes / 2), 1);
    QVERIFY2(error.contains(out.toUtf8()) && (error.contains("bytes") || out.endsWith(".png")), error.constData());
    QVERIFY(!QFile::exists(file(out)));
    const bool keeps = error.contains("--resume");
    QCOMPARE(parts().size(), keeps ? 1 : 0);
    if (steps.contains("deflate")) QVERIFY2(keeps, error.constData());
    QVERIFY2(m_runs.run(CliRuns::words(steps, {"--resume"}), &error) == 0, error.constData());
    QCOMPARE(m_runs.content(out), whole);
    QCOMPARE(parts(), QStringList());
    m_runs.clear(out);
  }

  // A disk of its own, on which a small file takes a page: planned bytes fit, the store's many files do not. Room is made, and the run goes
  // on.
  void aStoreOfManyFilesFillsTheDisk() {
    const auto shell = [this](const QString& script, QByteArray* said) {
      QProcess process;
      process.setWorkingDirectory(file(""));
      process.setProcessChannelMode(QProcess::MergedChannels);
      process.start("unshare", {"-m", "sh", "-c", script});
      if (!process.waitForFinished(120000)) return -1;
      *said = process.readAll();
      return process.exitCode();
    };
    QByteArray said;
    if (shell("mkdir disk && mount -t tmpfs -o size=1m tmpfs disk", &said) != 0) QSKIP("a file system of one's own is not to be had here");
    const QString run =
        "\"" CUBELOOM_CLI "\" run --workers 1 --progress none %2 ! open cube.hdr ! isel wavelength=0:10 ! write %1 chunks=1,20,20\n";
    const QString script = "mount -t tmpfs -o size=5m tmpfs disk\n" + run.arg("disk/o.zarr", "") +
                           "echo first $?; ls -A disk\n"
                           "mount -o remount,size=50m disk\n" +
                           run.arg("disk/o.zarr", "--resume") + "echo second $?; ls -A disk\n" + run.arg("whole.zarr", "") +
                           "diff -r disk/o.zarr whole.zarr && echo equal\n";
    QCOMPARE(shell(script, &said), 0);
    const qsizetype first = said.indexOf("first 1"), second = said.indexOf("second 0");
    QVERIFY2(first > 0 && second > first, said.constData());
    static const QRegularExpression kShort("disk/o.zarr': writing '[^']+' in it stopped [0-9,]+ bytes short: No space left on device");
    QVERIFY2(kShort.match(QString::fromUtf8(said.left(first))).hasMatch(), said.constData());
    QVERIFY2(said.left(first).contains("what is finished is kept in"), said.constData());
    QVERIFY2(said.mid(first, second - first).contains("\no.zarr.part-") && said.contains("continues what lies in"), said.constData());
    QVERIFY2(said.endsWith("equal\n"), said.constData());
  }

  void aFileThatIsNeverOpenedKeepsNobody_data() {
    QTest::addColumn<QString>("words");
    QTest::newRow("info") << "info small.nc";
    QTest::newRow("plan") << "plan ! open small.nc ! write p.tif";
    QTest::newRow("run") << "run ! open small.nc ! write p.tif";
    QTest::newRow("preview") << "preview --node open --size 10x10 -o p.png ! open small.nc";
  }

  /// Ctrl+C while the process that reads does not answer. A loaded machine has four times as long as is promised.
  void aFileThatIsNeverOpenedKeepsNobody() {
    QFETCH(QString, words);
    if (!QFile::exists(file("small.nc"))) QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=0 ! write small.nc")), 0);
    for (int attempt = 0; attempt < 20; ++attempt) {
      QProcess process;
      process.setWorkingDirectory(file(""));
      process.start(CUBELOOM_CLI, words.split(' '));
      QVERIFY(process.waitForStarted());
      const pid_t reader = stoppedReaderOf(process);
      QThread::msleep(300);
      ::kill(static_cast<pid_t>(process.processId()), SIGINT);
      QElapsedTimer timer;
      timer.start();
      const bool isOver = process.waitForFinished(20000);
      const qint64 elapsed = timer.elapsed();
      if (reader > 0) ::kill(reader, SIGKILL);
      QVERIFY(isOver);
      if (process.exitCode() == 0 || reader == 0) continue;  // it had answered before
      QCOMPARE(process.exitStatus(), QProcess::NormalExit);
      QCOMPARE(process.exitCode(), 130);
      QVERIFY2(elapsed < 1000, QByteArray::number(elapsed).constData());
      QVERIFY(process.readAllStandardError().contains("canceled"));
      return;
    }
    QFAIL("no reader was caught while it opened the file");
  }

  void eventsThatCannotBeWrittenAreAFailure() {
    QByteArray error;
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=0 ! write told.tif", {"--events", "/dev/full"}), &error), 1);
    QVERIFY2(error.contains("the events: '/dev/full' could not be written"), error.constData());
    QVERIFY(QFile::exists(file("told.tif")));
  }

  void targetsThatCannotBeWrittenAreRefusedAtOnce() {
    QVERIFY(QDir().mkpath(file("folder")));
    QElapsedTimer clock;
    for (const char* target : {"missing/o.tif", "folder", "cube.hdr/o.tif"}) {
      clock.start();
      QCOMPARE(m_runs.run(CliRuns::words(QString("isel wavelength=0 ! write %1 format=GTiff").arg(target), {})), 2);
      QVERIFY(clock.elapsed() < 1000);
    }
    QCOMPARE(parts(), QStringList());
  }
};

QTEST_GUILESS_MAIN(TestStoppedRuns)
#include "tst_stopped_runs.moc"
