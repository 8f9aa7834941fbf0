// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters read through GDAL, against GDAL's own facts; and what must never be opened.
#include <QtTest>

#include <algorithm>
#include <cmath>

#include "engine/base/redact.h"
#include "engine/io/file/trusted_files.h"
#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"
#include "tests/support/raster_facts.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;

class TestGdalSource : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }
  static std::string data(const char* name) { return std::string(CUBELOOM_TEST_DATA "/geotiff/") + name; }
  std::shared_ptr<Source> open(const std::string& path) {
    auto source = m_provider->open({path, {}, {}});
    if (!source) qWarning("%s", source.error().text().c_str());
    return source ? *source : nullptr;
  }
  bool hasNote(const std::string& path, const std::string& start) {
    const auto info = m_provider->info(path);
    if (!info) return false;
    return std::any_of(info->notes.begin(), info->notes.end(), [&](const std::string& note) { return note.starts_with(start); });
  }

 private slots:
  void realFiles_data() {
    QTest::addColumn<QString>("file");
    for (const char* file :
         {"complex_int16_gcps.tif", "emit_cwc_dangermond_20230219.tif", "enmap_potsdam_tile_160_64.tif", "int16_scale_offset.tif",
          "rgb_mask_tiny.tif", "rpc_uint16.tif", "sentinel2_l2a_nan.tif", "sentinel2_south_up.tif", "skewed_utm11n_f64.tif"})
      QTest::newRow(file) << QString(file);
  }
  void realFiles() {
    QFETCH(QString, file);
    const auto source = open(data(file.toUtf8().constData()));
    QVERIFY(source);
    QCOMPARE(test::factsProblem(*source, CUBELOOM_TEST_DATA, "geotiff/" + file.toStdString()), std::string());
    QCOMPARE(test::sourceProblem(*source, CostPromise::UpperBound), std::string());
  }

  void describes() {
    const ArraySpec enmap = open(data("enmap_potsdam_tile_160_64.tif"))->spec();
    QCOMPARE(enmap.dimNames(), (std::vector<std::string>{"wavelength", "y", "x"}));
    QCOMPARE(enmap.dims[0].coordinate.labels.front(), std::string("band 1 (418.24 Nanometers)"));
    QCOMPARE(enmap.dims[0].coordinate.aux.at("fwhm").front(), 6.99561);
    QCOMPARE(enmap.dims[0].coordinate.aux.at("good")[0], 1.0);
    QCOMPARE(enmap.dims[0].coordinate.aux.at("good")[130], 0.0);
    QCOMPARE(enmap.storage.block, (std::vector<std::int64_t>{1, 32, 32}));

    const ArraySpec picture = open(data("rgb_mask_tiny.tif"))->spec();
    QCOMPARE(picture.dimNames(), (std::vector<std::string>{"band", "y", "x"}));
    QCOMPARE(picture.storage.block, (std::vector<std::int64_t>{3, 64, 64}));
    QCOMPARE(picture.storage.name, std::string("tiles 64 x 64"));

    const auto southUp = open(data("sentinel2_south_up.tif"));
    QVERIFY(southUp->spec().geobox->affine().e > 0);
    QVERIFY(std::isnan(southUp->spec().nodata.value()));
    QCOMPARE(southUp->touchedLines({IndexSet::single(0), IndexSet::single(12), IndexSet::all(95)}),
             (std::vector<std::pair<std::int64_t, std::int64_t>>{{10, 5}}));

    QVERIFY(hasNote(data("rpc_uint16.tif"), "the raster is placed by RPCs"));
    QVERIFY(hasNote(data("complex_int16_gcps.tif"), "the raster has 210 ground control points"));
    QVERIFY(hasNote(data("int16_scale_offset.tif"), "values are as stored: each band has"));
    QVERIFY(hasNote(data("skewed_utm11n_f64.tif"), "nodata is not declared"));
  }

  void costIsWholeBlocks() {
    const auto source = open(data("int16_scale_offset.tif"));
    const ReadCost onePixel = source->cost({IndexSet::single(0), IndexSet::single(0), IndexSet::single(0)});
    const ReadCost bothBands = source->cost({IndexSet::all(2), IndexSet::range(0, 64), IndexSet::range(0, 64)});
    QCOMPARE(onePixel.extents, 1.0);
    QCOMPARE(bothBands.bytes, onePixel.bytes);
    QCOMPARE(source->cost({IndexSet::all(2), IndexSet::range(0, 3, 100), IndexSet::range(63, 2, 1)}).extents, 6.0);
  }

  void neverOpened_data() {
    QTest::addColumn<QString>("path");
    for (const char* path :
         {"MEM:::DATAPOINTER=1,PIXELS=10,LINES=10", "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"/>", "/vsimem/x.tif",
          "/vsicurl/http://localhost/x.tif", "http://localhost/x.tif", "NETCDF:x.nc:rain", "", "/dev/zero", "/dev/stdin"})
      QTest::newRow(path) << QString(path);
  }
  void neverOpened() {
    QFETCH(QString, path);
    const auto source = m_provider->open({path.toStdString(), {}, {}});
    QVERIFY(!source);
    QVERIFY(source.error().code == ErrorCode::OpenFailed || source.error().code == ErrorCode::InvalidParameter);
  }

  void folder() {
    const auto source = m_provider->open({m_dir.path().toStdString(), {}, {}});
    QVERIFY(!source);
    QVERIFY(source.error().message.find("is a folder") != std::string::npos);
  }

  /// A VRT is a program over other files: only where the user trusts it, whatever it is called.
  void vrtOnlyOnTrust() {
    const std::string vrt =
        "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><VRTRasterBand dataType=\"Float64\" band=\"1\"><SimpleSource>"
        "<SourceFilename relativeToVRT=\"1\">skewed.tif"
        "</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>";
    QVERIFY(QFile::copy(QString::fromStdString(data("skewed_utm11n_f64.tif")), QString::fromStdString(at("skewed.tif"))));
    test::writeFile(at("disguised.tif"), vrt);
    test::writeFile(at("honest.vrt"), vrt);
    for (const char* name : {"disguised.tif", "honest.vrt"}) {
      const auto source = m_provider->open({at(name), {}, {}});
      QVERIFY(!source);
      QCOMPARE(source.error().code, ErrorCode::OpenFailed);
    }
    // Whoever wrote the chain may name the driver.
    QVERIFY(!m_provider->open({at("honest.vrt"), {}, "VRT"}));
    const auto trust = makeTrustedFiles("");
    QVERIFY(trust->trustForNow(at("honest.vrt")));
    const auto onPurpose = makeFileProvider({.trust = trust})->open({at("honest.vrt"), {}, "VRT"});
    QVERIFY2(onPurpose, onPurpose ? "" : onPurpose.error().text().c_str());
    QCOMPARE(test::sourceProblem(**onPurpose, CostPromise::UpperBound), std::string());
    QVERIFY(!m_provider->open({at("disguised.tif"), {}, {}}));
  }

  // EPSG:32610 is written with the datum of 1984 or with the ensemble that it has become, by what GDAL has opened before: to EPSG it is
  // one. A file that says the code of something else is taken by what it describes.
  void oneCodeIsOneCrs() {
    const auto wktOf = [](const std::string& datum, int easting) {
      return "PROJCRS[\"WGS 84 / UTM zone 10N\",BASEGEOGCRS[\"WGS 84\"," + datum +
             ",PRIMEM[\"Greenwich\",0,ANGLEUNIT[\"degree\",0.0174532925199433]],ID[\"EPSG\",4326]],CONVERSION[\"UTM zone "
             "10N\",METHOD[\"Transverse "
             "Mercator\",ID[\"EPSG\",9807]],PARAMETER[\"Latitude of natural "
             "origin\",0,ANGLEUNIT[\"degree\",0.0174532925199433],ID[\"EPSG\",8801]],"
             "PARAMETER[\"Longitude of natural origin\",-123,ANGLEUNIT[\"degree\",0.0174532925199433],ID[\"EPSG\",8802]],PARAMETER[\"Scale "
             "factor at natural origin\",0.9996,SCALEUNIT[\"unity\",1],ID[\"EPSG\",8805]],PARAMETER[\"False easting\"," +
             std::to_string(easting) +
             ",LENGTHUNIT[\"metre\",1],ID[\"EPSG\",8806]],PARAMETER[\"False northing\",0,LENGTHUNIT[\"metre\",1],ID[\"EPSG\",8807]]],"
             "CS[Cartesian,2],AXIS[\"(E)\",east,ORDER[1],LENGTHUNIT[\"metre\",1]],AXIS[\"(N)\",north,ORDER[2],LENGTHUNIT[\"metre\",1]],"
             "ID[\"EPSG\",32610]]";
    };
    const std::string ellipsoid = "ELLIPSOID[\"WGS 84\",6378137,298.257223563,LENGTHUNIT[\"metre\",1]]";
    const std::string datum = "DATUM[\"World Geodetic System 1984\"," + ellipsoid + "]";
    const std::string ensemble = "ENSEMBLE[\"World Geodetic System 1984 ensemble\",MEMBER[\"World Geodetic System 1984 (Transit)\"]," +
                                 std::string("MEMBER[\"World Geodetic System 1984 (G2139)\"],") + ellipsoid + ",ENSEMBLEACCURACY[2.0]]";
    const auto trust = makeTrustedFiles("");
    const auto provider = makeFileProvider({.trust = trust});
    const auto crsOf = [&](const char* name, std::string wkt) {
      for (std::size_t i = wkt.find('"'); i != wkt.npos; i = wkt.find('"', i)) wkt.replace(i, 1, "&quot;");
      test::writeFile(at(name), "<VRTDataset rasterXSize=\"3\" rasterYSize=\"2\"><SRS>" + wkt +
                                    "</SRS><GeoTransform>500000, 10, 0, 4000000, 0, -10</GeoTransform>"
                                    "<VRTRasterBand dataType=\"Byte\" band=\"1\"/></VRTDataset>");
      if (!trust->trustForNow(at(name))) return Crs();
      const auto source = provider->open({at(name), {}, "VRT"});
      if (!source) qWarning("%s", source.error().text().c_str());
      return source ? (*source)->spec().geobox->crs() : Crs();
    };
    const Crs known = *Crs::fromUser("EPSG:32610");
    const Crs byDatum = crsOf("datum.vrt", wktOf(datum, 500000)), byEnsemble = crsOf("ensemble.vrt", wktOf(ensemble, 500000));
    QCOMPARE(byDatum.wkt(), known.wkt());
    QCOMPARE(byEnsemble.wkt(), known.wkt());
    const Crs other = crsOf("other.vrt", wktOf(datum, 400000));
    QVERIFY(other.isValid() && !other.isSameAs(known));
  }

  void drivers() {
    for (const char* name : {"MRF", "HTTP", "WMS", "nonsense"}) {
      const auto source = m_provider->open({data("rgb_mask_tiny.tif"), {}, name});
      QVERIFY(!source);
      QCOMPARE(source.error().code, ErrorCode::InvalidParameter);
      QCOMPARE(source.error().parameter, std::string("driver"));
    }
    const auto other = m_provider->open({data("rgb_mask_tiny.tif"), {}, "PNG"});
    QVERIFY(!other);
    QCOMPARE(other.error().code, ErrorCode::OpenFailed);
  }

  /// A TIFF that is its directory alone.
  static std::string tiffOf(const std::vector<std::array<std::uint32_t, 2>>& tags) {
    std::string tiff("II*\0\x08\0\0\0", 8);
    const auto number = [&tiff](std::size_t value, int bytes) {
      for (int i = 0; i < bytes; ++i) tiff += static_cast<char>(value >> (8 * i));
    };
    number(tags.size(), 2);
    for (const auto& [tag, value] : tags) {
      number(tag, 2);
      number(4, 2);
      number(1, 4);
      number(value, 4);
    }
    number(0, 4);
    return tiff;
  }

  void blockTooLarge() {
    test::writeFile(
        at("tile.tif"),
        tiffOf({{256, 32768}, {257, 32768}, {258, 8}, {259, 8}, {262, 1}, {277, 1}, {322, 32768}, {323, 32768}, {324, 200}, {325, 100}}));
    const auto source = m_provider->open({at("tile.tif"), {}, {}});
    QVERIFY(!source);
    QCOMPARE(source.error().code, ErrorCode::OpenFailed);
    QVERIFY2(source.error().message.find("the limit is 512 MiB") != std::string::npos, source.error().text().c_str());
  }

  /// 10^12 pixels in 128 bytes of file: harmless to open, and an error where the pixels should be.
  void pixelsThatAreNotThere() {
    test::writeFile(
        at("bomb.tif"),
        tiffOf({{256, 1000000}, {257, 1000000}, {258, 8}, {259, 1}, {262, 1}, {273, 200}, {277, 1}, {278, 1000000}, {279, 1000000}}));
    const auto source = m_provider->open({at("bomb.tif"), {}, {}});
    QVERIFY(source);
    BufferPool pool;
    const Block block = makeBlock(pool, PixelType::UInt8, {1, 1, 100});
    ReadContext context;
    const auto read = (*source)->read({IndexSet::single(0), IndexSet::single(9), IndexSet::range(0, 100)}, block.view, context);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::ReadFailed);
  }

  void brokenTiles() {
    QFile file(QString::fromStdString(data("int16_scale_offset.tif")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray bytes = file.readAll();
    for (qsizetype i = bytes.size() / 2; i < bytes.size(); i += 3) bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
    test::writeFile(at("broken.tif"), bytes.toStdString());
    const auto source = m_provider->open({at("broken.tif"), {}, {}});
    if (!source) return;
    BufferPool pool;
    const Block block = makeBlock(pool, (*source)->spec().type, (*source)->spec().shape());
    ReadContext context;
    const auto read = (*source)->read(fullRegion((*source)->spec().shape()), block.view, context);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::ReadFailed);
    QVERIFY(read.error().message.find("broken.tif") != std::string::npos);
  }

  void secrets_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("redacted");
    QTest::newRow("token") << "GET http://h/x?token=abc123&v=1 failed"
                           << "GET http://h/x?token=***&v=1 failed";
    QTest::newRow("signature") << "http://h/x?X-Amz-Signature=ff0a"
                               << "http://h/x?X-Amz-Signature=***";
    QTest::newRow("header") << "Authorization: Bearer abc.def"
                            << "Authorization: Bearer ***";
    QTest::newRow("user") << "http://me:pass@host/x: 404"
                          << "http://me:***@host/x: 404";
    QTest::newRow("nothing secret") << "band=3: http://host:80/x@2"
                                    << "band=3: http://host:80/x@2";
  }
  void secrets() {
    QFETCH(QString, text);
    QFETCH(QString, redacted);
    QCOMPARE(QString::fromStdString(redactSecrets(text.toStdString())), redacted);
  }
};

QTEST_GUILESS_MAIN(TestGdalSource)
#include "tst_gdal_source.moc"
