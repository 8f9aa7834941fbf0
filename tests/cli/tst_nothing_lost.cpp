// SPDX-License-Identifier: GPL-3.0-or-later
// What cubeloom-cli says of outputs that are there already, that others write, or that are no longer what was written.
#include <fcntl.h>
#include <sys/stat.h>

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTest>
#include <csignal>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

class TestNothingLost : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;

  QString file(const QString& name) const { return m_runs.file(name); }

  /// Turns one bit over, and gives the file its former time back if `isSilent`, as a failing disk would.
  void damage(const QString& name, qint64 at, bool isSilent) const {
    struct stat before {};
    QCOMPARE(::stat(file(name).toLocal8Bit().constData(), &before), 0);
    QFile damaged(file(name));
    QVERIFY(damaged.open(QIODevice::ReadWrite) && damaged.seek(at));
    char byte = 0;
    QVERIFY(damaged.getChar(&byte) && damaged.seek(at) && damaged.putChar(static_cast<char>(byte ^ 4)));
    damaged.close();
    const timespec times[]{before.st_atim, before.st_mtim};
    if (isSilent) QCOMPARE(::utimensat(AT_FDCWD, file(name).toLocal8Bit().constData(), times, 0), 0);
  }

  int verify(const QStringList& outputs, QByteArray* said) const {
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setWorkingDirectory(file(""));
    process.start(CUBELOOM_CLI, QStringList{"verify"} + outputs);
    process.waitForFinished(30000);
    *said = process.readAll();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  }

 private slots:
  void initTestCase() { QCOMPARE(m_runs.makeCube(12), QString()); }

  // Of every format: a second run with --resume does nothing, and says so.
  void completeIsSaidAndNothingIsDone_data() { addSinkRuns(); }
  void completeIsSaidAndNothingIsDone() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    QByteArray said;
    QVERIFY2(m_runs.run(CliRuns::words(steps, {"--resume"}), &said) == 0, said.constData());  // from the beginning
    const QDateTime time = QFileInfo(file(out)).lastModified();
    const QByteArray whole = m_runs.content(out);
    QVERIFY2(m_runs.run(CliRuns::words(steps, {"--resume"}), &said) == 0, said.constData());
    QVERIFY2(said.contains("already complete"), said.constData());
    QCOMPARE(QFileInfo(file(out)).lastModified(), time);
    QCOMPARE(m_runs.content(out), whole);
    QCOMPARE(m_runs.parts(), QStringList());
    QVERIFY2(m_runs.run(CliRuns::words(steps), &said) == 2, said.constData());  // without --resume it is a file in the way
    QCOMPARE(verify({out}, &said), 0);
    QVERIFY2(said.contains(out.toUtf8() + ": whole"), said.constData());
    if (out.endsWith(".zarr")) QVERIFY2(verify({out + '/'}, &said) == 0, said.constData());
    m_runs.clear(out);
  }

  void whatIsNotTheSameIsNotComplete() {
    QByteArray said;
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=2 ! write same.tif")), 0);
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=5 ! write same.tif", {"--resume"}), &said), 2);
    QVERIFY2(said.contains("exists") && said.contains("isel"), said.constData());
    damage("same.tif", 700, false);
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=2 ! write same.tif", {"--resume"}), &said), 2);
    QVERIFY2(said.contains("written to since"), said.constData());
    // Replaced by another chain's, it is complete for that one, and no longer for the first.
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=5 ! write same.tif", {"--resume", "--overwrite"}), &said), 0);
    QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=5 ! write same.tif", {"--resume"}), &said), 0);
    QVERIFY2(said.contains("already complete"), said.constData());
    m_runs.clear("same.tif");
  }

  void verifyFindsWhatIsDamaged() {
    QByteArray said;
    QCOMPARE(m_runs.run(CliRuns::words("write v.img")), 0);
    QCOMPARE(verify({"v.img"}, &said), 0);
    damage("v.img", 4321, true);
    QCOMPARE(verify({"v.img"}, &said), 1);
    QVERIFY2(said.contains("v.img: damaged: bytes 0 to") && !said.contains("after the run"), said.constData());
    damage("v.img", 4321, true);  // turned back
    QCOMPARE(verify({"v.img"}, &said), 0);
    damage("v.hdr", 3, false);
    QCOMPARE(verify({"v.img"}, &said), 1);
    QVERIFY2(said.contains("v.hdr: damaged") && said.contains("written to after the run"), said.constData());
    QVERIFY(QFile::resize(file("v.img"), 5000));
    QCOMPARE(verify({"v.img"}, &said), 1);
    QVERIFY2(said.contains("it has 5,000 bytes"), said.constData());
    QVERIFY(QFile::remove(file("v.img.checksums")));
    QCOMPARE(verify({"v.img"}, &said), 3);
    QVERIFY2(said.contains("no checksums are stored"), said.constData());
    QCOMPARE(verify({"nowhere.tif"}, &said), 3);
    m_runs.clear("v.img");
  }

  void aSecondWriterIsToldBeforeItStarts() {
    const QStringList slow =
        CliRuns::words("reproject crs=EPSG:3310 resolution=1.2 resampling=cubic ! write busy.tif compress=zstd", {"--workers", "1"});
    QProcess first;
    m_runs.begin(first, slow);
    QTRY_VERIFY_WITH_TIMEOUT(!m_runs.parts().isEmpty(), 10000);
    QByteArray said;
    for (const QStringList& options : {QStringList{}, QStringList{"--resume"}, QStringList{"--overwrite"}}) {
      QCOMPARE(m_runs.run(CliRuns::words("isel wavelength=1 ! write busy.tif", options), &said), 2);
      QVERIFY2(said.contains("is being written by another run") && said.contains(m_runs.parts().value(0).toUtf8()), said.constData());
    }
    QCOMPARE(first.state(), QProcess::Running);
    QCOMPARE(m_runs.parts().size(), 1);
    ::kill(static_cast<pid_t>(first.processId()), SIGKILL);
    QVERIFY(first.waitForFinished(10000));
    QVERIFY2(m_runs.run(CliRuns::words("isel wavelength=1 ! write busy.tif"), &said) == 0, said.constData());
    m_runs.clear("busy.tif");
  }

  void ofTwoThatBeginAtOnceOneIsTold() {
    const QStringList steps =
        CliRuns::words("reproject crs=EPSG:3310 resolution=3 resampling=cubic ! write race.tif", {"--workers", "1", "--overwrite"});
    for (int i = 0; i < 4; ++i) {
      QProcess one, two;
      for (QProcess* process : {&one, &two}) {
        process->setWorkingDirectory(file(""));
        process->start(CUBELOOM_CLI, steps);
      }
      QVERIFY(one.waitForFinished(60000) && two.waitForFinished(60000));
      const QList<int> codes{one.exitCode(), two.exitCode()};
      QVERIFY2(codes.contains(0), (one.readAllStandardError() + two.readAllStandardError()).constData());
      for (const int code : codes) QVERIFY(code == 0 || code == 1 || code == 2);
      QCOMPARE(m_runs.parts(), QStringList());
      m_runs.clear("race.tif");
    }
  }

  // The library that writes NetCDF headers says "HDF error", whatever the reason.
  void aFullDiskUnderANetcdfHeaderSaysSo() {
    QByteArray said;
    for (const char* compress : {"none", "deflate"}) {
      QCOMPARE(
          m_runs.run(CliRuns::words(QString("isel wavelength=0:1 y=0:6 x=0:6 ! write full.nc compress=%1").arg(compress)), &said, 9000), 1);
      QVERIFY2(said.contains("full.nc") && said.contains("bytes short") && !said.contains("HDF error"), said.constData());
      QVERIFY(!QFile::exists(file("full.nc")));
      m_runs.clearParts();
    }
  }
};

QTEST_APPLESS_MAIN(TestNothingLost)
#include "tst_nothing_lost.moc"
