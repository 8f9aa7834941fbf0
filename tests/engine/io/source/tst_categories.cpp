// SPDX-License-Identifier: GPL-3.0-or-later
// Names of classes: GDAL's categories, CF's flags, and what resampling leaves of them.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
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
