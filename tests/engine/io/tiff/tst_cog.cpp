// SPDX-License-Identifier: GPL-3.0-or-later
// Overviews, the cloud-optimized layout as GDAL's own validator judges it, and files beyond 4 GiB.
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>

#include "engine/io/file_sinks.h"
#include "engine/io/gdal/sink_template.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/tiff/cog_overview.h"
#include "engine/io/tiff/tiff_directory.h"
#include "tests/support/engine.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/raster_reader.h"
#include "tests/support/sink_conformance.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

ArraySpec plainSpec(PixelType type, std::int64_t bands, std::int64_t rows, std::int64_t cols) {
  ArraySpec spec;
  spec.type = type;
  spec.dims = {{"band", bands, {}}, {"y", rows, {}}, {"x", cols, {}}};
  spec.yDim = 1;
  spec.xDim = 2;
  spec.setGeobox(GeoBox(rows, cols, {5, 0, 717720, 0, -5, 3865865}, *Crs::fromUser("EPSG:32610")));
  return spec;
}

template <class T>
std::vector<T> halved(PixelType type, std::int64_t rows, std::int64_t cols, std::vector<T> pixels, std::optional<double> nodata) {
  std::vector<T> out(static_cast<std::size_t>(((rows + 1) / 2) * ((cols + 1) / 2)));
  halveBlock(denseView(reinterpret_cast<std::byte*>(pixels.data()), type, {rows, cols}),
             denseView(reinterpret_cast<std::byte*>(out.data()), type, {(rows + 1) / 2, (cols + 1) / 2}), nodata);
  return out;
}

}  // namespace

class TestCog : public QObject {
  Q_OBJECT

 private slots:
  void halvesByMeans();
  void overviewsAreMeansOfWhatIsWritten();
  void passesGdalsValidator_data();
  void passesGdalsValidator();
  void halvesClassesByPicking();
  void classesStayClasses_data();
  void classesStayClasses();
  void overviewsOnRequest();
  void pixelsReadAsBandsDo_data();
  void pixelsReadAsBandsDo();
  void interleaveByDefault();
  void tilesStoreLittleBeyondTheImage();
  void bigTiffBeyond4GiB();
};

void TestCog::halvesByMeans() {
  // 1 2 | 4      means by hand; the odd column averages two pixels, the odd row one or two
  // 3 5 | 6
  // 7 8 | 9
  using Bytes = std::vector<std::uint8_t>;
  QCOMPARE(halved(PixelType::UInt8, 3, 3, Bytes{1, 2, 4, 3, 5, 6, 7, 8, 9}, std::nullopt), (Bytes{3, 5, 8, 9}));
  // Nodata 5 does not take part; a block of it alone stays.
  QCOMPARE(halved(PixelType::UInt8, 2, 4, Bytes{1, 5, 5, 5, 3, 5, 5, 5}, 5.0), (Bytes{2, 5}));
  // A mean of 5 by chance is moved off nodata.
  QCOMPARE(halved(PixelType::UInt8, 2, 2, Bytes{4, 6, 4, 6}, 5.0), Bytes{4});
  const double nan = std::nan("");
  QCOMPARE(halved(PixelType::Float64, 2, 2, std::vector<double>{nan, 2, 3, nan}, std::nullopt), std::vector<double>{2.5});
  QVERIFY(std::isnan(halved(PixelType::Float64, 2, 2, std::vector<double>{nan, nan, nan, nan}, nan)[0]));
  QCOMPARE(halved(PixelType::Float64, 2, 2, std::vector<double>{nan, -9999, nan, nan}, -9999.0), std::vector<double>{-9999});
  // Beyond what a double holds.
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  QCOMPARE(halved(PixelType::Int64, 2, 2, std::vector<std::int64_t>{most, most, most - 2, most - 2}, std::nullopt),
           std::vector<std::int64_t>{most - 1});
  QCOMPARE(halved(PixelType::Int16, 2, 2, std::vector<std::int16_t>{-1, -2, -1, -2}, std::nullopt), std::vector<std::int16_t>{-2});
  // The samples of a pixel side by side, each by itself: 1 2 3 | 3 5 6 | 7 8 9 and 4 times as much.
  Bytes samples{1, 4, 2, 8, 3, 12, 3, 12, 5, 20, 6, 24, 7, 28, 8, 32, 9, 36}, half(8);
  halveBlock(denseView(reinterpret_cast<std::byte*>(samples.data()), PixelType::UInt8, {3, 3, 2}),
             denseView(reinterpret_cast<std::byte*>(half.data()), PixelType::UInt8, {2, 2, 2}), std::nullopt);
  QCOMPARE(half, (Bytes{3, 11, 5, 18, 8, 30, 9, 36}));
}

void TestCog::overviewsAreMeansOfWhatIsWritten() {
  for (const auto& [compress, interleave] :
       {std::pair<const char*, const char*>{"none", "band"}, {"deflate", "band"}, {"deflate", "pixel"}}) {
    QTemporaryDir folder;
    SinkRequest request;
    request.path = folder.filePath("a.tif").toStdString();
    request.format = "COG";
    request.compress = compress;
    request.interleave = interleave;
    request.spec = plainSpec(PixelType::Float32, 2, 1101, 1303);
    request.spec.nodata = -9999;
    const Block pixels = closedFormPixels(request.spec);
    QCOMPARE(writeArray(*makeSinkProvider(), request, pixels.view, {{request.interleave == "pixel" ? 2 : 1, 100, 1303}, true, 3}),
             QString());

    std::vector<std::byte> wanted = asRaster(request.spec, pixels.view);
    std::int64_t rows = 1101, cols = 1303;
    for (int overview = 0; overview < 2; ++overview) {
      const ReadRaster back = readRaster(request.path, "GTiff", overview);
      QCOMPARE(back.problem, std::string());
      QVERIFY((back.band[0].overviews == std::vector<std::pair<int, int>>{{551, 652}, {276, 326}}));
      const std::int64_t halfRows = (rows + 1) / 2, halfCols = (cols + 1) / 2;
      std::vector<std::byte> half(static_cast<std::size_t>(2 * halfRows * halfCols) * sizeof(float));
      for (std::int64_t b = 0; b < 2; ++b)
        halveBlock(denseView(wanted.data() + b * rows * cols * 4, PixelType::Float32, {rows, cols}),
                   denseView(half.data() + b * halfRows * halfCols * 4, PixelType::Float32, {halfRows, halfCols}), -9999);
      QVERIFY(back.pixels == half);
      wanted = half;
      rows = halfRows;
      cols = halfCols;
    }
  }
}

void TestCog::passesGdalsValidator_data() {
  QTest::addColumn<QString>("compress");
  QTest::addColumn<int>("bands");
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("cols");
  QTest::addColumn<QString>("interleave");
  for (const char* compress : {"none", "lzw", "deflate", "zstd"}) {
    QTest::addRow("%s three levels", compress) << compress << 2 << 1301 << 1701 << "band";
    QTest::addRow("%s tiny", compress) << compress << 5 << 17 << 33 << "band";
  }
  for (const char* compress : {"none", "zstd"})
    QTest::addRow("%s pixels, three levels", compress) << compress << 3 << 801 << 1101 << "pixel";
  QTest::newRow("the founding job's shape") << "" << 425 << 121 << 138 << "auto";
  QTest::newRow("the founding job's shape, pixels") << "" << 425 << 121 << 138 << "pixel";
}

void TestCog::passesGdalsValidator() {
  const QString python = "/usr/bin/python3";  // the one that Debian's python3-gdal belongs to
  QProcess probe;
  probe.start(python, {"-c", "import osgeo_utils.samples.validate_cloud_optimized_geotiff"});
  if (!probe.waitForFinished() || probe.exitCode() != 0) QSKIP("GDAL's validator is not installed (python3-gdal)");
  QFETCH(QString, compress);
  QFETCH(int, bands);
  QFETCH(int, rows);
  QFETCH(int, cols);
  QFETCH(QString, interleave);
  QTemporaryDir folder;
  SinkRequest request;
  request.path = folder.filePath("a.tif").toStdString();
  request.format = "COG";
  request.compress = compress.toStdString();
  request.interleave = interleave.toStdString();
  request.spec = plainSpec(PixelType::Int16, bands, rows, cols);
  const Block pixels = closedFormPixels(request.spec);
  QCOMPARE(writeArray(*makeSinkProvider(), request, pixels.view, {{bands, 64, cols}, true, 2}), QString());
  QProcess validator;
  validator.setProcessChannelMode(QProcess::MergedChannels);
  validator.start(python, {"-m", "osgeo_utils.samples.validate_cloud_optimized_geotiff", "--full-check=yes", folder.filePath("a.tif")});
  QVERIFY(validator.waitForFinished());
  const QByteArray verdict = validator.readAll();
  QVERIFY2(validator.exitCode() == 0 && verdict.contains("is a valid cloud optimized GeoTIFF") && !verdict.contains("warning"),
           verdict.constData());
}

void TestCog::halvesClassesByPicking() {
  // 1 2 | 4      the upper left one of each
  // 3 5 | 6
  // 7 8 | 9
  std::vector<std::uint8_t> pixels{1, 2, 4, 3, 5, 6, 7, 8, 9}, half(4);
  halveClasses(denseView(reinterpret_cast<std::byte*>(pixels.data()), PixelType::UInt8, {3, 3}),
               denseView(reinterpret_cast<std::byte*>(half.data()), PixelType::UInt8, {2, 2}));
  QCOMPARE(half, (std::vector<std::uint8_t>{1, 4, 7, 9}));
}

void TestCog::classesStayClasses_data() {
  QTest::addColumn<QString>("compress");
  QTest::addColumn<QString>("type");
  QTest::newRow("8 bits") << "none"
                          << "uint8";
  QTest::newRow("8 bits, LZW") << "lzw"
                               << "uint8";
  QTest::newRow("16 bits, zstd") << "zstd"
                                 << "uint16";
}

/// A raster with a colour table keeps it, and its overviews are those of gdaladdo -r nearest.
void TestCog::classesStayClasses() {
  QFETCH(QString, compress);
  QFETCH(QString, type);
  QTemporaryDir folder;
  GdalFile file;
  file.path = folder.filePath("source.tif").toStdString();
  file.type = *pixelTypeFromName(type.toStdString());
  file.rows = 1200;
  file.cols = 1600;
  file.hasPalette = true;
  file.overviews = {2, 4};
  const std::size_t bytes = pixelTypeBytes(file.type);
  std::vector<std::byte> pixels(1200 * 1600 * bytes);
  for (std::size_t i = 0; i < pixels.size(); i += bytes) pixels[i] = static_cast<std::byte>((i * 7919 / 13) % 251);
  QCOMPARE(writeGdalFile(file, pixels), std::string());

  const Engine engine;
  const std::string path = folder.filePath("a.tif").toStdString();
  const auto report = engine.run("open " + file.path + " ! write " + path + " format=COG compress=" + compress.toStdString());
  QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
  for (int overview = -1; overview < 2; ++overview) {
    const ReadRaster wanted = readRaster(file.path, "GTiff", overview), got = readRaster(path, "GTiff", overview);
    QCOMPARE(got.problem, std::string());
    QCOMPARE(got.band[0].colour, std::string("Palette"));
    QVERIFY2(got.pixels == wanted.pixels, qPrintable(QString("level %1").arg(overview + 1)));
  }
  const auto source = engine.sources->open({file.path, {}, {}}), back = engine.sources->open({path, {}, {}});
  QCOMPARE((*source)->spec().classColours.size(), std::size_t{1} << (8 * bytes));
  QVERIFY((*back)->spec().classColours == (*source)->spec().classColours);
  QVERIFY(((*source)->spec().classColours[3] == std::array<std::uint8_t, 4>{252, 3, 7, 255}));

  const auto after = [&](const std::string& steps) {
    const auto graph = engine.bind("open " + path + " ! assign_nodata nodata=0" + steps);
    if (!graph) qFatal("%s", graph.error().text().c_str());
    return (*graph)->nodes.back().operation;
  };
  QVERIFY(after(" ! isel y=0:9 ! reproject resolution=20 resampling=mode")->spec().isClasses());
  QVERIFY(!after(" ! calc expression=x*2")->spec().isClasses());
  QVERIFY(!after(" ! reduce dims=y")->spec().isClasses());
  const auto averaged = after(" ! reproject resolution=20 resampling=average");
  QVERIFY(!averaged->spec().isClasses());
  QCOMPARE(averaged->warnings().front(),
           std::string("the values are numbers of classes: average makes others of them; nearest and mode keep them"));
}

void TestCog::overviewsOnRequest() {
  for (const auto& [format, overviews, levels] : {std::tuple<const char*, const char*, std::size_t>{"COG", "none", 0},
                                                  {"COG", "", 2},
                                                  {"COG", "auto", 2},
                                                  {"COG", "all", 2},
                                                  {"GTiff", "", 0},
                                                  {"GTiff", "auto", 0},
                                                  {"GTiff", "all", 2}}) {
    QTemporaryDir folder;
    SinkRequest request;
    request.path = folder.filePath("a.tif").toStdString();
    request.format = format;
    request.overviews = overviews;
    request.spec = plainSpec(PixelType::UInt8, 1, 20, 1303);
    const Block pixels = closedFormPixels(request.spec);
    QCOMPARE(writeArray(*makeSinkProvider(), request, pixels.view, {{1, 7, 600}, true, 2}), QString());
    const ReadRaster back = readRaster(request.path, "GTiff");
    QCOMPARE(back.problem, std::string());
    QCOMPARE(back.band[0].overviews.size(), levels);
  }
}

void TestCog::pixelsReadAsBandsDo_data() {
  QTest::addColumn<QString>("format");
  QTest::addColumn<QString>("compress");
  QTest::addColumn<int>("type");
  QTest::addColumn<int>("bands");
  const char* compressions[] = {"none", "lzw", "deflate", "zstd"};
  for (int type = 0; type < 12; ++type) {
    for (int c = 0; c < 4; ++c) {
      const std::string name(pixelTypeName(static_cast<PixelType>(type)));
      const int bands = 2 + (type + c) % 4;
      QTest::addRow("GTiff %s %s, %d bands", compressions[c], name.c_str(), bands) << "GTiff" << compressions[c] << type << bands;
      if (type % 4 == c && type % 3 == 0)
        QTest::addRow("COG %s %s, %d bands", compressions[c], name.c_str(), bands) << "COG" << compressions[c] << type << bands;
    }
  }
}

/// GDAL finds the same numbers in both, at every resolution: of GeoTIFF tiles at the full one, strips at the others.
void TestCog::pixelsReadAsBandsDo() {
  QFETCH(QString, format);
  QFETCH(QString, compress);
  QFETCH(int, type);
  QFETCH(int, bands);
  QTemporaryDir folder;
  SinkRequest request;
  request.format = format.toStdString();
  request.compress = compress.toStdString();
  request.overviews = "all";
  request.spec = plainSpec(static_cast<PixelType>(type), bands, 37, 1047);
  request.spec.nodata = 17;
  const Block pixels = closedFormPixels(request.spec);
  for (const char* interleave : {"band", "pixel"}) {
    request.interleave = interleave;
    request.path = folder.filePath(interleave).toStdString();
    QCOMPARE(writeArray(*makeSinkProvider(), request, pixels.view, {{bands, 15, 600}, true, 2}), QString());
  }
  for (int overview = -1; overview < 2; ++overview) {
    const ReadRaster apart = readRaster(folder.filePath("band").toStdString(), "GTiff", overview);
    const ReadRaster together = readRaster(folder.filePath("pixel").toStdString(), "GTiff", overview);
    QCOMPARE(together.problem, std::string());
    QCOMPARE(apart.structure.at("INTERLEAVE"), std::string("BAND"));
    QCOMPARE(together.structure.at("INTERLEAVE"), std::string("PIXEL"));
    QCOMPARE(together.band[0].overviews.size(), std::size_t{2});
    QCOMPARE(together.band[0].nodata, apart.band[0].nodata);
    for (std::size_t b = 0; b < apart.band.size(); ++b) QCOMPARE(together.band[b].colour, apart.band[b].colour);
    if (overview < 0) QVERIFY(apart.pixels == asRaster(request.spec, pixels.view));
    QVERIFY(!apart.pixels.empty());
    QVERIFY(together.pixels == apart.pixels);
  }
}

/// Compressed pictures have their bands together; blocks of many bands are small ones.
void TestCog::interleaveByDefault() {
  const auto layoutOf = [](const char* format, const char* compress, const char* interleave, int bands, std::int64_t side) {
    SinkRequest request;
    request.format = format;
    request.compress = compress;
    request.interleave = interleave;
    request.overviews = "all";
    request.spec = plainSpec(PixelType::Float32, bands, side, side);
    return *tiffLayout(request);
  };
  for (const auto& [compress, bands, together] : {std::tuple<const char*, int, bool>{"deflate", 1, false},
                                                  {"deflate", 2, true},
                                                  {"zstd", 4, true},
                                                  {"zstd", 5, false},
                                                  {"none", 3, false},
                                                  {"lerc", 3, false}})
    QCOMPARE(layoutOf("COG", compress, "auto", bands, 600).bandsTogether(), together);
  QVERIFY(!layoutOf("COG", "zstd", "band", 4, 600).bandsTogether());
  for (const char* format : {"GTiff", "COG"}) {
    for (const int bands : {5, 60, 425, 4000, 8192}) {
      const TiffLayout layout = layoutOf(format, "zstd", "pixel", bands, 3000);
      QVERIFY(layout.mostBlockBytes() <= 8 << 20);
      for (const TiffLevel& level : layout.levels) {
        QCOMPARE(level.planes, 1);
        QCOMPARE(level.pixelBytes, 4 * bands);
        QVERIFY(level.blockRows % 16 == 0 && level.blockRows >= 16 && (level.strips || level.blockCols % 16 == 0));
      }
    }
  }
  // 16 x 304 x 425 x 4 bytes are 7.9 MiB: wide, so that few pixels are the first of their row.
  QCOMPARE(layoutOf("COG", "zstd", "pixel", 425, 3000).levels[0].blockRows, 16);
  QCOMPARE(layoutOf("COG", "zstd", "pixel", 425, 3000).levels[0].blockCols, 304);
}

void TestCog::tilesStoreLittleBeyondTheImage() {
  SinkRequest request;
  request.spec = plainSpec(PixelType::Float32, 1, 624, 707);
  request.format = "GTiff";
  auto layout = tiffLayout(request);
  QCOMPARE(layout->levels[0].blockRows, 208);  // 3 x 208 = 624
  QCOMPARE(layout->levels[0].blockCols, 240);  // 3 x 240 = 720
  for (const auto& [format, most] : {std::pair<const char*, std::int64_t>{"GTiff", 256}, {"COG", 512}}) {
    request.format = format;
    request.overviews = "all";
    for (std::int64_t n = 513; n < 6000; n += 7) {
      request.spec = plainSpec(PixelType::Float32, 1, n, n);
      layout = tiffLayout(request);
      const TiffLevel& first = layout->levels[0];
      QCOMPARE(first.blockRows, first.blockCols);
      QCOMPARE(first.blockRows % 16, 0);
      QVERIFY(first.blockRows <= most);
      QCOMPARE(first.down(), (n + most - 1) / most);
      QVERIFY(first.down() * first.blockRows < n + 16 * first.down());
      // The plan's memory is that of a block of full resolution.
      for (const TiffLevel& level : layout->levels) QVERIFY(level.blockPixels() <= first.blockPixels());
    }
  }
}

void TestCog::bigTiffBeyond4GiB() {
  // Only the head is written; the pixels are a hole.
  SinkRequest request;
  request.format = "GTiff";
  request.spec = plainSpec(PixelType::UInt8, 3, 50000, 40000);
  const auto layout = tiffLayout(request);
  QVERIFY(layout.has_value());
  const auto file = tiffTemplate(request, layout->raster);
  QVERIFY(file.has_value());
  const auto tags = TiffIfd::parseFirst(*file);
  QVERIFY(tags.has_value());
  const TiffDirectory directory = tiffDirectory(*layout, *tags, rawBlockBytes(*layout));
  QVERIFY(directory.isBig);
  QVERIFY(directory.fileBytes > (std::int64_t{1} << 32));
  QTemporaryDir folder;
  QFile output(folder.filePath("big.tif"));
  QVERIFY(output.open(QIODevice::WriteOnly));
  output.write(reinterpret_cast<const char*>(directory.head.data()), static_cast<qint64>(directory.head.size()));
  QVERIFY(output.resize(directory.fileBytes));
  output.close();
  const auto verified = verifyRaster(output.fileName().toStdString(), "big.tif", "GTiff", {3, 50000, 40000, PixelType::UInt8});
  QVERIFY2(verified.has_value(), verified ? "" : verified.error().text().c_str());

  request.spec = plainSpec(PixelType::UInt8, 1, 50000, 40000);
  const auto small = tiffLayout(request);
  QVERIFY(!tiffDirectory(*small, *tags, rawBlockBytes(*small)).isBig);
}

QTEST_GUILESS_MAIN(TestCog)
#include "tst_cog.moc"
