// SPDX-License-Identifier: GPL-3.0-or-later
// The memory that a plan projects against what the process really took, as the system counts it: never more, and not much less.
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

class TestPeak : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;

  static double mib(const QJsonObject& report, const char* key) { return report[QLatin1String(key)].toDouble() / 1048576; }

 private slots:
  void initTestCase() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("a sanitizer's own memory is part of the process's");
#endif
    QCOMPARE(m_runs.makeCube(120), QString());
  }

  void projectionHoldsTheProcess_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<int>("workers");
    const std::pair<const char*, const char*> chains[] = {
        {"GeoTIFF", "calc expression=x*2 ! write out.tif"},
        {"GeoTIFF, zstd", "calc expression=x*2 ! write out.tif compress=zstd"},
        {"NetCDF", "write out.nc"},
        {"NetCDF, deflate", "transpose dims=wavelength,y,x ! write out.nc compress=deflate"},
        {"cubic", "reproject crs=EPSG:3310 resolution=5 resampling=cubic ! write out.tif"},
        {"median over bands", "reduce dims=wavelength statistic=median ! write out.tif"},
        {"median of the scene", "reduce dims=y,x statistic=median ! write out.nc"},
    };
    for (const auto& [name, steps] : chains)
      for (const int workers : {1, 2}) QTest::addRow("%s, %d workers", name, workers) << steps << workers;
  }
  void projectionHoldsTheProcess() {
    QFETCH(QString, steps);
    QFETCH(int, workers);
    const QStringList options{"--workers", QString::number(workers), "--memory", "2GiB", "--report", "report.json", "--overwrite"};
    // Workers need not hold their most at the same moment, which the projection has to reckon with: of a few runs the largest counts.
    double largest = 0;
    QByteArray figures;
    for (int i = 0; i < 5; ++i) {
      QByteArray error;
      QVERIFY2(m_runs.run(CliRuns::words(steps, options), &error) == 0, error.constData());
      QFile file(m_runs.file("report.json"));
      QVERIFY(file.open(QIODevice::ReadOnly));
      const QJsonObject report = QJsonDocument::fromJson(file.readAll()).object();
      const double projected = mib(report, "projected_peak_bytes"), process = mib(report, "peak_rss_bytes");
      largest = std::max(largest, process);
      figures = QByteArray::number(projected) + " MiB projected, " + QByteArray::number(process) + " MiB taken";
      QVERIFY2(process > 10 && process <= projected, figures.constData());
      if (projected <= largest + std::max(0.25 * largest, 40.0)) return;
    }
    QFAIL(figures.constData());
  }
};

QTEST_APPLESS_MAIN(TestPeak)
#include "tst_peak.moc"
