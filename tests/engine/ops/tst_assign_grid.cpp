// SPDX-License-Identifier: GPL-3.0-or-later
// Where pixels lie: a raster that does not say it is given a grid, and never only a CRS, under which its row numbers would be latitudes.
#include <QTemporaryDir>
#include <QTest>

#include "engine/geo/pixel_grid.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using cubeloom::test::EnviRaster;

class TestAssignGrid : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }
  std::string opened(const std::string& rest) const { return "open " + at("plain") + rest; }
  /// The spec of a pipeline's last step, or what is wrong with it.
  Result<ArraySpec> specOf(const std::string& pipeline) const {
    const auto graph = m_engine.bind(pipeline);
    if (!graph) return fail(graph.error());
    return test::lastOf(**graph).operation->spec();
  }
  QString errorOf(const std::string& pipeline) const {
    const auto spec = specOf(pipeline);
    return spec ? QString("it binds") : QString::fromStdString(spec.error().text());
  }

 private slots:
  void initTestCase() {
    EnviRaster raster;  // 5 samples, 4 lines and no map info
    raster.write(at("plain"));
    raster.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\n";
    raster.write(at("placed"));
    test::writeFile(at("north.tfw"), "2.5\n0\n0\n-2.5\n600001.25\n4500008.75\n");
    test::writeFile(at("turned.wld"), "3 4\n4 -3\n1000.5 2000.5\n");
    test::writeFile(at("short.tfw"), "2.5\n0\n0\n-2.5\n600001.25\n");
    test::writeFile(at("text.tfw"), "2.5\n0\nnone\n-2.5\n600001.25\n1\n");
  }

  void aCrsPlacesNothing() {
    for (const char* rest : {" ! assign_crs crs=EPSG:32610", " crs=EPSG:4326", " ! isel y=1:3 x=2:5 ! assign_crs crs=EPSG:32610",
                             " ! isel y=::2 ! assign_crs crs=EPSG:4326"}) {
      const QString refused = errorOf(opened(rest));
      QVERIFY2(refused.contains("nothing says where") && refused.contains("assign_grid"), qPrintable(rest + refused));
    }
    const QString refused = errorOf(opened(" ! reproject crs=EPSG:4326"));
    QVERIFY2(refused.contains("assign_grid"), qPrintable(refused));
    QCOMPARE(specOf("open " + at("placed") + " ! assign_crs crs=EPSG:32611")->geobox->crs().authority(), std::string("EPSG:32611"));
  }

  void whatCountsPixels() {
    const GeoBox plain(40, 50, Affine{}, Crs());
    QVERIFY(countsPixels(plain) && countsPixels(plain.crop({3, 7, 10, 11})) && countsPixels(plain.strided(3, 5, 4, 0, 2, 25)));
    QVERIFY(!countsPixels(plain.withCrs(Crs::fromUser("EPSG:4326").value())));
    QVERIFY(!countsPixels(GeoBox(40, 50, Affine{1, 0, 300000, 0, -1, 5000000}, Crs())));
    QVERIFY(!countsPixels(GeoBox(40, 50, Affine{0.5, 0, 10, 0, 0.5, 20}, Crs())));
  }

  void threeWays() {
    const Affine north{2.5, 0, 600000, 0, -2.5, 4500010};
    for (const std::string& way : {std::string("geotransform=600000,2.5,0,4500010,0,-2.5"),
                                   std::string("bounds=600000,4500000,600012.5,4500010"), "world_file=" + at("north.tfw")}) {
      const auto spec = specOf(opened(" ! assign_grid " + way + " crs=EPSG:32610"));
      QVERIFY2(spec, spec ? "" : spec.error().text().c_str());
      QCOMPARE(spec->geobox->affine(), north);
      QCOMPARE(spec->geobox->crs().authority(), std::string("EPSG:32610"));
      QCOMPARE(spec->dims[static_cast<std::size_t>(spec->xDim)].coordinate.at(1), 600003.75);
      QCOMPARE(spec->dims[static_cast<std::size_t>(spec->yDim)].coordinate.at(3), 4500001.25);
    }
    // Turned: x = 3 col + 4 row, y = 4 col - 3 row from the first pixel's centre, as affine.loadsw reads it.
    QCOMPARE(specOf(opened(" ! assign_grid world_file=" + at("turned.wld")))->geobox->affine(), (Affine{3, 4, 997, 4, -3, 2000}));
    // The input's own CRS stays where none is given.
    const auto moved = m_engine.bind("open " + at("placed") + " ! assign_grid bounds=0,0,50,40");
    QVERIFY(moved);
    const BoundNode& node = test::lastOf(**moved);
    QCOMPARE(node.operation->spec().geobox->crs().authority(), std::string("EPSG:32610"));
    QVERIFY(node.operation->warnings().at(0).find("replaces") != std::string::npos);
  }

  /// A header with metres and a geographic CRS: info and the plan of what opens it say so.
  void metresUnderDegreesAreSaid() {
    EnviRaster raster;
    raster.more = "map info = {Geographic Lat/Lon, 1, 1, 399960, 4900020, 30, 30, WGS-84, units=Degrees}\n";
    raster.write(at("metres"));
    const auto info = m_engine.sources->info(at("metres"));
    QVERIFY(info && info->notes.back().find("cannot be degrees") != std::string::npos);
    const auto graph = m_engine.bind("open " + at("metres"));
    QVERIFY(graph);
    QVERIFY(test::lastOf(**graph).operation->warnings().back().find("cannot be degrees") != std::string::npos);
  }

  void pixelsStay() {
    const auto before = m_engine.bind(opened("")), after = m_engine.bind(opened(" ! assign_grid bounds=0,0,50,40 crs=EPSG:32610"));
    QVERIFY(before && after);
    QCOMPARE(test::valuesOf(**after).value(), test::valuesOf(**before).value());
  }

  void mistakes_data() {
    QTest::addColumn<QString>("params");
    QTest::addColumn<QString>("says");
    const auto row = [](const std::string& params, const char* says) {
      QTest::newRow(params.c_str()) << QString::fromStdString(params) << QString(says);
    };
    row("crs=EPSG:4326", "no grid is given");
    row("bounds=0,0,5,4 geotransform=0,1,0,4,0,-1", "more than once");
    row("geotransform=0,1,0,4,0", "5 numbers are given");
    row("geotransform=0,1,0,4,0,0", "have no area");
    row("world_file=" + at("short.tfw"), "does not hold six numbers");
    row("world_file=" + at("text.tfw"), "does not hold six numbers");
    row("world_file=" + at("none.tfw"), "does not hold six numbers");
  }
  void mistakes() {
    QFETCH(QString, params);
    QFETCH(QString, says);
    const QString error = errorOf(opened(" ! assign_grid " + params.toStdString()));
    QVERIFY2(error.contains(says), qPrintable(error));
  }
};

QTEST_GUILESS_MAIN(TestAssignGrid)
#include "tst_assign_grid.moc"
