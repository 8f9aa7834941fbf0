// SPDX-License-Identifier: GPL-3.0-or-later
// The module that answers for GDAL: found from the program's own place, in the build tree and installed, loaded only when it is needed, and
// an error with its remedy where it is missing.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

const QString kRaster = CUBELOOM_TEST_DATA "/geotiff/alpha_8x6.tif", kCube = CUBELOOM_TEST_DATA "/envi/enmap_potsdam_96x64.hdr";

struct Ending {
  int code = -1;
  QByteArray said, complained;
};

Ending run(const QString& program, const QStringList& arguments, const QString& folder = {}) {
  QProcess process;
  process.setWorkingDirectory(folder);
  process.start(program, arguments);
  if (!process.waitForFinished(60000) || process.exitStatus() != QProcess::NormalExit) return {};
  return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

}  // namespace

class TestGdalModule : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  /// The program in a folder of its own, without its modules.
  QString programAlone() {
    const QString path = m_folder.filePath("cubeloom-cli");
    if (!QFile::exists(path)) QFile::copy(CUBELOOM_CLI, path);
    return path;
  }

 private slots:
  void initTestCase() { QVERIFY(m_folder.isValid()); }

  void theProgramStartsWithoutGdal() {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("LD_TRACE_LOADED_OBJECTS", "1");
    process.setProcessEnvironment(environment);
    process.start(CUBELOOM_CLI, {});
    QVERIFY(process.waitForFinished());
    const QByteArray libraries = process.readAllStandardOutput();
    QVERIFY2(libraries.contains("libproj"), libraries.constData());
    QVERIFY2(!libraries.contains("libgdal"), libraries.constData());
  }

  void anInstalledProgramFindsIt() {
    const QString build = QFileInfo(CUBELOOM_CLI).dir().filePath("..");
    const Ending installed = run("cmake", {"--install", build, "--component", "cli", "--prefix", m_folder.filePath("usr")});
    QVERIFY2(installed.code == 0, installed.complained.constData());
    const Ending there = run(m_folder.filePath("usr/bin/cubeloom-cli"), {"info", kRaster, "--json"});
    QVERIFY2(there.code == 0, there.complained.constData());
    QCOMPARE(there.said, run(CUBELOOM_CLI, {"info", kRaster, "--json"}).said);
  }

  void withoutItOtherFilesAreRead() {
    const Ending info = run(programAlone(), {"info", kCube, "--json"});
    QVERIFY2(info.code == 0, info.complained.constData());
    QCOMPARE(info.said, run(CUBELOOM_CLI, {"info", kCube, "--json"}).said);
  }

  void withoutItARasterIsRefused() {
    const Ending info = run(programAlone(), {"info", kRaster});
    QCOMPARE(info.code, 3);
    QVERIFY2(info.complained.contains("libcubeloom-gdal.so") && info.complained.contains("install"), info.complained.constData());
  }

  void withoutItNothingIsWritten_data() {
    QTest::addColumn<QString>("out");
    for (const char* out : {"out.tif", "out.png", "out.img"}) QTest::newRow(out) << QString(out);
  }
  void withoutItNothingIsWritten() {
    QFETCH(QString, out);
    const QString few = "isel wavelength=0:3 ! astype dtype=uint8 nodata=0 ! write " + out;
    const Ending ending =
        run(programAlone(), QStringList{"run", "--progress", "none", "!", "open", kCube, "!"} + few.split(' '), m_folder.path());
    QCOMPARE(ending.code, 1);
    QVERIFY2(ending.complained.contains("libcubeloom-gdal.so") && ending.complained.contains("install"), ending.complained.constData());
    QVERIFY(QDir(m_folder.path()).entryList({out + "*"}).isEmpty());
  }

  void withoutItNoPictureIsMade() {
    const Ending preview =
        run(programAlone(), {"preview", "--node", "open", "--size", "8x8", "-o", "out.png", "!", "open", kCube}, m_folder.path());
    QCOMPARE(preview.code, 1);
    QVERIFY2(preview.complained.contains("libcubeloom-gdal.so"), preview.complained.constData());
  }
};

QTEST_GUILESS_MAIN(TestGdalModule)
#include "tst_gdal_module.moc"
