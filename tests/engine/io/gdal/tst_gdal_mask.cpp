// SPDX-License-Identifier: GPL-3.0-or-later
// Mask bands and alpha bands: masked pixels become nodata, or the file says that they do not.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;

class TestGdalMask : public QObject {
  Q_OBJECT

 private:
  test::Engine m_engine;

  static std::string data(const char* name) { return std::string(CUBELOOM_TEST_DATA "/geotiff/") + name; }
  static OpenRequest request(const std::string& path, const std::string& mask, std::optional<double> nodata) {
    OpenRequest all;
    all.path = path;
    all.mask = mask;
    all.nodata = nodata;
    return all;
  }
  std::shared_ptr<Source> open(const char* name, const std::string& mask = {}, std::optional<double> nodata = {}) {
    auto source = m_engine.sources->open(request(data(name), mask, nodata));
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }
  static std::vector<double> values(Source& source) {
    BufferPool pool;
    const Block whole = test::readWhole(source, pool);
    std::vector<double> all(static_cast<std::size_t>(whole.view.count()));
    copyBlock(whole.view, denseView(reinterpret_cast<std::byte*>(all.data()), PixelType::Float64, whole.view.shape));
    return all;
  }
  /// The two 8 x 6 rasters are masked where (x + 2 y) is a multiple of 5.
  static bool isMasked(int x, int y) { return (x + 2 * y) % 5 == 0; }

 private slots:
  void floatsBecomeNan() {
    const auto source = open("float_mask_8x6.tif");
    QVERIFY(source);
    QCOMPARE(source->spec().type, PixelType::Float32);
    QVERIFY(std::isnan(source->spec().nodata.value()));
    const std::vector<double> v = values(*source);
    for (int b = 0; b < 2; ++b)
      for (int y = 0; y < 6; ++y)
        for (int x = 0; x < 8; ++x) {
          const double value = v[static_cast<std::size_t>((b * 6 + y) * 8 + x)];
          QVERIFY(isMasked(x, y) ? std::isnan(value) : value == 1000 * (b + 1) + 100 * y + x);
        }
    QCOMPARE(test::sourceProblem(*open("float_mask_8x6.tif", {}, -1.0), test::CostPromise::UpperBound), std::string());
  }

  void alphaMasksItsBandsAndNotItself() {
    const auto source = open("alpha_8x6.tif", "apply");
    QVERIFY(source);
    QCOMPARE(source->spec().type, PixelType::Float32);  // uint16 has no NaN
    const std::vector<double> v = values(*source);
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 8; ++x) {
        const double grey = v[static_cast<std::size_t>(y * 8 + x)], alpha = v[static_cast<std::size_t>(48 + y * 8 + x)];
        QVERIFY(isMasked(x, y) ? std::isnan(grey) && alpha == 0 : grey == 100 * y + x && alpha == 65535);
      }
  }

  /// One quarter of a real picture is masked (GDAL: 16,384 pixels); what is not holds 1.
  void integersAsAskedFor() {
    const auto asStored = open("rgb_mask_tiny.tif");
    QCOMPARE(asStored->spec().type, PixelType::UInt8);
    QVERIFY(!asStored->spec().nodata);
    const auto notes = m_engine.sources->info(data("rgb_mask_tiny.tif"))->notes;
    QVERIFY(std::any_of(notes.begin(), notes.end(), [](const std::string& note) { return note.find("mask=apply") != std::string::npos; }));

    const auto asFloats = open("rgb_mask_tiny.tif", "apply");
    const std::vector<double> floats = values(*asFloats);
    QCOMPARE(std::count_if(floats.begin(), floats.end(), [](double v) { return std::isnan(v); }), 3 * 16384);
    QCOMPARE(std::count(floats.begin(), floats.end(), 1.0), 3 * 49152);

    const auto asBytes = open("rgb_mask_tiny.tif", {}, 255.0);
    QCOMPARE(asBytes->spec().type, PixelType::UInt8);
    QCOMPARE(asBytes->spec().nodata.value(), 255.0);
    const std::vector<double> bytes = values(*asBytes);
    QCOMPARE(std::count(bytes.begin(), bytes.end(), 255.0), 3 * 16384);
    QCOMPARE(bytes[0], 255.0);
    QCOMPARE(test::sourceProblem(*asBytes, test::CostPromise::UpperBound), std::string());

    const auto ignored = open("rgb_mask_tiny.tif", "ignore", 255.0);
    const std::vector<double> raw = values(*ignored);
    QCOMPARE(std::count(raw.begin(), raw.end(), 0.0), 3 * 16384);
  }

  /// NODATA_VALUES="7 9 5": a pixel is nodata where all bands have their value of it, as GDAL's mask says (0 at the second pixel alone).
  void nodataOfAllBandsTogether() {
    const auto source = open("nodata_tuple_3x2.tif", "apply");
    QVERIFY(source);
    const std::vector<double> v = values(*source);
    for (std::size_t b = 0; b < 3; ++b)
      for (std::size_t i = 0; i < 6; ++i) QCOMPARE(std::isnan(v[b * 6 + i]), i == 1);
    QCOMPARE(v[0], 7.0);
    QCOMPARE(v[10], 9.0);
    const auto notes = m_engine.sources->info(data("nodata_tuple_3x2.tif"))->notes;
    QVERIFY(
        std::any_of(notes.begin(), notes.end(), [](const std::string& note) { return note.find("NODATA_VALUES") != std::string::npos; }));
  }

  void theOperationPassesItOn() {
    const auto mean = [&](const std::string& open) {
      const auto graph = m_engine.bind("! open " + open + " ! reduce dims=y,x statistic=mean");
      if (!graph) qWarning("%s", graph.error().text().c_str());
      return graph ? test::valuesOf(**graph).value().front() : -1;
    };
    QCOMPARE(mean(data("rgb_mask_tiny.tif")), 0.75);
    QCOMPARE(mean(data("rgb_mask_tiny.tif") + " mask=apply"), 1.0);
    QCOMPARE(mean(data("rgb_mask_tiny.tif") + " nodata=255"), 1.0);
    QCOMPARE(mean(data("rgb_mask_tiny.tif") + " nodata=255 mask=ignore"), 0.75);
  }

  void refusals() {
    for (const char* name : {"geotiff/skewed_utm11n_f64.tif", "envi/enmap_berlin_10x7.bsq"}) {
      const auto source = m_engine.sources->open(request(std::string(CUBELOOM_TEST_DATA "/") + name, "apply", {}));
      QVERIFY(!source);
      QCOMPARE(source.error().parameter, std::string("mask"));
    }
    const auto tooLarge = m_engine.sources->open(request(data("rgb_mask_tiny.tif"), "apply", 256.0));
    QVERIFY(!tooLarge);
    QCOMPARE(tooLarge.error().parameter, std::string("nodata"));
  }
};

QTEST_GUILESS_MAIN(TestGdalMask)
#include "tst_gdal_mask.moc"
