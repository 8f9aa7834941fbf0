// SPDX-License-Identifier: GPL-3.0-or-later
// Band math and reductions on a real EnMAP cube beside numpy's answers (tests/data/golden/enmap_math.json says how they were made).
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <cmath>

#include "tests/support/engine.h"

using namespace cubeloom;

class TestMathGolden : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QJsonObject m_golden;
  std::string m_cube = std::string(CUBELOOM_TEST_DATA) + "/envi/enmap_potsdam_96x64.bil";

  std::vector<double> values(const std::string& step) const {
    const auto graph = m_engine.bind("open " + m_cube + " ! " + step);
    if (!graph) qFatal("%s", graph.error().text().c_str());
    return *test::valuesOf(**graph);
  }

 private slots:
  void initTestCase() {
    QFile file(QString(CUBELOOM_TEST_DATA) + "/golden/enmap_math.json");
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_golden = QJsonDocument::fromJson(file.readAll()).object();
    QVERIFY(!m_golden.isEmpty());
  }

  void ndviIsBitEqual() {
    const auto ndvi = values("calc expression=(nm(865)-nm(650))/(nm(865)+nm(650))");
    const auto byNumber = values("calc expression=(b75-b45)/(b75+b45)");
    QVERIFY(ndvi == byNumber);
    double sum = 0;
    for (const double v : ndvi) sum += v;
    QVERIFY(std::abs(sum - m_golden["ndvi_sum"].toDouble()) < 1e-9);
    for (const auto& pixel : m_golden["pixels"].toArray()) {
      const QJsonArray p = pixel.toArray();
      QCOMPARE(ndvi[static_cast<std::size_t>(p[0].toInt() * 96 + p[1].toInt())], p[2].toDouble());
    }
  }

  void meanAndStdOverWavelength() {
    const auto mean = values("reduce dims=wavelength statistic=mean");
    const auto std = values("reduce dims=wavelength statistic=std");
    for (const auto& pixel : m_golden["pixels"].toArray()) {
      const QJsonArray p = pixel.toArray();
      const auto at = static_cast<std::size_t>(p[0].toInt() * 96 + p[1].toInt());
      QVERIFY(std::abs(mean[at] - p[3].toDouble()) <= 1e-6 * std::abs(p[3].toDouble()));
      QVERIFY(std::abs(std[at] - p[4].toDouble()) <= 1e-6 * std::abs(p[4].toDouble()));
    }
  }

  void meanOfEachBandLeavesBadBandsNodata() {
    const auto means = values("reduce dims=y,x statistic=mean");
    const QJsonArray places = m_golden["band_mean_places"].toArray(), expected = m_golden["band_means"].toArray();
    for (int i = 0; i < places.size(); ++i) {
      const double got = means[static_cast<std::size_t>(places[i].toInt())], want = expected[i].toDouble();
      QVERIFY2(std::abs(got - want) <= 1e-6 * std::abs(want), qPrintable(QString("%1, numpy %2").arg(got).arg(want)));
    }
    QCOMPARE(means[131], -32768.0);  // bands 130..135 hold nothing but nodata
  }
};

QTEST_APPLESS_MAIN(TestMathGolden)
#include "tst_math_golden.moc"
