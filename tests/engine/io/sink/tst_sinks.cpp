// SPDX-License-Identifier: GPL-3.0-or-later
// Every sink against the conformance suite, its metadata through GDAL, and what must be refused.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>

#include "engine/io/file_sinks.h"
#include "engine/io/gdal/png_image.h"
#include "tests/support/engine.h"
#include "tests/support/raster_reader.h"
#include "tests/support/sink_conformance.h"
#include "tests/support/sink_requests.h"

using namespace cubeloom;
using namespace cubeloom::test;

class TestSinks : public QObject {
  Q_OBJECT

 private:
  std::shared_ptr<SinkProvider> m_sinks = makeSinkProvider();
  std::string pathIn(const QTemporaryDir& folder, const char* name) { return folder.filePath(name).toStdString(); }
  QString write(const SinkRequest& request) {
    const Block pixels = closedFormPixels(request.spec);
    return writeArray(*m_sinks, request, pixels.view, {request.spec.shape(), false, 1});
  }
  std::string refused(const SinkRequest& request) { return refusedParameter(*m_sinks, request); }

 private slots:
  void conforms_data();
  void conforms();
  void everyTypeReadsBack_data();
  void everyTypeReadsBack();
  void tiffCarriesMetadata();
  void tiffCarriesColours();
  void enviCarriesMetadata();
  void southUpAndRotatedGridsSurvive();
  void enviRefusesShear();
  void enviTellsWhichCrsItCannotHold();
  void floatsWithNanNodata();
  void lercKeepsNan();
  void flattensFurtherDims();
  void unitsOfTheFoundingJob();
  void refusals();
  void interleaveIsRefusedWhereItCannotBe();
  void overwriting();
  void enviHeaderIsGuarded();
  void pngPictures();
  void writesPngImages();
};

void TestSinks::conforms_data() {
  QTest::addColumn<QString>("format");
  QTest::addColumn<QString>("order");
  QTest::addColumn<QString>("compress");
  QTest::addColumn<int>("type");
  QTest::addColumn<int>("bands");
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("cols");
  QTest::addColumn<QString>("interleave");
  const PixelType f32 = PixelType::Float32, u8 = PixelType::UInt8, i16 = PixelType::Int16;
  const auto row = [](const char* name, const char* format, const char* order, const char* compress, PixelType type, int bands, int rows,
                      int cols, const char* interleave = "") {
    QTest::newRow(name) << format << order << compress << static_cast<int>(type) << bands << rows << cols << interleave;
  };
  row("memory", "MEM", "byx", "", f32, 5, 61, 47);
  row("ENVI BSQ", "ENVI", "byx", "", f32, 5, 61, 47);
  row("ENVI BIL", "ENVI", "ybx", "", i16, 5, 61, 47);
  row("ENVI BIP", "ENVI", "yxb", "", f32, 5, 61, 47);
  row("ENVI one band", "ENVI", "yx", "", u8, 1, 61, 47);
  row("ENVI turned", "ENVI", "xby", "", f32, 5, 61, 47);
  row("ENVI 4-D", "ENVI", "tbyx", "", f32, 3, 31, 47);
  row("GTiff strips", "GTiff", "byx", "", f32, 5, 301, 277);
  row("GTiff tiles", "GTiff", "byx", "none", i16, 2, 301, 577);
  row("GTiff BIP order", "GTiff", "yxb", "", f32, 5, 61, 47);
  row("GTiff one row", "GTiff", "byx", "", f32, 3, 1, 700);
  row("GTiff one pixel", "GTiff", "byx", "lzw", f32, 3, 1, 1);
  row("GTiff strips deflate", "GTiff", "ybx", "deflate", f32, 5, 301, 277);
  row("GTiff tiles zstd", "GTiff", "byx", "zstd", i16, 2, 301, 577, "band");
  row("GTiff tiles lzw", "GTiff", "byx", "lzw", u8, 2, 513, 513, "band");
  row("GTiff strips lerc", "GTiff", "ybx", "lerc", f32, 5, 301, 277);
  row("GTiff tiles lerc_zstd", "GTiff", "byx", "lerc_zstd", i16, 2, 301, 577);
  row("GTiff pixels, strips", "GTiff", "ybx", "", f32, 5, 301, 277, "pixel");
  row("GTiff pixels, tiles", "GTiff", "byx", "none", i16, 2, 301, 577, "pixel");
  row("GTiff pixels, BIP order, deflate", "GTiff", "yxb", "deflate", f32, 3, 301, 277, "auto");
  row("GTiff pixels, two dates, zstd", "GTiff", "tybx", "zstd", i16, 3, 301, 577, "pixel");
  row("GTiff pixels, lzw", "GTiff", "byx", "lzw", u8, 4, 513, 513);
  row("COG lerc_deflate", "COG", "byx", "lerc_deflate", f32, 2, 701, 1103);
  row("COG small", "COG", "byx", "", f32, 7, 121, 138);
  row("COG default", "COG", "byx", "", f32, 2, 701, 1103, "band");
  row("COG tall deflate", "COG", "ybx", "deflate", i16, 2, 1301, 97, "band");
  row("COG none", "COG", "byx", "none", u8, 2, 701, 1103);
  row("COG zstd", "COG", "yx", "zstd", f32, 1, 701, 1103);
  row("COG pixels", "COG", "byx", "", u8, 3, 701, 1103);
  row("COG pixels, none", "COG", "ybx", "none", u8, 5, 701, 603, "pixel");
  row("COG pixels, two dates, deflate", "COG", "tybx", "deflate", i16, 3, 1301, 97, "pixel");
  row("PNG gray", "PNG", "yx", "", u8, 1, 61, 47);
  row("PNG colours", "PNG", "yxb", "", u8, 3, 61, 47);
}

void TestSinks::conforms() {
  QFETCH(QString, format);
  QFETCH(QString, order);
  QFETCH(QString, compress);
  QFETCH(int, type);
  QFETCH(int, bands);
  QFETCH(int, rows);
  QFETCH(int, cols);
  QFETCH(QString, interleave);
  QTemporaryDir folder;
  const std::string path = format == "MEM" ? "" : pathIn(folder, "result of é.dat");
  SinkRequest request = requestOf(path, format.toStdString(), specOf(order.toStdString(), static_cast<PixelType>(type), bands, rows, cols));
  request.compress = compress.toStdString();
  request.interleave = interleave.toStdString();
  QCOMPARE(checkSink(*m_sinks, request), QString());
}

void TestSinks::everyTypeReadsBack_data() {
  QTest::addColumn<QString>("format");
  QTest::addColumn<QString>("compress");
  QTest::addColumn<int>("type");
  for (int t = 0; t < 12; ++t) {
    const std::string name(pixelTypeName(static_cast<PixelType>(t)));
    const bool fitsLerc = !isComplex(static_cast<PixelType>(t)) && name != "int64" && name != "uint64";
    for (const char* compress : {"none", "lzw", "deflate", "zstd", "lerc", "lerc_deflate", "lerc_zstd"})
      if (fitsLerc || !QByteArray(compress).startsWith("lerc"))
        QTest::addRow("GTiff %s %s", compress, name.c_str()) << "GTiff" << compress << t;
    QTest::addRow("COG %s", name.c_str()) << "COG"
                                          << "" << t;
    if (name != "int8")
      QTest::addRow("ENVI %s", name.c_str()) << "ENVI"
                                             << "" << t;
  }
}

void TestSinks::everyTypeReadsBack() {
  QFETCH(QString, format);
  QFETCH(QString, compress);
  QFETCH(int, type);
  QTemporaryDir folder;
  ArraySpec spec = specOf("byx", static_cast<PixelType>(type), 2, 19, 533);
  spec.nodata = 17;
  SinkRequest request = requestOf(pathIn(folder, "a.dat"), format.toStdString(), spec);
  request.compress = compress.toStdString();
  if (format != "ENVI") request.interleave = "band";
  const Block pixels = closedFormPixels(spec);
  QCOMPARE(writeArray(*m_sinks, request, pixels.view, {{1, 16, 533}, true, 2}), QString());
  if (format == "ENVI" && (spec.type == PixelType::Int64 || spec.type == PixelType::UInt64)) {
    // GDAL 3.6 does not read these from ENVI files: the bytes themselves must do.
    QFile file(QString::fromStdString(request.path));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::vector<std::byte> wanted = asRaster(spec, pixels.view);
    QVERIFY(file.readAll() == QByteArray(reinterpret_cast<const char*>(wanted.data()), static_cast<qsizetype>(wanted.size())));
    return;
  }
  const ReadRaster back = readRaster(request.path, format == "ENVI" ? "ENVI" : "GTiff");
  QCOMPARE(back.problem, std::string());
  QCOMPARE(back.band[0].nodata.value_or(-1), 17.0);
  QVERIFY(back.pixels == asRaster(spec, pixels.view));
}

void TestSinks::tiffCarriesMetadata() {
  QTemporaryDir folder;
  ArraySpec spec = specOf("byx", PixelType::Float32, 4, 33, 47);
  spec.nodata = -9999;
  spec.unit = "uW nm-1 cm-2 sr-1";
  spec.attributes["sensor"] = "AVIRIS-NG <\"&é>";
  spec.dims[0].coordinate.labels = {"violet", "two, three", "", "red"};
  SinkRequest request = requestOf(pathIn(folder, "a.tif"), "COG", spec);
  request.metadata["history"] = "made by a chain";
  QCOMPARE(write(request), QString());
  const ReadRaster back = readRaster(request.path, "GTiff");
  QCOMPARE(back.problem, std::string());
  QCOMPARE(back.authority, std::string("EPSG:32610"));
  QVERIFY((back.geotransform == std::array<double, 6>{717500, 500, 0, 3866000, 0, -500}));
  QCOMPARE(back.metadata.at("sensor"), std::string("AVIRIS-NG <\"&é>"));
  QCOMPARE(back.metadata.at("history"), std::string("made by a chain"));
  QCOMPARE(back.structure.at("LAYOUT"), std::string("COG"));
  QCOMPARE(back.structure.at("COMPRESSION"), std::string("LZW"));
  QCOMPARE(back.band.size(), std::size_t{4});
  QCOMPARE(back.band[1].description, std::string("two, three"));
  QCOMPARE(back.band[1].metadata.at("wavelength"), std::string("382.25"));
  QCOMPARE(back.band[1].metadata.at("wavelength_units"), std::string("Nanometers"));
  QCOMPARE(back.band[1].metadata.at("fwhm"), std::string("5.58"));
  QCOMPARE(back.band[1].metadata.at("bbl"), std::string("0"));
  QCOMPARE(back.band[1].unit, spec.unit);
  QCOMPARE(back.band[3].nodata.value_or(0), -9999.0);
}

void TestSinks::tiffCarriesColours() {
  const std::vector<std::string> names{"red", "green", "blue", "alpha"}, colours{"Red", "Green", "Blue", "Alpha"};
  for (const std::size_t bands : {3, 4}) {
    for (const char* interleave : {"band", "pixel"}) {
      QTemporaryDir folder;
      ArraySpec spec = specOf("nyx", PixelType::UInt8, static_cast<std::int64_t>(bands), 33, 547);
      spec.dims[0].coordinate.labels.assign(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(bands));
      SinkRequest request = requestOf(pathIn(folder, "a.tif"), "COG", spec);
      request.interleave = interleave;
      QCOMPARE(write(request), QString());
      for (const int overview : {-1, 0}) {
        const ReadRaster back = readRaster(request.path, "GTiff", overview);
        QCOMPARE(back.problem, std::string());
        QCOMPARE(back.band.size(), bands);
        for (std::size_t b = 0; b < bands; ++b) QCOMPARE(back.band[b].colour, colours[b]);
      }
    }
  }
}

void TestSinks::enviCarriesMetadata() {
  QTemporaryDir folder;
  ArraySpec spec = specOf("ybx", PixelType::Float32, 4, 33, 47);
  spec.nodata = -9999;
  spec.dims[1].coordinate.labels = {"violet", "two, {three}", "", "red"};
  const SinkRequest request = requestOf(pathIn(folder, "a.img"), "", spec);
  QCOMPARE(write(request), QString());
  QFile file(folder.filePath("a.hdr"));
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray text = file.readAll();
  for (const char* part :
       {"interleave = bil", "wavelength units = Nanometers", "wavelength = {\n 377.25,\n 382.25,", "fwhm = {\n 5.57,", "bbl = {\n 1,\n 0,",
        "data ignore value = -9999", "two; (three)", "map info = {UTM, 1, 1, 717500, 3866000, 500, 500",
        "coordinate system string = {PROJCS[\"WGS_1984_UTM_Zone_10N\""})
    QVERIFY2(text.contains(part), (QByteArray(part) + " is not in:\n" + text).constData());
  const ReadRaster back = readRaster(request.path, "ENVI");
  QCOMPARE(back.problem, std::string());
  QVERIFY((back.geotransform == std::array<double, 6>{717500, 500, 0, 3866000, 0, -500}));
  QVERIFY(Crs::fromUser(back.wkt)->isSameAs(*Crs::fromUser("EPSG:32610")));
  QCOMPARE(back.structure.at("INTERLEAVE"), std::string("LINE"));
}

void TestSinks::southUpAndRotatedGridsSurvive() {
  const double a = 4.3 * std::cos(0.3), b = 4.3 * std::sin(0.3);
  const Affine rotated{a, b, 600000.1, b, -a, 4000000.7}, southUp{1.0 / 3, 0, 600000.1, 0, 1.0 / 3, 4000000.7};
  for (const Affine& affine : {rotated, southUp}) {
    for (const char* format : {"GTiff", "COG", "ENVI"}) {
      QTemporaryDir folder;
      ArraySpec spec = specOf("byx", PixelType::Int16, 2, 33, 47);
      spec.setGeobox(GeoBox(33, 47, affine, spec.geobox->crs()));
      const SinkRequest request = requestOf(pathIn(folder, "a.dat"), format, spec);
      QCOMPARE(write(request), QString());
      const ReadRaster back = readRaster(request.path, std::string(format) == "ENVI" ? "ENVI" : "GTiff");
      const auto own = test::Engine().bind("open " + request.path + (std::string(format) == "ENVI" ? "" : " driver=GTiff"));
      QVERIFY2(own.has_value(), own ? "" : own.error().text().c_str());
      const Affine read = (*own)->nodes.front().operation->spec().geobox->affine();
      const double apart =
          std::abs(read.a - affine.a) + std::abs(read.b - affine.b) + std::abs(read.d - affine.d) + std::abs(read.e - affine.e);
      QVERIFY2(apart < 1e-12, qPrintable(QString("%1: %2 x %3").arg(format).arg(read.a).arg(read.e)));
      const std::array<double, 6> wanted = affine.geotransform();
      for (std::size_t i = 0; i < 6; ++i) {
        const double tolerance = std::string(format) == "ENVI" ? 1e-12 * std::abs(wanted[i]) + 1e-12 : 0;
        QVERIFY2(
            std::abs(back.geotransform[i] - wanted[i]) <= tolerance,
            qPrintable(
                QString("%1 term %2: %3, not %4").arg(format).arg(i).arg(back.geotransform[i], 0, 'g', 17).arg(wanted[i], 0, 'g', 17)));
      }
    }
  }
}

void TestSinks::enviRefusesShear() {
  QTemporaryDir folder;
  ArraySpec spec = specOf("byx", PixelType::Int16, 2, 33, 47);
  spec.setGeobox(GeoBox(33, 47, {5, 1, 600000, 0, -5, 4000000}, spec.geobox->crs()));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.img"), "ENVI", spec)), std::string("format"));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.tif"), "GTiff", spec)), std::string());
}

void TestSinks::enviTellsWhichCrsItCannotHold() {
  QTemporaryDir folder;
  const auto warnings = [&](const std::string& crs) {
    const auto plan = m_sinks->plan(requestOf(pathIn(folder, "a.img"), "ENVI", specOf("yx", PixelType::Int16, 1, 20, 30, crs)));
    return plan ? plan->warnings : std::vector{plan.error().text()};
  };
  // The wide view of GOES and Meteosat differ in the axis that sweeps; Esri's WKT has no word for it.
  const auto lost = warnings("+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80");
  QCOMPARE(lost.size(), std::size_t{1});
  QVERIFY2(lost[0].find("ENVI headers cannot hold all of this CRS") == 0 && lost[0].find("Zarr") != std::string::npos, lost[0].c_str());
  for (const char* kept : {"EPSG:32610", "EPSG:3310", "+proj=utm +zone=33 +ellps=intl", "+proj=laea +lat_0=10 +lon_0=20 +datum=WGS84", ""})
    QCOMPARE(warnings(kept), std::vector<std::string>{});
}

void TestSinks::floatsWithNanNodata() {
  for (const char* format : {"GTiff", "ENVI"}) {
    QTemporaryDir folder;
    ArraySpec spec = specOf("byx", PixelType::Float32, 2, 33, 47);
    spec.nodata = std::nan("");
    const SinkRequest request = requestOf(pathIn(folder, "a.dat"), format, spec);
    QCOMPARE(write(request), QString());
    const ReadRaster back = readRaster(request.path, format);
    QVERIFY(back.band[1].nodata.has_value());
    QVERIFY(std::isnan(*back.band[1].nodata));
  }
}

/// LERC keeps a mask of its own where numbers are missing: NaN must come back as NaN, in files of one band and of several.
void TestSinks::lercKeepsNan() {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  for (const char* compress : {"lerc", "lerc_deflate", "lerc_zstd"}) {
    for (const int bands : {1, 3}) {
      QTemporaryDir folder;
      ArraySpec spec = specOf("byx", PixelType::Float32, bands, 40, 600);
      SinkRequest request = requestOf(pathIn(folder, "a.tif"), "GTiff", spec);
      request.compress = compress;
      const Block pixels = closedFormPixels(spec);
      float* p = pixels.view.as<float>();
      const auto band = static_cast<std::int64_t>(40) * 600;
      for (std::int64_t i = 0; i < spec.count(); ++i) {
        if (i / band == bands - 1) p[i] = nan;           // a whole band
        if (i % 600 < 256 && i / band == 0) p[i] = nan;  // whole tiles
        if (i % 600 > 300 && i % 7 == 0) p[i] = nan;     // some pixels
        if (i % 600 == 299) p[i] = i % 2 ? infinity : -9999.0F;
      }
      QCOMPARE(writeArray(*m_sinks, request, pixels.view, {{1, 17, 600}, true, 2}), QString());
      const ReadRaster back = readRaster(request.path, "GTiff");
      QCOMPARE(back.problem, std::string());
      QCOMPARE(back.structure.at("COMPRESSION"), QByteArray(compress).toUpper().toStdString());
      QVERIFY(back.pixels == asRaster(spec, pixels.view));
    }
  }
}

void TestSinks::flattensFurtherDims() {
  QTemporaryDir folder;
  const ArraySpec spec = specOf("tbyx", PixelType::Float32, 3, 20, 30);
  const SinkRequest request = requestOf(pathIn(folder, "a.tif"), "", spec);
  QCOMPARE(write(request), QString());
  const ReadRaster back = readRaster(request.path, "GTiff");
  QCOMPARE(back.bands, 6);
  QCOMPARE(back.band[4].metadata.at("time"), std::string("2022-03-08T00:00:00.5Z"));
  QCOMPARE(back.band[4].metadata.at("wavelength"), std::string("382.25"));
  QCOMPARE(back.band[4].description, std::string("2022-03-08T00:00:00.5Z, 382.25 nm"));
}

void TestSinks::unitsOfTheFoundingJob() {
  QTemporaryDir folder;
  const ArraySpec spec = specOf("byx", PixelType::Float32, 425, 121, 138);
  const auto cog = m_sinks->plan(requestOf(pathIn(folder, "a.tif"), "COG", spec));
  QVERIFY(cog.has_value());
  QVERIFY((cog->unit == std::vector<std::int64_t>{1, 16, 138}));
  QVERIFY(cog->chunkScratchBytes < 2 << 20);
  const auto plain = m_sinks->plan(requestOf(pathIn(folder, "a.tif"), "GTiff", spec));
  QVERIFY((plain->unit == std::vector<std::int64_t>{1, 1, 138}));
  QVERIFY(plain->bytesToWrite >= spec.bytes() && plain->bytesToWrite < spec.bytes() * 1.1);
}

void TestSinks::refusals() {
  QTemporaryDir folder;
  const ArraySpec spec = specOf("byx", PixelType::Float32, 2, 20, 30);
  const std::string path = pathIn(folder, "a.tif");
  QCOMPARE(refused(requestOf(path, "", spec)), std::string());
  QCOMPARE(refused(requestOf(path, "JPEG", spec)), std::string("format"));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.xyz"), "", spec)), std::string("format"));
  QCOMPARE(refused(requestOf(pathIn(folder, "no/a.tif"), "", spec)), std::string("path"));
  QCOMPARE(refused(requestOf(folder.path().toStdString(), "GTiff", spec)), std::string("path"));
  QCOMPARE(refused(requestOf("/vsimem/a.tif", "", spec)), std::string("path"));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.hdr"), "", spec)), std::string("path"));
  QCOMPARE(refused(requestOf("", "GTiff", spec)), std::string("path"));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.png"), "", spec)), std::string("dtype"));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.img"), "", specOf("byx", PixelType::Int8, 2, 20, 30))), std::string("dtype"));
  QCOMPARE(refused(requestOf(path, "", specOf("byx", PixelType::UInt8, 65536, 2, 3))), std::string("format"));
  QCOMPARE(refused(requestOf(pathIn(folder, "a.png"), "", specOf("byx", PixelType::UInt8, 5, 20, 30))), std::string("format"));
  SinkRequest request = requestOf(path, "", spec);
  request.compress = "rar";
  QCOMPARE(refused(request), std::string("compress"));
  for (const PixelType type : {PixelType::Int64, PixelType::UInt64, PixelType::Complex64}) {
    request.compress = "lerc";
    request.spec = specOf("byx", type, 2, 20, 30);
    QCOMPARE(refused(request), std::string("compress"));
  }
  request.spec = spec;
  request.compress = "";
  request.overviews = "many";
  QCOMPARE(refused(request), std::string("overviews"));
  request.overviews = "";
  request.interleave = "line";
  QCOMPARE(refused(request), std::string("interleave"));
}

void TestSinks::interleaveIsRefusedWhereItCannotBe() {
  QTemporaryDir folder;
  const auto asked = [&](const char* name, const ArraySpec& spec, const char* interleave, const char* compress = "",
                         const char* overviews = "") {
    SinkRequest request = requestOf(pathIn(folder, name), spec, compress);
    request.interleave = interleave;
    request.overviews = overviews;
    return refused(request);
  };
  const ArraySpec picture = specOf("byx", PixelType::UInt8, 3, 20, 30);
  for (const char* name : {"a.img", "a.nc", "a.zarr", "a.png"}) {
    QCOMPARE(asked(name, picture, "auto", "", "none"), std::string());
    QCOMPARE(asked(name, picture, "pixel"), std::string("interleave"));
    QCOMPARE(asked(name, picture, "band"), std::string("interleave"));
    QCOMPARE(asked(name, picture, "", "", "all"), std::string("overviews"));
  }
  QCOMPARE(asked("a.tif", picture, "pixel", "lerc"), std::string("interleave"));
  QCOMPARE(asked("a.tif", picture, "auto", "lerc"), std::string());
  QCOMPARE(asked("a.tif", specOf("yx", PixelType::UInt8, 1, 20, 30), "pixel", "lerc"), std::string());
  QCOMPARE(asked("a.tif", specOf("yx", PixelType::UInt8, 1, 20, 30), "line"), std::string("interleave"));
  // 16 x 16 x 8192 x 4 bytes are 8 MiB.
  QCOMPARE(asked("a.tif", specOf("nyx", PixelType::Float32, 8192, 20, 30), "pixel"), std::string());
  QCOMPARE(asked("a.tif", specOf("nyx", PixelType::Float32, 8193, 20, 30), "pixel"), std::string("interleave"));
  QCOMPARE(asked("a.tif", specOf("nyx", PixelType::Float32, 8193, 20, 30), "auto"), std::string());
}

void TestSinks::overwriting() {
  QTemporaryDir folder;
  for (const char* name : {"a.tif", "b.img", "c.png"}) {
    SinkRequest request = requestOf(pathIn(folder, name), "", specOf("yx", PixelType::UInt8, 1, 20, 30));
    QCOMPARE(write(request), QString());
    const QByteArray before = contentOf(request.path);
    QCOMPARE(refused(request), std::string("path"));
    QVERIFY(m_sinks->plan(request).error().message.find("exists; set overwrite=true") != std::string::npos);
    QVERIFY(!m_sinks->open(request, BufferPool()));
    QCOMPARE(contentOf(request.path), before);

    QFile stale(QString::fromStdString(request.path) + ".aux.xml");
    QVERIFY(stale.open(QIODevice::WriteOnly));
    stale.close();
    request.overwrite = true;
    request.spec = specOf("yx", PixelType::UInt8, 1, 21, 30);
    QCOMPARE(write(request), QString());
    QVERIFY(contentOf(request.path) != before);
    QVERIFY(!stale.exists());
  }
}

void TestSinks::enviHeaderIsGuarded() {
  QTemporaryDir folder;
  QFile header(folder.filePath("cube.hdr"));
  QVERIFY(header.open(QIODevice::WriteOnly));
  header.write("of another cube");
  header.close();
  QCOMPARE(refused(requestOf(pathIn(folder, "cube.bil"), "", specOf("yx", PixelType::UInt8, 1, 20, 30))), std::string("path"));
}

void TestSinks::pngPictures() {
  for (const auto& [order, bands] : {std::pair<const char*, int>{"yx", 1}, {"byx", 2}, {"yxb", 3}, {"byx", 4}}) {
    for (const PixelType type : {PixelType::UInt8, PixelType::UInt16}) {
      QTemporaryDir folder;
      const SinkRequest request = requestOf(pathIn(folder, "a.png"), "", specOf(order, type, bands, 20, 30));
      QCOMPARE(checkSink(*m_sinks, request), QString());
    }
  }
}

void TestSinks::writesPngImages() {
  QTemporaryDir folder;
  const std::string path = pathIn(folder, "a.png");
  const std::vector<std::uint8_t> rgba{255, 0, 0, 255, 0, 255, 0, 128, 1, 2, 3, 4, 9, 8, 7, 0, 0, 0, 255, 255, 5, 6, 7, 8};
  QVERIFY(writePng(path, 3, 2, rgba.data()).has_value());
  const ReadRaster back = readRaster(path, "PNG");
  QCOMPARE(back.bands, 4);
  QCOMPARE(back.cols, 3);
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t b = 0; b < 4; ++b) QCOMPARE(std::to_integer<int>(back.pixels[b * 6 + i]), static_cast<int>(rgba[i * 4 + b]));
  QVERIFY(!writePng(pathIn(folder, "no/a.png"), 3, 2, rgba.data()).has_value());
  QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList{"a.png"});
}

QTEST_GUILESS_MAIN(TestSinks)
#include "tst_sinks.moc"
