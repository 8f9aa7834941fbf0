// SPDX-License-Identifier: GPL-3.0-or-later
// What belongs to values goes with them, and with nothing else: units and names as CF has them, colours and names of bands, scales.
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

namespace {

const std::string kData = CUBELOOM_TEST_DATA;
const std::string kSst = kData + "/netcdf/oisst_0_360.nc";  // degree_C, long_name "Daily sea surface temperature"

}  // namespace

class TestResultMeaning : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string file(const char* name) const { return m_folder.filePath(name).toStdString(); }

  ArraySpec specOf(const std::string& pipeline) const {
    const auto graph = m_engine.bind(pipeline);
    if (graph) return test::lastOf(**graph).operation->spec();
    qWarning("%s", graph.error().text().c_str());
    return {};
  }

  QString attribute(const ArraySpec& spec, const char* name) const {
    const auto found = spec.attributes.find(name);
    return found == spec.attributes.end() ? QString("none") : QString::fromStdString(found->second);
  }

  /// Writes what `steps` make of a raster, and opens that.
  ArraySpec written(const std::string& steps, const char* name) const {
    const auto report = m_engine.run(steps + " ! write " + file(name));
    if (!report || report->status != RunStatus::Finished) qWarning("%s", report ? "not finished" : report.error().text().c_str());
    return specOf("open " + file(name));
  }

 private slots:
  void quantities_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("longName");
    QTest::addColumn<QString>("cellMethods");
    const auto row = [](const char* step, const char* unit, bool isNamed, const char* methods) {
      QTest::newRow(step) << step << unit << (isNamed ? "Daily sea surface temperature" : "none") << methods;
    };
    row("reduce dims=lat,lon statistic=mean", "degree_C", true, "lat: lon: mean");
    row("reduce dims=lat statistic=std ! reduce dims=lon statistic=max", "degree_C", true, "lat: standard_deviation lon: maximum");
    row("reduce dims=lat,lon statistic=var", "degree_C2", true, "lat: lon: variance");
    row("reduce dims=lat,lon statistic=median", "degree_C", true, "lat: lon: median");
    row("reduce dims=lat,lon statistic=count", "1", false, "none");
    row("reduce dims=lat,lon statistic=histogram range=0,30", "1", false, "none");
    row("calc expression=x>20", "", false, "none");
    row("standardize dims=lat,lon", "1", false, "none");
    row("clamp minimum=0", "degree_C", true, "none");
  }
  void quantities() {
    QFETCH(QString, step);
    const ArraySpec spec = specOf("open " + kSst + " ! " + step.toStdString());
    QTEST(QString::fromStdString(spec.unit), "unit");
    QTEST(attribute(spec, "long_name"), "longName");
    QTEST(attribute(spec, "cell_methods"), "cellMethods");
  }

  void aVarianceIsOfTheSquareOfAnyUnit() {
    test::GdalFile flux;
    flux.path = file("flux.tif");
    flux.cols = 2;
    flux.scales = {{1, 0}};
    flux.unit = "W m-2";
    QCOMPARE(test::writeGdalFile(flux, std::vector<std::byte>(2)), std::string());
    QCOMPARE(specOf("open " + flux.path + " ! reduce dims=x statistic=var").unit, std::string("(W m-2)2"));
  }

  // As gdal_translate -b 3 -b 1 has it.
  void coloursOfBandsTravel() {
    const std::string picture = kData + "/geotiff/rgb_mask_tiny.tif mask=ignore";
    using Names = std::vector<std::string>;
    QCOMPARE(specOf("open " + picture).dims[0].coordinate.colours, (Names{"red", "green", "blue"}));
    QCOMPARE(written("open " + picture + " ! isel y=0:8", "rgb.tif").dims[0].coordinate.colours, (Names{"red", "green", "blue"}));
    QCOMPARE(written("open " + picture + " ! isel band=2,0", "br.tif").dims[0].coordinate.colours, (Names{"blue", "red"}));
    const std::string gray = kData + "/geotiff/alpha_8x6.tif mask=ignore";
    QCOMPARE(written("open " + gray, "alpha.tif").dims[0].coordinate.colours, (Names{"", "alpha"}));
    QVERIFY(written("open " + picture + " ! reduce dims=band", "mean.tif").dims[0].coordinate.colours.empty());
  }

  void aBandThatIsTakenAloneKeepsItsName_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"one.tif", "one.img"}) QTest::newRow(name) << name;
  }
  void aBandThatIsTakenAloneKeepsItsName() {
    QFETCH(QString, name);
    const std::string cube = kData + "/geotiff/sentinel2_l2a_nan.tif";
    const ArraySpec source = specOf("open " + cube);
    const std::vector<std::string>& labels = source.dims[0].coordinate.labels;
    QVERIFY(labels.size() > 1 && !labels[1].empty());
    const ArraySpec one = written("open " + cube + " ! isel band=1", name.toUtf8());
    QCOMPARE(one.dims[static_cast<std::size_t>(one.spectralDim())].coordinate.labels, std::vector<std::string>{labels[1]});
    // What is computed of it is not that band.
    const ArraySpec twice = written("open " + cube + " ! isel band=1 ! calc expression=x*2", ("twice_" + name).toUtf8());
    QVERIFY(twice.dims[static_cast<std::size_t>(twice.spectralDim())].coordinate.labels.empty());
  }

  // int16, each band with its own scale: numpy 1.24, band * float32(scale) + float32(offset), nodata 0 as NaN.
  void scalesAreApplied() {
    const std::string stored = "open " + kData + "/geotiff/int16_scale_offset.tif";
    const auto graph = m_engine.bind(stored + " ! isel y=0 x=0:3 ! unscale");
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const ArraySpec& spec = test::lastOf(**graph).operation->spec();
    QCOMPARE(spec.type, PixelType::Float32);
    QVERIFY(spec.scaledDim() < 0 && !spec.storedScale && std::isnan(*spec.nodata));
    const auto values = test::valuesOf(**graph);
    const auto f = [](float v, float scale, float offset) { return static_cast<double>(v * scale + offset); };
    QCOMPARE(*values, (std::vector<double>{f(500, 1e-4F, 1000), f(277, 1e-4F, 1000), f(437, 1e-4F, 1000), f(500, 1e-3F, 2000),
                                           f(277, 1e-3F, 2000), f(437, 1e-3F, 2000)}));
    // One band, picked in another order of the dims: its own scale.
    const auto second = test::valuesOf(**m_engine.bind(stored + " ! transpose dims=y,x,band ! isel y=0 x=1 band=1:2 ! unscale"));
    QCOMPARE(*second, std::vector<double>{f(277, 1e-3F, 2000)});
  }

  void computingOnStoredValuesIsSaidWithTheRemedy() {
    const auto plan = m_engine.plan("open " + kData + "/geotiff/int16_scale_offset.tif ! calc expression=b1+b2 ! write " + file("sum.tif"));
    QVERIFY(plan.has_value());
    const bool isSaid = std::any_of(plan->warnings.begin(), plan->warnings.end(), [](const PlanWarning& warning) {
      return warning.message.find("as stored") != std::string::npos && warning.message.find("unscale") != std::string::npos;
    });
    QVERIFY(isSaid);
    QVERIFY(!m_engine.bind("open " + kSst + " ! unscale").has_value());  // decoded already
  }
};

QTEST_APPLESS_MAIN(TestResultMeaning)
#include "tst_result_meaning.moc"
