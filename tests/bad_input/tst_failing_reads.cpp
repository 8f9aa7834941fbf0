// SPDX-License-Identifier: GPL-3.0-or-later
// A disk or a network drive fails a read of a dataset's metadata, once, at every place there is: the answer is the right one, or exit 3
// with the path. "It cannot be read" is never taken for "it is not there".
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "engine/io/sample/sample_cube.h"
#include "tests/support/engine.h"

using namespace cubeloom;

class TestFailingReads : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  struct Outcome {
    int code = -1;
    QByteArray out, error;
  };
  Outcome info(const QString& path, const QStringList& environment) const {
    QProcess process;
    process.setEnvironment(QProcess::systemEnvironment() + environment);
    process.start(CUBELOOM_CLI, {"info", "--json", path});
    process.waitForFinished(60000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
  }

  /// The read with number `at` fails; 0: every second one. `isReached`: whether there was such a read.
  Outcome infoWithFault(const QString& path, const QString& how, int at, bool& isReached) const {
    const QString done = m_folder.filePath("done");
    QFile file(done);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)) qFatal("cannot write %s", qPrintable(done));
    file.close();
    const Outcome outcome = info(path, {"LD_PRELOAD=" FAILING_READS, "CUBELOOM_FAIL_BELOW=" + m_folder.path(), "CUBELOOM_FAIL_HOW=" + how,
                                        "CUBELOOM_FAIL_DONE=" + done, QString("CUBELOOM_FAIL_AT=%1").arg(at)});
    isReached = QFileInfo(done).size() > 0;
    return outcome;
  }

  void formats() const {
    QTest::addColumn<QString>("path");
    for (const auto& [format, file] :
         std::vector<std::pair<const char*, const char*>>{{"ENVI", "envi/enmap_potsdam_96x64.hdr"},
                                                          {"NetCDF-4", "cf/utm/netcdf4.nc"},
                                                          {"classic NetCDF", "cf/utm/classic.nc"},
                                                          {"HDF5", "cf/utm/hdf5.h5"},
                                                          {"Zarr", "cf/utm/cube.zarr"},
                                                          {"kerchunk", "cf/utm/kerchunk.json"},
                                                          {"GeoTIFF", "geotiff/enmap_potsdam_tile_160_64.tif"}})
      QTest::newRow(format) << m_folder.filePath(file);
  }

 private slots:
  void initTestCase() {
    // Folders: headers have data beside them, references the files that they name.
    for (const char* folder : {"envi", "cf/utm", "geotiff"})
      test::copyFolder(QString(CUBELOOM_TEST_DATA "/") + folder, m_folder.filePath(folder));
  }

  void everyReadFailsOnce_data() { formats(); }
  void everyReadFailsOnce() {
    QFETCH(QString, path);
    const Outcome right = info(path, {});
    QVERIFY2(right.code == 0, right.error.constData());
    int errors = 0, at = 0;
    for (bool isReached = true; isReached;) {
      const Outcome outcome = infoWithFault(path, "eio", ++at, isReached);
      const QByteArray where = QString("read %1: exit %2\n").arg(at).arg(outcome.code).toUtf8() + outcome.error;
      if (outcome.code == 0) {
        QVERIFY2(outcome.out == right.out, (where + outcome.out).constData());
      } else {
        QVERIFY2(outcome.code == 3 && outcome.error.contains(m_folder.path().toUtf8()), where.constData());
        ++errors;
      }
    }
    QVERIFY2(errors > 0, "an error came through");
  }

  // What the system lets a program try again is tried again.
  void shortAndInterruptedReadsGoOn_data() { formats(); }
  void shortAndInterruptedReadsGoOn() {
    QFETCH(QString, path);
    const Outcome right = info(path, {});
    for (const char* how : {"short", "eintr"}) {
      bool isReached = false;
      const Outcome outcome = infoWithFault(path, how, 0, isReached);
      QVERIFY(isReached);
      QVERIFY2(outcome.code == 0 && outcome.out == right.out, (how + outcome.error + outcome.out).constData());
    }
  }
};

QTEST_APPLESS_MAIN(TestFailingReads)
#include "tst_failing_reads.moc"
