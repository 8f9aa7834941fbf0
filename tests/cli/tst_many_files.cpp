// SPDX-License-Identifier: GPL-3.0-or-later
// A stack of more files than the process may have open: ten years of dates in one cube.
#include <sys/resource.h>

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/gdal_writer.h"

using namespace cubeloom;

class TestManyFiles : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  static constexpr int kDates = 600;

  QByteArray run(const QStringList& arguments, int& code) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.setChildProcessModifier([] {
      const rlimit few{256, 256};
      ::setrlimit(RLIMIT_NOFILE, &few);
    });
    process.start(CUBELOOM_CLI, arguments);
    process.waitForFinished(120000);
    code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    return process.readAllStandardError();
  }

  QString name(int date, const char* suffix) const {
    return m_folder.filePath(QDate(2013, 1, 1).addDays(date).toString("'x'yyyyMMdd") + suffix);
  }

 private slots:
  void initTestCase() {
    for (int date = 0; date < kDates; ++date) {
      QFile header(name(date, ".hdr")), data(name(date, ""));
      QVERIFY(header.open(QIODevice::WriteOnly) && data.open(QIODevice::WriteOnly));
      header.write(
          "ENVI\nsamples = 3\nlines = 2\nbands = 1\ndata type = 2\ninterleave = bil\nbyte order = 0\nheader offset = 0\n"
          "map info = {UTM, 1, 1, 500000, 4000000, 10, 10, 10, North, WGS-84}\n");
      for (std::int16_t i = 0; i < 6; ++i) {
        const auto value = static_cast<std::int16_t>(date + 1000 * i);
        data.write(reinterpret_cast<const char*>(&value), sizeof(value));
      }
      test::GdalFile raster;
      raster.path = name(date, ".tif").toStdString();
      raster.cols = 2;
      QCOMPARE(test::writeGdalFile(raster, {static_cast<std::byte>(date % 251), std::byte{7}}), std::string());
    }
  }

  // The largest date is the last one: no date is lost, none taken for another.
  void allDatesAreRead_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QByteArray>("expected");
    const auto bytes = [](auto... values) {
      QByteArray all;
      (all.append(reinterpret_cast<const char*>(&values), sizeof(values)), ...);
      return all;
    };
    constexpr std::int16_t kLast = kDates - 1;
    const auto at = [](int i) { return static_cast<std::int16_t>(kLast + 1000 * i); };
    QTest::newRow("ENVI") << "x*.hdr" << bytes(at(0), at(1), at(2), at(3), at(4), at(5));
    QTest::newRow("GeoTIFF") << "x*.tif" << bytes(std::uint8_t{250}, std::uint8_t{7});
  }
  void allDatesAreRead() {
    QFETCH(QString, pattern);
    QFETCH(QByteArray, expected);
    int code = -1;
    const QByteArray error =
        run({"run", "--overwrite", "!", "open", pattern, "!", "reduce", "dims=time", "statistic=max", "!", "write", "max.img"}, code);
    QVERIFY2(code == 0, error.constData());
    QFile result(m_folder.filePath("max.img"));
    QVERIFY(result.open(QIODevice::ReadOnly));
    QCOMPARE(result.readAll(), expected);
  }
};

QTEST_APPLESS_MAIN(TestManyFiles)
#include "tst_many_files.moc"
