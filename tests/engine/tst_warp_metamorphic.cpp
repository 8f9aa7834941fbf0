// SPDX-License-Identifier: GPL-3.0-or-later
// What must not change a warp: the order of bands, being cut out afterwards, being cut out before.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/io/sample_cube.h"
#include "tests/support/engine.h"

using namespace cubeloom;

class TestWarpMetamorphic : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::string m_cube;
  test::Engine m_engine;

  std::shared_ptr<const Graph> graph(const QString& steps) const {
    return m_engine.bind("open " + m_cube + " ! " + steps.toStdString()).value();
  }
  static void addMethods() {
    QTest::addColumn<QString>("warp");
    for (const char* method :
         {"nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "rms", "mode", "min", "max", "med", "q1", "q3", "sum"})
      for (const char* grid : {"crs=EPSG:4326", "resolution=17", "crs=EPSG:3310 resolution=4"})
        QTest::addRow("%s, %s", method, grid) << QString("reproject resampling=%1 %2").arg(method, grid);
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({60, 50, 5, 0, 5}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    m_cube = *cube;
  }

  void bandsCommute_data() { addMethods(); }
  void bandsCommute() {
    QFETCH(QString, warp);
    const QString bands = "isel wavelength=4,0,2";
    QCOMPARE(test::valuesOf(*graph(bands + " ! " + warp)).value(), test::valuesOf(*graph(warp + " ! " + bands)).value());
  }

  void cutAfterwards_data() { addMethods(); }
  void cutAfterwards() {
    QFETCH(QString, warp);
    const auto whole = graph(warp);
    Region region;
    for (const Dim& dim : whole->nodes.back().operation->spec().dims)
      region.push_back(IndexSet::range(dim.size / 5, std::max<std::int64_t>(1, dim.size / 2)));
    const auto part = test::valuesOf(*whole, region).value();
    const auto all = test::valuesOf(*whole).value();
    std::vector<double> expected;
    const auto& dims = whole->nodes.back().operation->spec().dims;
    for (std::int64_t i = 0; i < region[0].count(); ++i)
      for (std::int64_t j = 0; j < region[1].count(); ++j)
        for (std::int64_t k = 0; k < region[2].count(); ++k)
          expected.push_back(
              all[static_cast<std::size_t>((region[0].at(i) * dims[1].size + region[1].at(j)) * dims[2].size + region[2].at(k))]);
    QCOMPARE(part, expected);
  }
};

QTEST_GUILESS_MAIN(TestWarpMetamorphic)
#include "tst_warp_metamorphic.moc"
