// SPDX-License-Identifier: GPL-3.0-or-later
// What a GeoTIFF says beside its pixels goes into the next one, as GDAL reads both: names of classes, pixels that are points, heights' CRS.
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_facts.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

class TestTiffFacts : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

  void run(const std::string& chain) {
    const auto report = m_engine.run(chain);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QVERIFY2(report->errors.empty(), report->errors.empty() ? "" : report->errors[0].text().c_str());
  }

  /// 3 x 2 pixels of a quarter of a degree, values 0 to 5.
  std::string make(const std::string& name, const std::string& crs, const std::vector<std::string>& categories, bool isPoint) const {
    test::GdalFile file;
    file.path = at(name);
    file.rows = 2;
    file.cols = 3;
    file.crs = crs;
    file.geotransform = {12.5, 0.25, 0, 47.75, 0, -0.25};
    file.isPoint = isPoint;
    std::vector<std::byte> pixels;
    for (int value = 0; value < 6; ++value) pixels.push_back(static_cast<std::byte>(value));
    const std::string problem = test::writeGdalFile(file, std::move(pixels));
    std::string names;
    for (const std::string& category : categories) names += "<Category>" + category + "</Category>";
    if (!names.empty())
      test::writeFile(file.path + ".aux.xml",
                      "<PAMDataset><PAMRasterBand band=\"1\"><CategoryNames>" + names + "</CategoryNames></PAMRasterBand></PAMDataset>");
    return problem;
  }
  /// As GDAL has them beside a TIFF: the text of each, in XML.
  std::vector<std::string> categoriesOf(const std::string& name) const {
    const QString text = QString::fromUtf8(test::contentOf(at(name + ".aux.xml")));
    std::vector<std::string> names;
    const QRegularExpression one(QStringLiteral("<Category>(.*?)</Category>"));
    for (auto found = one.globalMatch(text); found.hasNext();) names.push_back(found.next().captured(1).toStdString());
    return names;
  }
  test::RasterWords factsOf(const std::string& name) const { return test::rasterWords(at(name)); }

 private slots:
  void namesOfClasses_data() {
    QTest::addColumn<QString>("format");
    for (const char* format : {"GTiff", "COG"}) QTest::newRow(format) << format;
  }

  /// With blanks and signs, as they were; they go where the numbers are others.
  void namesOfClasses() {
    QFETCH(QString, format);
    const std::vector<std::string> names{"open water", "wood &amp; scrub", "", "rock &lt; 5°"};
    QCOMPARE(make("cover.tif", "EPSG:4326", names, false), std::string());
    const std::string output = "again_" + format.toStdString() + ".tif", words = " format=" + format.toStdString();
    run("open " + at("cover.tif") + " ! write " + at(output) + words);
    QCOMPARE(categoriesOf(output), names);
    run("open " + at("cover.tif") + " ! reproject crs=EPSG:32633 resolution=20000 fill=255 ! write " + at("utm_" + output) + words);
    QCOMPARE(categoriesOf("utm_" + output), names);
    run("open " + at("cover.tif") + " ! calc expression=x*2 ! write " + at("twice_" + output) + words);
    QVERIFY(categoriesOf("twice_" + output).empty());
    QVERIFY(!QFile::exists(QString::fromStdString(at("twice_" + output)) + ".aux.xml"));
    // Written over what had names, nothing keeps them.
    run("open " + at("cover.tif") + " ! astype dtype=float32 ! write " + at(output) + words + " overwrite=true");
    QVERIFY(categoriesOf(output).empty());
  }

  /// Numbers of a NetCDF flag, whose words are the names.
  void flagsBecomeNames() {
    QCOMPARE(make("cover.tif", "EPSG:4326", {"sea", "ice"}, false), std::string());
    run("open " + at("cover.tif") + " ! write " + at("flags.nc") + " overwrite=true");
    run("open " + at("flags.nc") + " ! write " + at("from_flags.tif"));
    QCOMPARE(categoriesOf("from_flags.tif"), (std::vector<std::string>{"sea", "ice"}));
  }

  void pixelsThatArePoints() {
    QCOMPARE(make("points.tif", "EPSG:4326", {}, true), std::string());
    const test::RasterWords before = factsOf("points.tif");
    QCOMPARE(before.areaOrPoint, std::string("Point"));
    run("open " + at("points.tif") + " ! write " + at("points_again.tif"));
    const test::RasterWords after = factsOf("points_again.tif");
    QCOMPARE(after.areaOrPoint, std::string("Point"));
    QCOMPARE(after.transform, before.transform);
    QCOMPARE(after.transform, (std::array<double, 6>{12.5, 0.25, 0, 47.75, 0, -0.25}));
  }

  /// Heights keep what they are counted from, and are not changed without a word.
  void verticalCrs() {
    QCOMPARE(make("heights.tif", "EPSG:4326+5773", {}, false), std::string());
    const auto graph = m_engine.bind("open " + at("heights.tif")).value();
    const Crs& crs = graph->nodes.back().operation->spec().geobox->crs();
    QCOMPARE(crs.verticalName(), std::string("EGM96 height"));
    QVERIFY(crs.isSameAs(Crs::fromUser("EPSG:4326").value()));
    for (const std::string output : {"heights_again.tif", "heights.nc", "heights.zarr"}) {
      run("open " + at("heights.tif") + " ! isel x=0:2 ! write " + at(output));
      const auto again = m_engine.bind("open " + at(output)).value();
      QCOMPARE(again->nodes.back().operation->spec().geobox->crs().verticalName(), std::string("EGM96 height"));
    }
    QCOMPARE(factsOf("heights_again.tif").vertical, std::string("EGM96 height"));
    const auto warningsOf = [this](const std::string& step) {
      const auto bound = m_engine.bind("open " + at("heights.tif") + " ! reproject fill=255 " + step).value();
      QString all;
      for (const std::string& warning : bound->nodes.back().operation->warnings()) all += QString::fromStdString(warning) + "\n";
      return all;
    };
    QVERIFY(warningsOf("crs=EPSG:32633 resolution=20000").contains("heights are not transformed"));
    QVERIFY(warningsOf("crs=EPSG:4326+5703 resolution=0.5").contains("heights are not transformed"));
    QVERIFY(!warningsOf("resolution=0.5").contains("heights"));
    QVERIFY(!warningsOf("crs=EPSG:32633+5773 resolution=20000").contains("heights"));
    // ENVI's dialect of WKT loses it on the way.
    const auto plan = m_engine.plan("open " + at("heights.tif") + " ! write " + at("heights.img"));
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    QVERIFY(std::any_of(plan->warnings.begin(), plan->warnings.end(),
                        [](const PlanWarning& warning) { return warning.message.find("EGM96 height") != std::string::npos; }));
  }
};

QTEST_APPLESS_MAIN(TestTiffFacts)
#include "tst_tiff_facts.moc"
