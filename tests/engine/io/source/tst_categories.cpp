// SPDX-License-Identifier: GPL-3.0-or-later
// Names of classes: GDAL's categories, CF's flags, and what resampling leaves of them.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_facts.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

class TestCategories : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }
  std::map<std::string, std::string> attributesOf(const std::string& chain) {
    const auto graph = m_engine.bind(chain);
    return graph ? (*graph)->nodes.back().operation->spec().attributes : std::map<std::string, std::string>();
  }

 private slots:
  /// Land cover 0, 1 and 3; GDAL keeps the names of categories beside a TIFF.
  void initTestCase() {
    test::GdalFile file;
    file.path = at("cover.tif");
    file.rows = 2;
    file.cols = 3;
    std::vector<std::byte> pixels;
    for (const int value : {0, 1, 3, 3, 1, 0}) pixels.push_back(static_cast<std::byte>(value));
    QCOMPARE(test::writeGdalFile(file, std::move(pixels)), std::string());
    test::writeFile(at("cover.tif.aux.xml"),
                    "<PAMDataset><PAMRasterBand band=\"1\"><CategoryNames><Category>open water</Category><Category>forest</Category>"
                    "<Category></Category><Category>bare soil</Category></CategoryNames></PAMRasterBand></PAMDataset>");
  }

  void goIntoEveryFile_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"again.tif", "cover.nc", "cover.zarr"}) QTest::newRow(name) << name;
  }
  void goIntoEveryFile() {
    QFETCH(QString, name);
    const std::string output = at(name.toStdString());
    const auto report = m_engine.run("open " + at("cover.tif") + " ! write " + output);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    for (const std::string& path : {at("cover.tif"), output}) {
      auto attributes = attributesOf("open " + path);
      QCOMPARE(attributes["flag_values"], std::string("0, 1, 3"));
      QCOMPARE(attributes["flag_meanings"], std::string("open_water forest bare_soil"));
    }
  }

  void colours_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"colours.nc", "colours.zarr", "colours.png", "colours.tif"}) QTest::newRow(name) << name;
  }

  /// The colours and names of an ENVI Classification: CF's flags with flag_colors as land cover products have them, palettes elsewhere.
  void colours() {
    QFETCH(QString, name);
    test::writeFile(at("soil"), std::string("\0\1\3\3\1\0", 6));
    test::writeFile(
        at("soil.hdr"),
        "ENVI\nsamples = 3\nlines = 2\nbands = 1\nfile type = ENVI Classification\ndata type = 1\ninterleave = bsq\nclasses = 4\n"
        "class lookup = {0,0,0, 255,0,0, 0,255,0, 16,32,255}\nclass names = {Unclassified, open water, soil, tree}\n"
        "map info = {UTM, 1, 1, 500000, 4000000, 30, 30, 11, North, WGS-84}\n");
    const std::string output = at(name.toStdString());
    const auto report = m_engine.run("open " + at("soil") + " ! write " + output);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    if (name.endsWith(".nc") || name.endsWith(".zarr")) {
      auto written = test::storedArray(output, "soil").attributes;
      QCOMPARE(written["flag_colors"], std::string("#000000 #ff0000 #00ff00 #1020ff"));
      QCOMPARE(written["flag_meanings"], std::string("Unclassified open_water soil tree"));
    }
    const auto graph = m_engine.bind("open " + output);
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QVERIFY(spec.classColours.size() > 3);
    QCOMPARE(spec.classColours[1], (std::array<std::uint8_t, 4>{255, 0, 0, 255}));
    QCOMPARE(spec.classColours[3], (std::array<std::uint8_t, 4>{16, 32, 255, 255}));
  }

  /// Numbers of flags in the type of bytes that are unsigned, as land cover of ESA's Climate Change Initiative has them (220: -36).
  void flagsOfUnsignedBytes() {
    const auto graph = m_engine.bind("open " CUBELOOM_TEST_DATA "/products/land_cover.nc");
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QCOMPARE(spec.type, PixelType::UInt8);
    QCOMPARE(spec.attributes.at("flag_values"), std::string("0, 10, 200, 220"));
    QCOMPARE(spec.classColours.size(), std::size_t{221});
    QCOMPARE(spec.classColours[200], (std::array<std::uint8_t, 4>{0xff, 0xf5, 0xd7, 255}));
    QCOMPARE(test::valuesOf(**graph).value(), (std::vector<double>{0, 10, 200, 220}));
  }

  /// Between two classes lies none.
  void resampling() {
    const std::string open = "open " + at("cover.tif") + " ! reproject resolution=20 fill=255 resampling=";
    QVERIFY(attributesOf(open + "nearest").contains("flag_meanings"));
    QVERIFY(attributesOf(open + "mode").contains("flag_values"));
    QVERIFY(!attributesOf(open + "average").contains("flag_meanings"));
    const auto graph = m_engine.bind(open + "average").value();
    const auto& warnings = graph->nodes.back().operation->warnings();
    QVERIFY(std::any_of(warnings.begin(), warnings.end(),
                        [](const std::string& warning) { return warning.starts_with("the values are numbers of classes"); }));
  }
};

QTEST_APPLESS_MAIN(TestCategories)
#include "tst_categories.moc"
