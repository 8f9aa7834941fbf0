// SPDX-License-Identifier: GPL-3.0-or-later
// open decode=auto, true and false for every kind of file that states how its values are scaled.
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_writer.h"

using namespace cubeloom;

namespace {

constexpr int kRows = 2, kCols = 3, kBands = 2, kNodata = -999;

/// 37 * i - 50, and nodata at element 4.
std::int16_t storedAt(std::size_t i) { return static_cast<std::int16_t>(i == 4 ? kNodata : 37 * static_cast<int>(i) - 50); }

}  // namespace

class TestDecode : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

  std::vector<double> valuesOf(const std::string& chain) {
    const auto graph = m_engine.bind(chain);
    if (!graph) {
      qWarning("%s", graph.error().text().c_str());
      return {};
    }
    return test::valuesOf(**graph).value_or(std::vector<double>());
  }
  ArraySpec specOf(const std::string& chain) { return m_engine.bind(chain).value()->nodes.back().operation->spec(); }
  QStringList warningsOf(const std::string& chain) {
    QStringList all;
    const auto graph = m_engine.bind(chain).value();
    for (const std::string& warning : graph->nodes.back().operation->warnings()) all << QString::fromStdString(warning);
    return all;
  }

  void makeTiff(const std::string& name, const std::vector<std::pair<double, double>>& scales) {
    test::GdalFile file;
    file.path = at(name);
    file.type = PixelType::Int16;
    file.bands = kBands;
    file.rows = kRows;
    file.cols = kCols;
    file.nodata = kNodata;
    file.scales = scales;
    file.unit = "K";
    std::vector<std::byte> pixels(std::size_t{kBands} * kRows * kCols * 2);
    for (std::size_t i = 0; i < pixels.size() / 2; ++i) {
      const std::int16_t value = storedAt(i);
      std::memcpy(&pixels[2 * i], &value, 2);
    }
    QCOMPARE(test::writeGdalFile(file, std::move(pixels)), std::string());
  }
  void makeEnvi(const std::string& name, const std::string& more) {
    std::string pixels;
    for (std::size_t i = 0; i < std::size_t{kBands} * kRows * kCols; ++i) {
      const std::int16_t value = storedAt(i);
      pixels.append(reinterpret_cast<const char*>(&value), 2);
    }
    test::writeFile(at(name), pixels);
    test::writeFile(at(name) + ".hdr",
                    "ENVI\nsamples = 3\nlines = 2\nbands = 2\ndata type = 2\ninterleave = bsq\nbyte order = 0\n"
                    "data ignore value = -999\n" +
                        more);
  }

  /// What numpy makes of it in float32: product and sum, or quotient, rounded one by one.
  static std::vector<double> trueValues(const std::vector<std::pair<float, float>>& scales, float divisor = 1) {
    std::vector<double> values;
    for (std::size_t i = 0; i < std::size_t{kBands} * kRows * kCols; ++i) {
      const auto& [factor, offset] = scales[scales.size() == 1 ? 0 : i / (kRows * kCols)];
      const auto stored = static_cast<float>(storedAt(i));
      const float scaled = divisor != 1 ? stored / divisor : stored * factor;
      values.push_back(i == 4 ? NAN : static_cast<double>(divisor != 1 ? scaled : scaled + offset));
    }
    return values;
  }
  static std::vector<double> storedValues() {
    std::vector<double> values;
    for (std::size_t i = 0; i < std::size_t{kBands} * kRows * kCols; ++i) values.push_back(storedAt(i));
    return values;
  }
  static bool areEqual(const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
  }

 private slots:
  void initTestCase() {
    makeTiff("one.tif", {{0.02, 1.5}, {0.02, 1.5}});
    makeTiff("many.tif", {{0.02, 1.5}, {0.5, -3}});
    makeTiff("plain.tif", {});
    makeEnvi("gains.img", "data gain values = {0.02, 0.5}\ndata offset values = {1.5, -3}\n");
    makeEnvi("refl.img", "reflectance scale factor = 700\n");
    QVERIFY(m_engine.run("open " + at("one.tif") + " ! write " + at("packed.nc")).has_value());
    QVERIFY(m_engine.run("open " + at("one.tif") + " ! write " + at("packed.zarr")).has_value());
  }

  void everyKind_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("isDecodedByItself");
    QTest::newRow("GeoTIFF, one scale") << "one.tif" << false;
    QTest::newRow("GeoTIFF, a scale for each band") << "many.tif" << false;
    QTest::newRow("ENVI gains and offsets") << "gains.img" << false;
    QTest::newRow("ENVI reflectance") << "refl.img" << false;
    QTest::newRow("NetCDF") << "packed.nc" << true;
    QTest::newRow("Zarr") << "packed.zarr" << true;
  }
  void everyKind() {
    QFETCH(QString, file);
    QFETCH(bool, isDecodedByItself);
    const std::string open = "open " + at(file.toStdString());
    const std::vector<double> expected = file == "refl.img"                          ? trueValues({{1, 0}}, 700)
                                         : file == "many.tif" || file == "gains.img" ? trueValues({{0.02F, 1.5F}, {0.5F, -3.0F}})
                                                                                     : trueValues({{0.02F, 1.5F}});
    QVERIFY(areEqual(valuesOf(open + " decode=true"), expected));
    QVERIFY(areEqual(valuesOf(open + " decode=false"), storedValues()));
    QVERIFY(areEqual(valuesOf(open), isDecodedByItself ? expected : storedValues()));
    QVERIFY(areEqual(valuesOf(open + " decode=auto"), valuesOf(open)));
    const ArraySpec decoded = specOf(open + " decode=true"), stored = specOf(open + " decode=false");
    QCOMPARE(decoded.type, PixelType::Float32);
    QVERIFY(std::isnan(decoded.nodata.value_or(0)));
    QVERIFY(!decoded.storedScale && decoded.scaledDim() < 0);
    QCOMPARE(stored.type, PixelType::Int16);
    QCOMPARE(stored.nodata, std::optional<double>(kNodata));
    QCOMPARE(decoded.unit, stored.unit);
    // The same, a step later; and a part of it.
    QVERIFY(areEqual(valuesOf(open + " decode=false ! unscale"), expected));
    const std::vector<double> part = valuesOf(open + " decode=true ! isel band=1:2 x=2,0");
    QVERIFY(areEqual(part, {expected[8], expected[6], expected[11], expected[9]}));
  }

  /// What changes nothing where nothing is stated; what computes with stored values says both ways out.
  void whatIsNotStatedIsNotApplied() {
    QVERIFY(areEqual(valuesOf("open " + at("plain.tif") + " decode=true"), storedValues()));
    QCOMPARE(specOf("open " + at("plain.tif") + " decode=true").type, PixelType::Int16);
    for (const std::string file : {"one.tif", "many.tif", "gains.img", "refl.img"}) {
      const QStringList warnings = warningsOf("open " + at(file) + " ! calc expression=2*b1-b2");
      QVERIFY2(!warnings.isEmpty() && warnings[0].contains("decode=true") && warnings[0].contains("unscale"), file.c_str());
      QVERIFY(warningsOf("open " + at(file) + " decode=true ! calc expression=2*b1-b2").isEmpty());
    }
    QVERIFY(warningsOf("open " + at("plain.tif") + " ! calc expression=2*b1-b2").isEmpty());
  }

  /// A scale that is stated but not understood is no reason to give stored values for true ones.
  void whatIsNotUnderstoodIsRefused_data() {
    QTest::addColumn<QString>("header");
    QTest::newRow("one gain for two bands") << "data gain values = {0.02}";
    QTest::newRow("a list of factors") << "reflectance scale factor = {700, 700}";
    QTest::newRow("a factor in words") << "reflectance scale factor = per cent";
    QTest::newRow("a key with underscores") << "data_gain_values = {0.02, 0.5}";
  }
  void whatIsNotUnderstoodIsRefused() {
    QFETCH(QString, header);
    makeEnvi("odd.img", (header + "\n").toUtf8().constData());
    const auto graph = m_engine.bind("open " + at("odd.img") + " decode=true");
    QVERIFY(!graph);
    const QString error = QString::fromStdString(graph.error().text());
    QVERIFY2(error.contains("is not understood: " + header.section(" =", 0, 0)) && error.contains("unscale"), qPrintable(error));
    QVERIFY(areEqual(valuesOf("open " + at("odd.img")), storedValues()));
  }

  /// PRISMA states the least and the largest reflectance of a cube, which 0 and 65535 stand for.
  void prismaReflectance() {
    const auto pixel = [this](const std::string& decode) {
      const auto chain = chainFromPipeline(
          {"open", CUBELOOM_TEST_DATA "/netcdf/prisma_l2d_like.he5", "variable=HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields/VNIR_Cube",
           "decode=" + decode, "!", "isel", "y=20:21", "wavelength=3:4", "x=12:13"},
          m_engine.registry);
      const auto graph = bindChain(chain.value(), m_engine.registry, *m_engine.sources);
      return test::valuesOf(*graph.value()).value().at(0);
    };
    QCOMPARE(pixel("auto"), 26462.0);
    QVERIFY2(std::abs(pixel("true") - 0.4037842374303807) < 1e-6, qPrintable(QString::number(pixel("true"), 'g', 10)));
  }

  /// A nodata value that the user gives is one of stored values.
  void nodataIsOfTheStored() {
    const std::vector<double> values = valuesOf("open " + at("one.tif") + " decode=true nodata=-50");
    QVERIFY(std::isnan(values[0]) && !std::isnan(values[4]));
  }

  /// Of reflectance the divisor says nothing that a packed file could hold: the file stays as it was.
  void reflectanceIsWrittenAsStored() {
    QVERIFY(m_engine.run("open " + at("refl.img") + " ! write " + at("refl.nc")).has_value());
    const ArraySpec spec = specOf("open " + at("refl.nc"));
    QCOMPARE(spec.type, PixelType::Int16);
    QVERIFY(areEqual(valuesOf("open " + at("refl.nc")), storedValues()));
    QVERIFY(areEqual(valuesOf("open " + at("refl.nc") + " decode=true"), trueValues({{1, 0}}, 700)));
  }
};

QTEST_APPLESS_MAIN(TestDecode)
#include "tst_decode.moc"
