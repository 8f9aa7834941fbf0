// SPDX-License-Identifier: GPL-3.0-or-later
// Values that are read as stored: their scale and offset go with them into every file as long as they are what was stored, and no further.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/raster_reader.h"

using namespace cubeloom;

namespace {

constexpr int kRows = 4, kCols = 5, kBands = 3;
const std::string kManyNote = "values are as stored: each band has a scale and offset of its own";
const std::string kForgotten = "computed from values as stored";

bool hasLine(const std::vector<std::string>& lines, const std::string& start) {
  return std::any_of(lines.begin(), lines.end(), [&start](const std::string& line) { return line.starts_with(start); });
}

/// One of (factor, offset) for each band.
std::vector<StoredScale> scalesOf(const ArraySpec& spec) {
  std::vector<StoredScale> scales;
  if (spec.storedScale) return {*spec.storedScale};
  const int d = spec.scaledDim();
  if (d < 0) return scales;
  const auto& aux = spec.dims[static_cast<std::size_t>(d)].coordinate.aux;
  for (std::size_t i = 0; i < aux.at("scale").size(); ++i) scales.push_back({aux.at("scale")[i], aux.at("offset")[i]});
  return scales;
}

/// One word a scale, for messages.
QString said(const std::vector<StoredScale>& scales) {
  QString text;
  for (const StoredScale& scale : scales) text += QString("* %1 + %2; ").arg(scale.factor, 0, 'g', 17).arg(scale.offset, 0, 'g', 17);
  return text;
}

}  // namespace

class TestStoredScale : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

  /// Counts 0, 100, 200, ... with nodata 65535 at the very first.
  void make(const std::string& name, const std::vector<std::pair<double, double>>& scales) {
    test::GdalFile file;
    file.path = at(name);
    file.type = PixelType::UInt16;
    file.bands = kBands;
    file.rows = kRows;
    file.cols = kCols;
    file.nodata = 65535;
    file.scales = scales;
    file.unit = "W/m2";
    std::vector<std::byte> pixels(std::size_t{kBands} * kRows * kCols * 2);
    for (std::size_t i = 0; i < pixels.size() / 2; ++i) {
      const auto count = static_cast<std::uint16_t>(i == 0 ? 65535 : 100 * i);
      std::memcpy(&pixels[2 * i], &count, 2);
    }
    const std::string problem = test::writeGdalFile(file, std::move(pixels));
    QVERIFY2(problem.empty(), problem.c_str());
  }

  ArraySpec specOf(const std::string& chain, std::vector<std::string>* warnings = nullptr) {
    const auto graph = m_engine.bind(chain);
    if (!graph) {
      qWarning("%s: %s", chain.c_str(), graph.error().text().c_str());
      return {};
    }
    if (warnings) *warnings = (*graph)->nodes.back().operation->warnings();
    return (*graph)->nodes.back().operation->spec();
  }

  void write(const std::string& chain, const std::string& output) {
    const auto report = m_engine.run(chain + " ! write " + output + " overwrite=true");
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QVERIFY2(report->errors.empty(), report->errors.empty() ? "" : report->errors[0].text().c_str());
  }

 private slots:
  void initTestCase() {
    make("one.tif", {{1e-4, -0.1}, {1e-4, -0.1}, {1e-4, -0.1}});
    make("many.tif", {{1e-4, 0}, {1e-3, 5}, {1e-3, 5}});
  }

  void rastersSayIt_data() {
    QTest::addColumn<QString>("output");
    QTest::addColumn<QString>("driver");
    QTest::newRow("GeoTIFF") << "a.tif"
                             << "GTiff";
    QTest::newRow("COG, bands side by side") << "b.tif format=COG compress=deflate interleave=pixel"
                                             << "GTiff";
    QTest::newRow("ENVI") << "c.img"
                          << "ENVI";
  }
  /// GDAL reads them from each band, and so do we, whatever moved the values about before.
  void rastersSayIt() {
    QFETCH(QString, output);
    QFETCH(QString, driver);
    const std::string target = at(output.toStdString()), path = target.substr(0, target.find(' '));
    for (const std::string source : {"one.tif", "many.tif"})
      for (const std::string steps :
           {"", " ! isel y=1:3 band=2,1", " ! isel band=1", " ! transpose dims=y,x,band", " ! reproject crs=EPSG:4326 resampling=average",
            " ! astype dtype=float32", " ! reproject resolution=20 resampling=bilinear ! clip bounds=500000,3999970,500030,4000000"}) {
        const std::string chain = "open " + at(source) + steps;
        write(chain, target);
        if (QTest::currentTestFailed()) return;
        const ArraySpec before = specOf(chain), after = specOf("open " + path);
        QVERIFY2(!scalesOf(before).empty(), chain.c_str());
        QCOMPARE(said(scalesOf(after)), said(scalesOf(before)));
        QCOMPARE(after.nodata, std::optional<double>(65535));
        const auto info = m_engine.sources->info(path);
        QVERIFY2(hasLine(info->notes, after.storedScale ? "values are as stored: the true ones are value" : kManyNote), chain.c_str());

        const test::ReadRaster judge = test::readRaster(path, driver.toStdString());
        QCOMPARE(judge.problem, std::string());
        const std::vector<StoredScale> wanted = scalesOf(before);
        for (std::size_t b = 0; b < judge.band.size(); ++b) {
          const StoredScale& scale = wanted.size() == 1 ? wanted[0] : wanted[b];
          QCOMPARE(judge.band[b].scale, scale.factor);
          QCOMPARE(judge.band[b].offset, scale.offset);
          if (driver == "GTiff") QCOMPARE(judge.band[b].unit, std::string("W/m2"));
          QVERIFY(!judge.metadata.contains("scale_factor"));
        }
      }
  }

  /// The second and third band both have * 0.001 + 5.
  void aSelectionOfEqualOnesHasOne() {
    const ArraySpec spec = specOf("open " + at("many.tif") + " ! isel band=1:3");
    QVERIFY(spec.storedScale == (StoredScale{1e-3, 5}));
    QCOMPARE(spec.scaledDim(), -1);
    QVERIFY(specOf("open " + at("many.tif") + " ! isel band=0").storedScale == (StoredScale{1e-4, 0}));
  }

  void cfPacks_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"p.nc", "p.zarr"}) QTest::newRow(name) << name;
  }
  /// Read back they are the true values, as xarray has them: 100 counts are 100 * 0.0001 - 0.1 = -0.09.
  void cfPacks() {
    QFETCH(QString, name);
    const std::string path = at(name.toStdString());
    write("open " + at("one.tif"), path);
    if (QTest::currentTestFailed()) return;
    const auto graph = m_engine.bind("open " + path);
    QVERIFY(graph.has_value());
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QCOMPARE(spec.unit, std::string("W/m2"));
    QVERIFY(std::isnan(spec.nodata.value()));
    QVERIFY(!spec.storedScale);
    const auto values = test::valuesOf(**graph);
    QVERIFY(values.has_value());
    QVERIFY(std::isnan((*values)[0]));
    for (std::size_t i = 1; i < values->size(); ++i)
      QVERIFY2(std::abs((*values)[i] - (static_cast<double>(100 * i) * 1e-4 - 0.1)) < 1e-7, qPrintable(QString::number((*values)[i])));
    const auto plan = m_engine.plan("open " + at("one.tif") + " ! write " + at("new_") + name.toStdString());
    for (const PlanWarning& warning : plan->warnings) QVERIFY2(!warning.message.starts_with("values are written"), warning.message.c_str());
  }

  /// CF has no place for scales that differ: they stand beside the counts, and the plan says so.
  void cfKeepsManyBeside() {
    for (const std::string name : {"m.nc", "m.zarr"}) {
      const auto plan = m_engine.plan("open " + at("many.tif") + " ! write " + at(name));
      QVERIFY(plan.has_value());
      std::vector<std::string> messages;
      for (const PlanWarning& warning : plan->warnings) messages.push_back(warning.message);
      QVERIFY(hasLine(messages, "values are written as stored"));
      write("open " + at("many.tif"), at(name));
      if (QTest::currentTestFailed()) return;
      const auto graph = m_engine.bind("open " + at(name));
      const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
      QCOMPARE(spec.type, PixelType::UInt16);
      QCOMPARE(spec.unit, std::string());  // counts have none
      QCOMPARE(test::valuesOf(**graph)->back(), 5900.0);
    }
  }

  void otherValuesHaveNone_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<bool>("kept");
    QTest::addColumn<bool>("warned");
    QTest::newRow("mean") << "reduce dims=y statistic=mean" << true << false;
    QTest::newRow("min") << "reduce dims=y statistic=min" << true << false;
    QTest::newRow("median") << "reduce dims=y statistic=median" << true << false;
    QTest::newRow("quantiles") << "reduce dims=y statistic=quantile q=0.1,0.9" << true << false;
    QTest::newRow("std") << "reduce dims=y statistic=std" << false << true;
    QTest::newRow("var") << "reduce dims=y statistic=var" << false << true;
    QTest::newRow("sum") << "reduce dims=y statistic=sum" << false << true;
    QTest::newRow("count") << "reduce dims=y statistic=count" << false << false;
    QTest::newRow("histogram") << "reduce dims=y,x statistic=histogram bins=4 range=0,9000" << false << true;
    QTest::newRow("statistics") << "statistics dims=y,x" << false << true;
    QTest::newRow("z-scores") << "standardize dims=y,x" << false << false;
    QTest::newRow("band math") << "calc expression=b1-b2" << false << true;
    QTest::newRow("math") << "calc expression=x*2" << false << true;
    QTest::newRow("mode") << "reproject resolution=20 resampling=mode" << true << false;
    QTest::newRow("rms") << "reproject resolution=20 resampling=rms" << false << true;
    QTest::newRow("sums of pixels") << "reproject resolution=20 resampling=sum" << false << true;
    QTest::newRow("renamed") << "rename names=band:channel ! assign_nodata nodata=7" << true << false;
  }
  void otherValuesHaveNone() {
    QFETCH(QString, steps);
    QFETCH(bool, kept);
    QFETCH(bool, warned);
    for (const std::string source : {"one.tif", "many.tif"}) {
      std::vector<std::string> warnings;
      const ArraySpec spec = specOf("open " + at(source) + " ! " + steps.toStdString(), &warnings);
      QVERIFY(!spec.dims.empty());
      QCOMPARE(!scalesOf(spec).empty(), kept);
      QCOMPARE(hasLine(warnings, kForgotten), warned);
      const bool isNumber = steps.startsWith("standardize") || steps.contains("count") || steps.contains("histogram");
      QCOMPARE(spec.unit, std::string(kept ? "W/m2" : isNumber ? "1" : ""));
      for (const Dim& dim : spec.dims) QVERIFY(dim.coordinate.unit != "W/m2");
    }
  }

  /// Bands that have each a scale of their own cannot be averaged as they are stored.
  void meansAcrossScales() {
    std::vector<std::string> warnings;
    QVERIFY(specOf("open " + at("one.tif") + " ! reduce dims=band", &warnings).storedScale == (StoredScale{1e-4, -0.1}));
    QVERIFY(!hasLine(warnings, kForgotten));
    const ArraySpec spec = specOf("open " + at("many.tif") + " ! reduce dims=band", &warnings);
    QVERIFY(!spec.storedScale && spec.unit.empty());
    QVERIFY(hasLine(warnings, kForgotten));
  }

  /// Gains that do not fit the bands are kept as the text that they are.
  void aHeaderThatDoesNotFit() {
    write("open " + at("one.tif"), at("odd.img"));
    if (QTest::currentTestFailed()) return;
    QFile header(QString::fromStdString(at("odd.hdr")));
    QVERIFY(header.open(QIODevice::ReadWrite));
    QByteArray text = header.readAll();
    const auto gains = text.indexOf("data gain values = {\n ");
    QVERIFY(gains > 0);
    text.insert(gains + 22, "1, ");
    header.seek(0);
    header.write(text);
    header.close();
    const auto info = m_engine.sources->info(at("odd.img"));
    QVERIFY(hasLine(info->notes, "\"data gain values\" not understood: it is no list of one number for each of 3 bands"));
    const ArraySpec spec = specOf("open " + at("odd.img"));
    QVERIFY(scalesOf(spec).empty());
    QVERIFY(spec.attributes.contains("data gain values"));
  }

  /// Dates of one array are stored alike.
  void datesOfOtherScalesAreRefused() {
    make("s_20200101.tif", {{1e-4, 0}, {1e-4, 0}, {1e-4, 0}});
    make("s_20200102.tif", {{1e-4, 0}, {1e-4, 0}, {1e-4, 0}});
    QVERIFY(specOf("open " + at("s_*.tif")).storedScale == (StoredScale{1e-4, 0}));
    make("s_20200103.tif", {{1e-3, 0}, {1e-3, 0}, {1e-3, 0}});
    const auto refused = m_engine.bind("open " + at("s_*.tif"));
    QVERIFY(!refused);
    QVERIFY2(
        refused.error().message.find("the scale of its stored values is value * 0.001 + 0, not value * 1e-04 + 0") != std::string::npos,
        refused.error().message.c_str());
  }
};

QTEST_APPLESS_MAIN(TestStoredScale)
#include "tst_stored_scale.moc"
