// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters placed by ground control points or RPCs: to the bit as gdalwarp -et 0, however they are cut.
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <cstring>
#include <thread>

#include "engine/io/file_provider.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/gdalwarp.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;

namespace {

OpenRequest requestFor(const char* name, const char* georeference) {
  OpenRequest request;
  request.path = std::string(CUBELOOM_TEST_DATA "/geotiff/") + name;
  request.georeference = georeference;
  return request;
}

Result<std::shared_ptr<Source>> openPlaced(const OpenRequest& request) { return makeFileProvider({})->open(request); }

std::vector<std::byte> pixelsOf(Source& source, const Region& region) {
  const std::vector<std::int64_t> shape = regionShape(region);
  std::vector<std::byte> pixels(static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(source.spec().type));
  ReadContext context;
  const auto done = source.read(region, denseView(pixels.data(), source.spec().type, shape), context);
  return done ? pixels : std::vector<std::byte>();
}

}  // namespace

class TestGdalPlaced : public QObject {
  Q_OBJECT

 private slots:
  void equalsGdalwarp_data();
  void equalsGdalwarp();
  void heights_data();
  void heights();
  void conforms_data();
  void conforms();
  void anyCutTheSame();
  void manyThreads();
  void canceled();
  void refusals();
};

void TestGdalPlaced::equalsGdalwarp_data() {
  QTest::addColumn<QString>("file");
  QTest::addColumn<QString>("georeference");
  QTest::addColumn<QStringList>("words");
  QTest::newRow("RPC") << "rpc_uint16.tif"
                       << "rpc" << QStringList{"-rpc"};
  // GDAL takes a complex number for nodata when its real part is, which 4j is not: nothing is masked on its side.
  const auto byPoints = [](const char* row, const char* georeference, const QStringList& words) {
    QTest::newRow(row) << "complex_int16_gcps.tif" << georeference << QStringList{"-srcnodata", "None"} + words;
  };
  byPoints("polynomial", "gcp", {});
  byPoints("order 1", "gcp1", {"-order", "1"});
  byPoints("order 2", "gcp2", {"-order", "2"});
  byPoints("order 3", "gcp3", {"-order", "3"});
  byPoints("thin plate splines", "tps", {"-tps"});
}

void TestGdalPlaced::equalsGdalwarp() {
  QFETCH(QString, file);
  QFETCH(QString, georeference);
  QFETCH(QStringList, words);
  OpenRequest request = requestFor(qPrintable(file), qPrintable(georeference));
  request.nodata = 0;
  const auto source = openPlaced(request);
  QVERIFY2(source, source ? "" : source.error().text().c_str());
  const ArraySpec& spec = (*source)->spec();
  QVERIFY(spec.geobox && spec.geobox->crs().isSameAs(Crs::fromUser("EPSG:4326").value()));
  std::vector<std::string> arguments;
  for (const QString& word : words) arguments.push_back(word.toStdString());
  const auto expected = test::gdalwarpFile(request.path, *spec.geobox, arguments);
  QVERIFY2(expected.problem.empty(), expected.problem.c_str());
  std::vector<std::byte> got = pixelsOf(**source, fullRegion(spec.shape()));
  if (spec.type == PixelType::Complex64) {  // GDAL keeps complex integers
    std::vector<std::int16_t> whole(got.size() / sizeof(float));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      float value = 0;
      std::memcpy(&value, got.data() + i * sizeof value, sizeof value);
      whole[i] = static_cast<std::int16_t>(value);
    }
    got.resize(whole.size() * sizeof(std::int16_t));
    std::memcpy(got.data(), whole.data(), got.size());
  }
  QCOMPARE(got.size(), expected.pixels.size());
  QVERIFY(std::count_if(got.begin(), got.end(), [](std::byte b) { return b != std::byte{0}; }) >
          static_cast<std::ptrdiff_t>(got.size() / 10));
  const auto [mine, theirs] = std::mismatch(got.begin(), got.end(), expected.pixels.begin());
  QVERIFY2(mine == got.end(), qPrintable(QString("byte %1 of %2 differs").arg(mine - got.begin()).arg(got.size())));
}

void TestGdalPlaced::heights_data() {
  QTest::addColumn<double>("height");
  QTest::addColumn<bool>("hasDem");
  QTest::newRow("at 900 m") << 900.0 << false;
  QTest::newRow("below the ellipsoid") << -40.5 << false;
  QTest::newRow("on a slope") << 0.0 << true;
  QTest::newRow("100 m above a slope") << 100.0 << true;
}

/// The ground's height moves what an oblique camera saw.
void TestGdalPlaced::heights() {
  QFETCH(double, height);
  QFETCH(bool, hasDem);
  OpenRequest request = requestFor("rpc_uint16.tif", "rpc");
  request.nodata = 0;
  const auto flat = openPlaced(request).value();
  std::vector<std::string> words{"-rpc"};
  if (height != 0) {
    request.rpcHeight = height;
    words.insert(words.end(), {"-to", "RPC_HEIGHT=" + QString::number(height).toStdString()});
  }
  QTemporaryDir folder;
  if (hasDem) {
    request.rpcDem = folder.filePath("dem.tif").toStdString();
    QCOMPARE(test::writeSlope(request.rpcDem, flat->spec().geobox->bounds(), 600), std::string());
    words.insert(words.end(), {"-to", "RPC_DEM=" + request.rpcDem});
  }
  const auto source = openPlaced(request);
  QVERIFY2(source, source ? "" : source.error().text().c_str());
  const ArraySpec& spec = (*source)->spec();
  const auto expected = test::gdalwarpFile(request.path, *spec.geobox, words);
  QVERIFY2(expected.problem.empty(), expected.problem.c_str());
  const std::vector<std::byte> got = pixelsOf(**source, fullRegion(spec.shape()));
  QCOMPARE(got.size(), expected.pixels.size());
  QVERIFY(std::count_if(got.begin(), got.end(), [](std::byte b) { return b != std::byte{0}; }) >
          static_cast<std::ptrdiff_t>(got.size() / 10));
  const auto [mine, theirs] = std::mismatch(got.begin(), got.end(), expected.pixels.begin());
  QVERIFY2(mine == got.end(), qPrintable(QString("byte %1 of %2 differs").arg(mine - got.begin()).arg(got.size())));
  QVERIFY(!(*spec.geobox == *flat->spec().geobox) || got != pixelsOf(*flat, fullRegion(spec.shape())));
  QCOMPARE((*source)->files().size(), flat->files().size() + (hasDem ? 1 : 0));
}

void TestGdalPlaced::conforms_data() {
  QTest::addColumn<QString>("file");
  QTest::newRow("rpc") << "rpc_uint16.tif";
  QTest::newRow("gcp") << "complex_int16_gcps.tif";
}

void TestGdalPlaced::conforms() {
  QFETCH(QString, file);
  const auto source = openPlaced(requestFor(qPrintable(file), QTest::currentDataTag())).value();
  QCOMPARE(QString::fromStdString(test::sourceProblem(*source, test::CostPromise::UpperBound)), QString());
}

void TestGdalPlaced::anyCutTheSame() {
  OpenRequest request = requestFor("rpc_uint16.tif", "rpc");
  request.nodata = 0;
  const auto source = openPlaced(request).value();
  const auto shape = source->spec().shape();
  const auto whole = pixelsOf(*source, fullRegion(shape));
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{7, 31}, {1, 200}, {shape[1], 1}}) {
    std::vector<std::byte> pieced(whole.size());
    for (std::int64_t r = 0; r < shape[1]; r += rows)
      for (std::int64_t c = 0; c < shape[2]; c += cols) {
        const std::int64_t n = std::min(rows, shape[1] - r), m = std::min(cols, shape[2] - c);
        const auto part = pixelsOf(*source, {IndexSet::all(shape[0]), IndexSet::range(r, n), IndexSet::range(c, m)});
        for (std::int64_t b = 0; b < shape[0]; ++b)
          for (std::int64_t i = 0; i < n; ++i)
            std::memcpy(pieced.data() + ((b * shape[1] + r + i) * shape[2] + c) * 2, part.data() + ((b * n + i) * m) * 2,
                        static_cast<std::size_t>(m) * 2);
      }
    QVERIFY(pieced == whole);
  }
  const ReadCost cost = source->cost(fullRegion(shape));
  QVERIFY(cost.bytes > 0 && cost.scratchBytes > 0);
}

void TestGdalPlaced::manyThreads() {
  const auto source = openPlaced(requestFor("complex_int16_gcps.tif", "tps")).value();
  const Region region = fullRegion(source->spec().shape());
  const auto expected = pixelsOf(*source, region);
  std::array<bool, 7> same{};
  std::vector<std::thread> threads;
  for (bool& isSame : same) threads.emplace_back([&] { isSame = pixelsOf(*source, region) == expected; });
  for (std::thread& thread : threads) thread.join();
  for (const bool isSame : same) QVERIFY(isSame);
}

void TestGdalPlaced::canceled() {
  const auto source = openPlaced(requestFor("complex_int16_gcps.tif", "gcp")).value();
  const Region region = fullRegion(source->spec().shape());
  std::vector<std::byte> pixels(static_cast<std::size_t>(regionCount(region)) * 8);
  ReadContext context;
  context.cancel.cancel();
  const auto done = source->read(region, denseView(pixels.data(), source->spec().type, regionShape(region)), context);
  QVERIFY(!done);
  QCOMPARE(done.error().code, ErrorCode::Canceled);
}

void TestGdalPlaced::refusals() {
  const auto message = [](const OpenRequest& request) {
    const auto source = openPlaced(request);
    return source ? QString("opened") : QString::fromStdString(source.error().message);
  };
  QTemporaryDir folder;
  OpenRequest request = requestFor("rpc_uint16.tif", "rpc");
  const QString undeclared = folder.filePath("undeclared.tif");
  QCOMPARE(QProcess::execute("gdal_translate", {"-q", "-a_nodata", "none", QString::fromStdString(request.path), undeclared}), 0);
  request.path = undeclared.toStdString();
  QVERIFY(message(request).contains("no nodata to put there"));
  request = requestFor("rpc_uint16.tif", "tps");
  request.nodata = 0;
  QVERIFY(message(request).contains("has no ground control points"));
  request = requestFor("complex_int16_gcps.tif", "tps");
  request.rpcHeight = 7;
  QVERIFY(message(request).contains("only RPCs ask for a height"));
  request = requestFor("rpc_uint16.tif", "rpc");
  request.nodata = 0;
  request.rpcDem = "MEM:::DATAPOINTER=1,PIXELS=10,LINES=10";
  QVERIFY(message(request).contains("is not a file"));
  request = requestFor("alpha_8x6.tif", "rpc");
  request.nodata = 0;
  QVERIFY(message(request).contains("has no RPCs"));
  request = requestFor("../envi/enmap_potsdam_96x64.bil", "gcp");
  QVERIFY(message(request).contains("neither ground control points nor RPCs"));
}

QTEST_APPLESS_MAIN(TestGdalPlaced)
#include "tst_gdal_placed.moc"
