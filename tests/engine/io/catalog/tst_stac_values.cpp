// SPDX-License-Identifier: GPL-3.0-or-later
// What a STAC item says of its assets' values, where their files say nothing: scale, offset, unit, nodata, and when it was.
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "engine/io/catalog/catalog_reader.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

class TestStacValues : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

  /// One item of an asset a.tif, about which it says `said`, and a second asset b.tif, about which it says nothing.
  std::string item(const std::string& said) const {
    test::writeFile(at("item.json"),
                    R"({"stac_version":"1.0.0","type":"Feature","id":"scene","geometry":null,"links":[],
                        "properties":{"datetime":"2023-06-11T10:20:30Z"},
                        "assets":{"nir":{"href":"a.tif","roles":["data"])" +
                        (said.empty() ? "" : "," + said) + R"(},"other":{"href":"b.tif"}}})");
    return at("item.json");
  }

  ArraySpec specOf(const std::string& chain) {
    const auto graph = m_engine.bind(chain);
    if (!graph) qWarning("%s", graph.error().text().c_str());
    return graph ? (*graph)->nodes.back().operation->spec() : ArraySpec();
  }
  QString notesOf(const std::string& chain) {
    const auto graph = m_engine.bind(chain);
    QString all;
    if (graph)
      for (const std::string& note : (*graph)->nodes.back().operation->notes()) all += QString::fromStdString(note) + "\n";
    return all;
  }

 private slots:
  void initTestCase() {
    for (const char* name : {"a.tif", "b.tif", "own.tif"}) {
      test::GdalFile file;
      file.path = at(name);
      file.type = PixelType::UInt16;
      file.rows = 1;
      file.cols = 3;
      if (std::string(name) == "own.tif") {
        file.nodata = 7;
        file.scales = {{0.5, 0}};
      }
      std::vector<std::byte> pixels;
      for (const int value : {0, 1, 4}) {  // 0, 1000, 4000
        const int stored = value * 1000;
        pixels.push_back(static_cast<std::byte>(stored & 255));
        pixels.push_back(static_cast<std::byte>(stored >> 8));
      }
      QCOMPARE(test::writeGdalFile(file, std::move(pixels)), std::string());
    }
  }

  void scaleOffsetUnitNodata_data() {
    QTest::addColumn<QString>("said");
    QTest::newRow("raster extension") << R"("raster:bands":[{"scale":0.0002,"offset":-0.1,"unit":"W m-2","nodata":0}])";
    QTest::newRow("STAC 1.1") << R"("bands":[{"raster:scale":0.0002,"raster:offset":-0.1,"unit":"W m-2","nodata":0}])";
    QTest::newRow("STAC 1.1, of the asset") << R"("raster:scale":0.0002,"raster:offset":-0.1,"unit":"W m-2","nodata":0)";
  }

  /// As stored with decode=auto, as a GeoTIFF's own are; true values with decode=true.
  void scaleOffsetUnitNodata() {
    QFETCH(QString, said);
    const std::string open = "open " + item(said.toStdString());
    const ArraySpec stored = specOf(open);
    QCOMPARE(stored.variable, std::string("nir"));
    QVERIFY(stored.storedScale.has_value());
    QCOMPARE(stored.storedScale->factor, 0.0002);
    QCOMPARE(stored.storedScale->offset, -0.1);
    QCOMPARE(stored.unit, std::string("W m-2"));
    QCOMPARE(stored.nodata, std::optional<double>(0));
    QCOMPARE(stored.coordinateNamed("time")->text(), std::string("2023-06-11T10:20:30Z"));
    QVERIFY(notesOf(open).contains("values are as stored"));
    const auto values = test::valuesOf(*m_engine.bind(open + " decode=true").value());
    QVERIFY(values.has_value());
    QVERIFY(std::isnan((*values)[0]));
    QVERIFY(std::abs((*values)[1] - 0.1) < 1e-6);
    QVERIFY(std::abs((*values)[2] - 0.7) < 1e-6);
  }

  void oneAsset() {
    const ArraySpec other = specOf("open " + item(R"("raster:bands":[{"scale":2}])") + " variable=other");
    QCOMPARE(other.variable, std::string("other"));
    QVERIFY(!other.storedScale);
    const auto none = m_engine.bind("open " + item("") + " variable=red");
    QVERIFY(!none.has_value());
    QVERIFY(none.error().text().find("nir") != std::string::npos);
  }

  /// Where the file speaks, it is believed.
  void theFileComesFirst() {
    std::string path = item(R"("raster:bands":[{"scale":2,"nodata":5}])");
    test::writeFile(path, R"({"stac_version":"1.0.0","type":"Feature","id":"own","geometry":null,"links":[],"properties":{"datetime":null},
                             "assets":{"x":{"href":"own.tif","raster:bands":[{"scale":2,"nodata":5}]}}})");
    const ArraySpec spec = specOf("open " + path);
    QCOMPARE(spec.nodata, std::optional<double>(7));
    QCOMPARE(spec.storedScale->factor, 0.5);
    QVERIFY(notesOf("open " + path).contains("the STAC item says nodata 5, the file 7"));
    QVERIFY(notesOf("open " + path).contains("the file has its own"));
  }

  void numbersOfBandsMustFit() {
    const std::string path = item(R"("raster:bands":[{"scale":2},{"scale":3}])");
    QVERIFY(!specOf("open " + path).storedScale);
    QVERIFY(notesOf("open " + path).contains("of 2 bands is not applied: the file has 1"));
  }

  /// A catalog leads to the item, so that nothing is lost on the way.
  void throughTheCatalog() {
    const auto catalog = makeCatalogProvider()->read({item(R"("raster:bands":[{"scale":0.25}])"), {}, {}});
    QVERIFY2(catalog.has_value(), catalog ? "" : catalog.error().text().c_str());
    const CatalogEntry& scene = catalog->entries.at(0);
    QCOMPARE(scene.path, at("item.json"));
    QCOMPARE(scene.variable, std::string("nir"));
    QCOMPARE(scene.children.at(1).path, at("b.tif"));
  }
};

QTEST_APPLESS_MAIN(TestStacValues)
#include "tst_stac_values.moc"
