// SPDX-License-Identifier: GPL-3.0-or-later
// What must not change a warp: the order of bands, being cut out afterwards, a smaller output, a smaller source.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "engine/io/sample/sample_cube.h"
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

  // Kernels that widen do so by the scale of the output as a whole, which is a little another one for a window; their values are near each
  // other then, not the same.
  void warpedToAWindow_data() {
    QTest::addColumn<QString>("warp");
    QTest::addColumn<QString>("crs");
    QTest::addColumn<bool>("isExact");
    const auto add = [](const char* method, const char* crs, const char* resolution, bool isExact = true) {
      QTest::addRow("%s, %s at %s", method, crs, resolution)
          << QString("reproject resampling=%1 crs=%2 resolution=%3").arg(method, crs, resolution) << QString(crs) << isExact;
    };
    for (const char* method : {"nearest", "average", "mode", "min", "q3", "sum"}) {
      add(method, "EPSG:32610", "13");
      add(method, "EPSG:4326", "0.0001");
      add(method, "EPSG:3310", "4");
    }
    for (const char* method : {"bilinear", "cubic", "cubicspline", "lanczos"}) {
      add(method, "EPSG:32610", "4");
      add(method, "EPSG:3310", "2");
      add(method, "EPSG:32610", "15", false);
      add(method, "EPSG:4326", "0.0002", false);
    }
  }
  /// crop(warp) = warp(crop) on the output: a window of the grid, asked for by its bounds and shape.
  void warpedToAWindow() {
    QFETCH(QString, warp);
    QFETCH(QString, crs);
    QFETCH(bool, isExact);
    const auto whole = graph(warp);
    const ArraySpec& spec = whole->nodes.back().operation->spec();
    const GeoBox box = spec.geobox.value();
    const std::int64_t row = box.rows() / 3, col = box.cols() / 4, rows = box.rows() / 3, cols = box.cols() / 2;
    QVERIFY(rows > 0 && cols > 0);
    const GeoBox window = box.crop({row, col, rows, cols});
    const Bounds b = window.bounds();
    const auto number = [](double value) { return QString::number(value, 'g', 17); };
    const QString steps = warp.section(" resolution", 0, 0) + QString(" bounds=%1,%2,%3,%4 shape=%5,%6 anchor=floating")
                                                                  .arg(number(b.xmin), number(b.ymin), number(b.xmax), number(b.ymax))
                                                                  .arg(rows)
                                                                  .arg(cols);
    const auto direct = graph(steps);
    QCOMPARE(direct->nodes.back().operation->spec().geobox->rows(), rows);
    Region region = fullRegion(spec.shape());
    region[static_cast<std::size_t>(spec.yDim)] = IndexSet::range(row, rows);
    region[static_cast<std::size_t>(spec.xDim)] = IndexSet::range(col, cols);
    compare(test::valuesOf(*direct).value(), test::valuesOf(*whole, region).value(), isExact ? 1e-6 : 0.03);
  }

  void fromACroppedSource_data() {
    QTest::addColumn<QString>("warp");
    for (const char* method :
         {"nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "rms", "mode", "min", "max", "med", "q1", "q3", "sum"})
      for (const char* grid : {"crs=EPSG:32610 bounds=@ shape=13,17", "crs=EPSG:32610 bounds=@ shape=90,80", "crs=EPSG:3310 resolution=11"})
        QTest::addRow("%s, %s", method, grid) << QString("reproject resampling=%1 %2").arg(method, grid);
  }
  /// Of a small output amid the source only what the kernels reach matters.
  void fromACroppedSource() {
    QFETCH(QString, warp);
    const GeoBox source = graph("isel wavelength=0")->nodes.back().operation->spec().geobox.value();
    const auto number = [](double value) { return QString::number(value, 'g', 17); };
    const Bounds inner = source.crop({24, 20, 20, 17}).bounds();
    const QString bounds =
        QString("%1,%2,%3,%4").arg(number(inner.xmin + 1.3), number(inner.ymin + 0.7), number(inner.xmax + 1.3), number(inner.ymax + 0.7));
    warp.replace("@", bounds);
    if (warp.contains("3310")) {
      // A grid of its own around the same place.
      const GeoBox there = graph("isel y=28:40 x=24:34 ! " + warp)->nodes.back().operation->spec().geobox.value();
      const Bounds b = there.bounds();
      warp = warp.section(" resolution", 0, 0) + QString(" bounds=%1,%2,%3,%4 shape=%5,%6 anchor=floating")
                                                     .arg(number(b.xmin), number(b.ymin), number(b.xmax), number(b.ymax))
                                                     .arg(there.rows())
                                                     .arg(there.cols());
    }
    compare(test::valuesOf(*graph("isel y=6:56 x=5:48 ! " + warp)).value(), test::valuesOf(*graph(warp)).value(), 1e-6);
  }

 private:
  /// To `tolerance` of the range of valid values; nodata to the bit.
  static void compare(const std::vector<double>& got, const std::vector<double>& expected, double tolerance) {
    QCOMPARE(got.size(), expected.size());
    double least = INFINITY, most = -INFINITY;
    for (const double value : expected) {
      if (value == static_cast<double>(SyntheticCube::kNodata)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
    QVERIFY(most > least);
    std::size_t differing = 0, first = got.size();
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (std::abs(got[i] - expected[i]) <= tolerance * (most - least)) continue;
      ++differing;
      first = std::min(first, i);
    }
    QVERIFY2(differing == 0, qPrintable(QString("%1 of %2 differ; value %3 is %4 instead of %5")
                                            .arg(differing)
                                            .arg(got.size())
                                            .arg(first)
                                            .arg(first < got.size() ? got[first] : 0, 0, 'g', 9)
                                            .arg(first < got.size() ? expected[first] : 0, 0, 'g', 9)));
  }
};

QTEST_GUILESS_MAIN(TestWarpMetamorphic)
#include "tst_warp_metamorphic.moc"
