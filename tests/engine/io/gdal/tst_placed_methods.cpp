// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters placed by control points, RPCs and arrays of locations, resampled: as gdalwarp -et 0 of each band by itself, told the same
// scales.
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cmath>
#include <cstring>
#include <thread>

#include "engine/base/text.h"
#include "engine/io/file_provider.h"
#include "engine/io/gdal/gdal_placed_source.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/gdalwarp.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;

namespace {

constexpr int kRows = 41, kCols = 53;
const QStringList kMethods{"bilinear", "cubic", "cubicspline", "lanczos", "average", "rms", "mode", "min", "max", "med", "q1", "q3", "sum"};

/// Hills with some grain; every eleventh pixel and a patch in the north are `nodata` where there is one.
std::vector<std::byte> hills(PixelType type, int rows, int cols, std::optional<double> nodata) {
  std::vector<std::byte> pixels(static_cast<std::size_t>(rows * cols) * pixelTypeBytes(type));
  dispatchRealType(type, [&](auto sample) {
    using T = decltype(sample);
    for (int k = 0; k < rows * cols; ++k) {
      const int row = k / cols, col = k % cols;
      const bool isHole = nodata && (k % 11 == 5 || (row > 9 && row < 16 && col > 19 && col < 31));
      const double value = 130 + 60 * std::sin(col / 5.0) + 40 * std::cos(row / 7.0) + (k * 7919 % 97) / 8.0;
      const T pixel = convertPixel<T>(isHole ? *nodata : value);
      std::memcpy(pixels.data() + static_cast<std::size_t>(k) * sizeof(T), &pixel, sizeof(T));
    }
  });
  return pixels;
}

/// A scene turned by 20 degrees and bent, by 25 points that no polynomial of order 1 or 2 meets.
test::GdalFile sceneByPoints(const QString& path, PixelType type, std::optional<double> nodata) {
  test::GdalFile file;
  file.path = path.toStdString();
  file.type = type;
  file.rows = kRows;
  file.cols = kCols;
  file.nodata = nodata;
  for (int i = 0; i <= 4; ++i)
    for (int j = 0; j <= 4; ++j) {
      const double col = j * kCols / 4.0, row = i * kRows / 4.0, grain = (i * 5 + j) * 7 % 11 - 5;
      file.controlPoints.push_back({col, row, 500000 + 9 * col + 3.5 * row + 0.01 * col * row + 2e-4 * col * col * col + 0.4 * grain,
                                    4000000 - 9.5 * row + 3 * col + 0.02 * col * col - 0.3 * grain});
    }
  return file;
}

/// A swath seen at an angle: longitudes and latitudes of every `step`-th pixel's centre in files beside it.
test::GdalFile sceneByLocations(const QTemporaryDir& folder, PixelType type, std::optional<double> nodata, int step) {
  test::GdalFile file;
  file.path = folder.filePath("swath.tif").toStdString();
  file.type = type;
  file.rows = 60;
  file.cols = 50;
  file.nodata = nodata;
  file.geolocation = {"X_BAND=1",
                      "Y_BAND=1",
                      "PIXEL_OFFSET=0",
                      "LINE_OFFSET=0",
                      "PIXEL_STEP=" + std::to_string(step),
                      "LINE_STEP=" + std::to_string(step),
                      R"(SRS=GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],)"
                      R"(UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]])",
                      "GEOREFERENCING_CONVENTION=PIXEL_CENTER"};
  for (const char* axis : {"X", "Y"}) {
    test::GdalFile array;
    array.path = folder.filePath(QString("%1.tif").arg(axis)).toStdString();
    array.type = PixelType::Float64;
    array.rows = file.rows / step;
    array.cols = file.cols / step;
    std::vector<double> values;
    for (int i = 0; i < array.rows; ++i)
      for (int j = 0; j < array.cols; ++j) {
        const double row = (i + 0.5) * step, col = (j + 0.5) * step, off = col - 25;
        values.push_back(*axis == 'X' ? -120 + 0.01 * (0.9 * col + 0.3 * row) + 3e-5 * off * off
                                      : 35 - 0.01 * (0.95 * row - 0.25 * col) + 2e-5 * off * off);
      }
    std::vector<std::byte> bytes(values.size() * sizeof(double));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    if (!test::writeGdalFile(array, bytes).empty()) return {};
    file.geolocation.push_back(std::string(axis) + "_DATASET=" + array.path);
  }
  return file;
}

Result<std::shared_ptr<Source>> openPlaced(const OpenRequest& request) { return makeFileProvider({})->open(request); }

std::vector<std::byte> pixelsOf(Source& source, const Region& region) {
  std::vector<std::byte> pixels(static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(source.spec().type));
  ReadContext context;
  const auto done = source.read(region, denseView(pixels.data(), source.spec().type, regionShape(region)), context);
  return done ? pixels : std::vector<std::byte>();
}

/// The first pixel where two rasters differ: integers at all, others by more than `tolerance` of the value. Empty: none.
QString difference(PixelType type, const std::vector<std::byte>& got, const std::vector<std::byte>& expected, double tolerance) {
  if (got.size() != expected.size() || got.empty()) return QString("%1 bytes, not %2").arg(got.size()).arg(expected.size());
  return dispatchRealType(type, [&](auto sample) {
    using T = decltype(sample);
    for (std::size_t k = 0; k < got.size() / sizeof(T); ++k) {
      T a, b;
      std::memcpy(&a, got.data() + k * sizeof(T), sizeof(T));
      std::memcpy(&b, expected.data() + k * sizeof(T), sizeof(T));
      const auto x = static_cast<double>(a), y = static_cast<double>(b);
      if (std::isnan(x) && std::isnan(y)) continue;
      if (std::abs(x - y) <= (std::is_integral_v<T> ? 0 : tolerance * std::max(1.0, std::abs(y)))) continue;
      return QString("pixel %1: %2, not %3").arg(k).arg(x, 0, 'g', 17).arg(y, 0, 'g', 17);
    }
    return QString();
  });
}

std::string number(double value) { return QString::number(value, 'g', 17).toStdString(); }

}  // namespace

class TestPlacedMethods : public QObject {
  Q_OBJECT

 private slots:
  void equalsGdalwarp_data();
  void equalsGdalwarp();
  void eachBandByItself();
  void anyCutTheSame_data() { cutCases(); }
  void anyCutTheSame();
  void anyWorkersTheSame_data() { cutCases(); }
  void anyWorkersTheSame();
  void conforms_data();
  void conforms();
  void refusals();
  void heightsThatCannotBeRead();

 private:
  /// Writes the scene that a row names and returns how to open it; no path when that fails.
  OpenRequest sceneOf(const QString& georeference, PixelType type, std::optional<double> nodata, int step = 1);
  static void cutCases();

  QTemporaryDir m_folder;
};

OpenRequest TestPlacedMethods::sceneOf(const QString& georeference, PixelType type, std::optional<double> nodata, int step) {
  OpenRequest request;
  request.georeference = georeference.toStdString();
  if (georeference == "rpc") {
    const QString path = m_folder.filePath("rpc.tif");
    const QStringList words{"-q", "-srcwin", "70",  "90",
                            "90", "80",      "-ot", type == PixelType::UInt8 ? "Byte" : type == PixelType::Float32 ? "Float32" : "UInt16"};
    if (QProcess::execute("gdal_translate", words + QStringList{CUBELOOM_TEST_DATA "/geotiff/rpc_uint16.tif", path}) != 0) return request;
    request.path = path.toStdString();
    request.nodata = 0;
    return request;
  }
  const test::GdalFile file = georeference == "geolocation" ? sceneByLocations(m_folder, type, nodata, step)
                                                            : sceneByPoints(m_folder.filePath("points.tif"), type, nodata);
  if (file.path.empty() || !test::writeGdalFile(file, hills(type, file.rows, file.cols, nodata)).empty()) return request;
  request.path = file.path;
  return request;
}

void TestPlacedMethods::equalsGdalwarp_data() {
  QTest::addColumn<QString>("georeference");
  QTest::addColumn<PixelType>("type");
  QTest::addColumn<double>("nodata");
  QTest::addColumn<int>("step");
  QTest::addColumn<QStringList>("words");
  const double none = std::numeric_limits<double>::infinity();
  const auto add = [](const char* row, const char* georeference, PixelType type, double nodata, const QStringList& words, int step = 1) {
    QTest::newRow(row) << georeference << type << nodata << step << words;
  };
  add("order 1, uint8", "gcp1", PixelType::UInt8, 0, {"-order", "1"});
  add("order 2, int32", "gcp2", PixelType::Int32, -9999, {"-order", "2"});
  add("order 3, float32", "gcp3", PixelType::Float32, -9999, {"-order", "3"});
  add("GDAL's order, int16", "gcp", PixelType::Int16, -999, {});
  add("thin plate splines, float64", "tps", PixelType::Float64, -9999, {"-tps"});
  add("thin plate splines, float32, none undeclared", "tps", PixelType::Float32, none, {"-tps"});
  add("RPC, float32", "rpc", PixelType::Float32, 0, {"-rpc"});
  add("RPC, uint8", "rpc", PixelType::UInt8, 0, {"-rpc"});
  add("RPC at 300 m, uint16", "rpc", PixelType::UInt16, 0, {"-rpc", "-to", "RPC_HEIGHT=300"});
  add("RPC on a slope, float32", "rpc", PixelType::Float32, 0, {"-rpc", "-to", "RPC_DEM="});
  add("locations, float32", "geolocation", PixelType::Float32, -9999, {"-geoloc"});
  add("locations, float32, none undeclared", "geolocation", PixelType::Float32, none, {"-geoloc"});
  add("locations, uint8", "geolocation", PixelType::UInt8, 0, {"-geoloc"});
  add("every 5th location, int16", "geolocation", PixelType::Int16, -999, {"-geoloc"}, 5);
}

void TestPlacedMethods::equalsGdalwarp() {
  QFETCH(QString, georeference);
  QFETCH(PixelType, type);
  QFETCH(double, nodata);
  QFETCH(int, step);
  QFETCH(QStringList, words);
  const auto declared = std::isfinite(nodata) ? std::optional(nodata) : std::nullopt;
  OpenRequest request = sceneOf(georeference, type, declared, step);
  QVERIFY(!request.path.empty());
  if (words.contains("RPC_HEIGHT=300")) request.rpcHeight = 300;
  if (words.contains("RPC_DEM=")) {
    const Bounds bounds = openPlaced(request).value()->spec().geobox->bounds();
    request.rpcDem = m_folder.filePath("heights.tif").toStdString();
    QCOMPARE(test::writeSlope(request.rpcDem, bounds, 900), std::string());
    words.replaceInStrings("RPC_DEM=", "RPC_DEM=" + QString::fromStdString(request.rpcDem));
  }
  for (const QString& method : QStringList{"nearest"} + kMethods) {
    request.resampling = method.toStdString();
    const auto source = openPlaced(request);
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    const ArraySpec& spec = (*source)->spec();
    const WarpScale scale = std::dynamic_pointer_cast<GdalPlacedSource>(*source)->kernelScale();
    std::vector<std::string> all{
        "-r", method == "nearest" ? "near" : request.resampling, "-wo", "XSCALE=" + number(scale.x), "-wo", "YSCALE=" + number(scale.y)};
    // In one piece, however much of the output lies outside.
    all.insert(all.end(), {"-wo", "SRC_FILL_RATIO_HEURISTICS=NO"});
    if (!declared) all.insert(all.end(), {"-wo", "INIT_DEST=nan"});
    if (georeference == "rpc") all.insert(all.end(), {"-srcnodata", "0", "-dstnodata", "0"});
    for (const QString& word : words) all.push_back(word.toStdString());
    const auto expected = test::gdalwarpFile(request.path, *spec.geobox, all);
    QVERIFY2(expected.problem.empty(), expected.problem.c_str());
    const auto got = pixelsOf(**source, fullRegion(spec.shape()));
    const QString found = difference(type, got, expected.pixels, 1e-6);
    QVERIFY2(found.isEmpty(), qPrintable(method + ", " + found));
  }
}

/// gdalwarp alone looks at other bands: where one of them is valid, it makes up a value for a pixel that has none.
void TestPlacedMethods::eachBandByItself() {
  test::GdalFile file = sceneByPoints(m_folder.filePath("two.tif"), PixelType::Float32, -9999);
  const auto first = hills(file.type, kRows, kCols, -9999), second = hills(file.type, kRows, kCols, std::nullopt);
  file.bands = 2;
  auto both = first;
  both.insert(both.end(), second.begin(), second.end());
  QCOMPARE(test::writeGdalFile(file, both), std::string());
  OpenRequest request;
  request.path = file.path;
  request.georeference = "tps";
  request.resampling = "cubic";
  const auto two = openPlaced(request).value();
  const auto alone = openPlaced([&] {
                       OpenRequest single = sceneOf("tps", PixelType::Float32, -9999);
                       single.resampling = "cubic";
                       return single;
                     }())
                         .value();
  auto region = fullRegion(two->spec().shape());
  region[0] = IndexSet::single(0);
  QVERIFY(pixelsOf(*two, region) == pixelsOf(*alone, region));
}

void TestPlacedMethods::cutCases() {
  QTest::addColumn<QString>("georeference");
  QTest::addColumn<QString>("method");
  for (const char* georeference : {"gcp3", "tps", "rpc", "geolocation"})
    for (const char* method : {"lanczos", "average", "sum"}) QTest::addRow("%s, %s", georeference, method) << georeference << method;
}

void TestPlacedMethods::anyCutTheSame() {
  QFETCH(QString, georeference);
  QFETCH(QString, method);
  OpenRequest request = sceneOf(georeference, PixelType::Float32, -9999);
  request.resampling = method.toStdString();
  const auto source = openPlaced(request).value();
  const auto shape = source->spec().shape();
  const auto whole = pixelsOf(*source, fullRegion(shape));
  const std::array<std::pair<std::int64_t, std::int64_t>, 3> cuts{{{shape[1], 37}, {29, shape[2]}, {31, 41}}};
  std::array<std::vector<std::byte>, cuts.size()> pieced;
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < cuts.size(); ++k)
    threads.emplace_back([&, k] {
      pieced[k].resize(whole.size());
      const auto [rows, cols] = cuts[k];
      for (std::int64_t r = 0; r < shape[1]; r += rows)
        for (std::int64_t c = 0; c < shape[2]; c += cols) {
          const std::int64_t n = std::min(rows, shape[1] - r), m = std::min(cols, shape[2] - c);
          const auto part = pixelsOf(*source, {IndexSet::all(1), IndexSet::range(r, n), IndexSet::range(c, m)});
          for (std::int64_t i = 0; i < n && !part.empty(); ++i)
            std::memcpy(pieced[k].data() + ((r + i) * shape[2] + c) * 4, part.data() + i * m * 4, static_cast<std::size_t>(m) * 4);
        }
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& pixels : pieced) QVERIFY(pixels == whole);
}

void TestPlacedMethods::anyWorkersTheSame() {
  QFETCH(QString, georeference);
  QFETCH(QString, method);
  const OpenRequest request = sceneOf(georeference, PixelType::Float32, -9999);
  const test::Engine engine;
  QByteArray first;
  for (const int workers : {1, 2, 7}) {
    const std::string out = m_folder.filePath(QString("out%1.bsq").arg(workers)).toStdString();
    auto plan = engine.plan("open " + request.path + " georeference=" + request.georeference + " resampling=" + method.toStdString() +
                                (georeference == "rpc" ? " nodata=0" : "") + " ! write " + out,
                            {workers, 0, {}, true});
    QVERIFY2(plan, plan ? "" : plan.error().text().c_str());
    plan->stages[0].chunks = ChunkGrid(plan->stages[0].chunks.shape(), {1, 30 - workers, 34 + workers});
    plan->chunks = plan->stages[0].chunks.count();
    const auto report = Run::start(std::move(*plan), engine.sinks)->wait();
    QVERIFY(report.status == RunStatus::Finished);
    const QByteArray content = test::contentOf(out);
    QVERIFY(!content.isEmpty());
    if (workers == 1) first = content;
    QVERIFY(content == first);
  }
}

void TestPlacedMethods::conforms_data() {
  QTest::addColumn<QString>("georeference");
  QTest::addColumn<QString>("method");
  const auto add = [](const char* georeference, const char* method) {
    QTest::addRow("%s, %s", georeference, method) << georeference << method;
  };
  add("tps", "cubicspline");
  add("rpc", "q1");
  add("geolocation", "nearest");
  add("geolocation", "lanczos");
}

void TestPlacedMethods::conforms() {
  QFETCH(QString, georeference);
  QFETCH(QString, method);
  OpenRequest request = sceneOf(georeference, PixelType::Float32, -9999);
  request.resampling = method.toStdString();
  const auto source = openPlaced(request).value();
  QCOMPARE(QString::fromStdString(test::sourceProblem(*source, test::CostPromise::UpperBound)), QString());
  QCOMPARE(source->files().size(), std::size_t{georeference == "geolocation" ? 3U : 1U});
}

void TestPlacedMethods::refusals() {
  const auto message = [](const OpenRequest& request) {
    const auto source = openPlaced(request);
    return source ? QString("opened") : QString::fromStdString(source.error().text());
  };
  OpenRequest request = sceneOf("gcp", PixelType::Float32, -9999);
  request.georeference = "geolocation";
  QVERIFY(message(request).contains("has no location arrays"));
  request.georeference = "none";
  request.resampling = "cubic";
  QVERIFY(message(request).contains("parameter resampling"));
  request.path = CUBELOOM_TEST_DATA "/geotiff/complex_int16_gcps.tif";
  request.georeference = "tps";
  QVERIFY(message(request).contains("complex values can only be resampled with nearest, not cubic"));

  // Sentinel-1's points lie around the whole scene, of which this is a corner: none of GDAL's polynomials inverts another.
  const QString real = m_folder.filePath("real.tif");
  QCOMPARE(QProcess::execute("gdal_translate", {"-q", "-ot", "Float32", CUBELOOM_TEST_DATA "/geotiff/complex_int16_gcps.tif", real}), 0);
  request.path = real.toStdString();
  request.resampling = "sum";
  QVERIFY2(message(request).contains("totals are not kept"), qPrintable(message(request)));
  request.resampling = "average";
  QCOMPARE(message(request), QString("opened"));

  // Locations in memory at an address that the file names, and in a file that is not there.
  for (const char* name : {"MEM:::DATAPOINTER=1,PIXELS=50,LINES=60", "/nowhere/x.tif"}) {
    test::GdalFile file = sceneByLocations(m_folder, PixelType::Float32, -9999, 1);
    file.geolocation.back() = std::string("Y_DATASET=") + name;
    QCOMPARE(test::writeGdalFile(file, hills(file.type, file.rows, file.cols, -9999)), std::string());
    request.path = file.path;
    request.georeference = "geolocation";
    QVERIFY2(message(request).contains("which is no file on this machine"), qPrintable(message(request)));
  }
}

/// Whatever cannot be looked up is an error, not nodata.
void TestPlacedMethods::heightsThatCannotBeRead() {
  OpenRequest request = sceneOf("rpc", PixelType::Float32, 0);
  request.rpcDem = m_folder.filePath("heights.txt").toStdString();
  QFile text(QString::fromStdString(request.rpcDem));
  QVERIFY(text.open(QFile::WriteOnly) && text.write("no raster") == 9);
  text.close();
  const auto source = openPlaced(request);
  QVERIFY(!source);
  QVERIFY2(source.error().text().find("heights.txt") != std::string::npos, source.error().text().c_str());
}

QTEST_APPLESS_MAIN(TestPlacedMethods)
#include "tst_placed_methods.moc"
