// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which GDAL 3.6 lays out and compresses a raster, through the suite for sources.
#include <QtTest>
#include <cmath>
#include <complex>

#include "engine/io/file/trusted_files.h"
#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_writer.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;
using cubeloom::test::GdalFile;

namespace {

constexpr int kRows = 53, kCols = 61;

/// Different between neighbours, smooth enough for lossy codecs, below 256; of complex pixels the imaginary part is the other way round.
template <class T>
T pixelAt(int band, int row, int col) {
  const int value = 40 + row + col + 20 * band;
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(sizeof(T) == 1 ? value : value * 101);
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value) * T(0.37) - T(9.1);
  } else {
    return T(static_cast<typename T::value_type>(value), static_cast<typename T::value_type>(-3 * value));
  }
}

std::vector<std::byte> pixelsOf(const GdalFile& file) {
  std::vector<std::byte> bytes;
  dispatchPixelType(file.type, [&](auto sample) {
    using T = decltype(sample);
    for (int b = 0; b < file.bands; ++b)
      for (int r = 0; r < file.rows; ++r)
        for (int c = 0; c < file.cols; ++c) {
          const T value = pixelAt<T>(b, r, c);
          const auto* p = reinterpret_cast<const std::byte*>(&value);
          bytes.insert(bytes.end(), p, p + sizeof(T));
        }
  });
  return bytes;
}

/// The largest difference of a whole array, [band, y, x] or [y, x], from `expected`.
double worstOf(const Block& whole, const std::vector<std::byte>& expected) {
  double worst = 0;
  dispatchPixelType(whole.view.type, [&](auto sample) {
    using T = decltype(sample);
    const T* got = whole.view.as<T>();
    const T* wanted = reinterpret_cast<const T*>(expected.data());
    for (std::int64_t i = 0; i < whole.view.count(); ++i) {
      if constexpr (std::is_arithmetic_v<T>) {
        worst = std::max(worst, std::abs(static_cast<double>(got[i]) - static_cast<double>(wanted[i])));
      } else {
        worst = std::max(worst, static_cast<double>(std::abs(got[i] - wanted[i])));
      }
    }
  });
  return worst;
}

}  // namespace

class TestGdalFormats : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  GdalFile fileOf(const QString& driver, int type, int bands, const QString& options) const {
    GdalFile file;
    file.path = m_dir.filePath("raster").toStdString();
    file.driver = driver.toStdString();
    file.type = static_cast<PixelType>(type);
    file.bands = bands;
    file.rows = kRows;
    file.cols = kCols;
    for (const QString& option : options.split(' ', Qt::SkipEmptyParts)) file.options.push_back(option.toStdString());
    return file;
  }
  void check(const std::string& path, const GdalFile& file, const std::vector<std::byte>& expected, double tolerance,
             const std::string& driver = {}) {
    const auto source = m_provider->open({path, {}, driver});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    QCOMPARE(static_cast<int>((*source)->spec().type), static_cast<int>(file.type));
    QCOMPARE((*source)->spec().count(), static_cast<std::int64_t>(file.bands) * file.rows * file.cols);
    BufferPool pool;
    const Block whole = test::readWhole(**source, pool);
    QVERIFY(whole.buffer);
    const double worst = worstOf(whole, expected);
    QVERIFY2(worst <= tolerance, qPrintable(QString::number(worst)));
    QCOMPARE(test::sourceProblem(**source, CostPromise::UpperBound), std::string());
  }

 private slots:
  void layouts_data() {
    QTest::addColumn<QString>("driver");
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("bands");
    QTest::addColumn<QString>("options");
    QTest::addColumn<double>("tolerance");
    const auto row = [](const char* driver, PixelType type, int bands, const QString& options, double tolerance = 0) {
      QTest::addRow("%s %s %s", driver, std::string(pixelTypeName(type)).c_str(), qPrintable(options))
          << QString(driver) << static_cast<int>(type) << bands << options << tolerance;
    };
    using enum PixelType;
    const QString tiles = "TILED=YES BLOCKXSIZE=32 BLOCKYSIZE=16 ", strips = "BLOCKYSIZE=7 ";
    for (const QString& blocks : {tiles, strips})
      for (const QString& order : {QString("INTERLEAVE=PIXEL "), QString("INTERLEAVE=BAND ")}) {
        for (const char* codec : {"NONE", "LZW", "PACKBITS", "DEFLATE", "ZSTD", "LZMA", "LERC", "LERC_DEFLATE", "LERC_ZSTD"})
          row("GTiff", codec[0] == 'P' ? UInt8 : codec[0] == 'L' ? Float32 : Int16, 3, blocks + order + "COMPRESS=" + codec);
        for (const char* codec : {"LZW", "DEFLATE", "ZSTD"}) {
          row("GTiff", UInt16, 3, blocks + order + "PREDICTOR=2 COMPRESS=" + codec);
          row("GTiff", Float32, 3, blocks + order + "PREDICTOR=3 COMPRESS=" + codec);
        }
      }
    for (const PixelType type : {UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float32, Float64, Complex64, Complex128})
      row("GTiff", type, 2, tiles + "COMPRESS=DEFLATE");
    for (const PixelType type : {UInt8, Int32, UInt64}) row("GTiff", type, 2, tiles + "COMPRESS=LZW PREDICTOR=2");
    row("GTiff", Float64, 2, tiles + "COMPRESS=DEFLATE PREDICTOR=3");
    row("GTiff", Int16, 3, tiles + "ENDIANNESS=BIG");
    row("GTiff", Int16, 3, strips + "ENDIANNESS=BIG COMPRESS=ZSTD PREDICTOR=2");
    row("GTiff", Int16, 3, tiles + "BIGTIFF=YES COMPRESS=LZW");
    row("GTiff", UInt8, 1, "NBITS=8 COMPRESS=PACKBITS");
    row("GTiff", UInt8, 3, tiles + "INTERLEAVE=PIXEL COMPRESS=WEBP WEBP_LOSSLESS=YES");
    row("GTiff", UInt8, 3, tiles + "INTERLEAVE=PIXEL COMPRESS=JPEG PHOTOMETRIC=YCBCR JPEG_QUALITY=95", 16);
    row("GTiff", UInt8, 3, "INTERLEAVE=BAND BLOCKYSIZE=8 COMPRESS=JPEG JPEG_QUALITY=95", 5);
    row("COG", Float32, 3, "COMPRESS=ZSTD PREDICTOR=YES BLOCKSIZE=128");
    row("PNG", UInt8, 3, "");
    row("PNG", UInt16, 1, "");
    row("JPEG", UInt8, 3, "QUALITY=95", 12);
    row("JP2OpenJPEG", UInt8, 3, "QUALITY=100 REVERSIBLE=YES YCBCR420=NO");
    row("JP2OpenJPEG", UInt16, 1, "QUALITY=100 REVERSIBLE=YES BLOCKXSIZE=32 BLOCKYSIZE=32");
  }
  void layouts() {
    QFETCH(QString, driver);
    QFETCH(int, type);
    QFETCH(int, bands);
    QFETCH(QString, options);
    QFETCH(double, tolerance);
    const GdalFile file = fileOf(driver, type, bands, options);
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    check(file.path, file, pixels, tolerance);
  }

  /// Of a palette the numbers are read, not the colours; overviews change nothing.
  void palettesAndOverviews() {
    GdalFile file = fileOf("GTiff", static_cast<int>(PixelType::UInt8), 1, "TILED=YES BLOCKXSIZE=16 BLOCKYSIZE=16 COMPRESS=LZW");
    file.overviews = {2, 4};
    file.hasPalette = true;
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    check(file.path, file, pixels, 0);
  }

  void virtualMosaic() {
    GdalFile file = fileOf("GTiff", static_cast<int>(PixelType::Int16), 3, "COMPRESS=LZW");
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    constexpr int kCut = 20;
    const std::string vrt = m_dir.filePath("two.vrt").toStdString();
    test::writeFile(vrt, test::vrtOfTwoParts(file, kCut));
    std::vector<std::byte> expected;
    const auto rowBytes = static_cast<std::ptrdiff_t>(kCols * sizeof(std::int16_t));
    for (int band = 0; band < file.bands; ++band)
      for (int row = 0; row < kRows; ++row) {
        const auto from = pixels.begin() + (band * kRows + (row + kCut) % kRows) * rowBytes;
        expected.insert(expected.end(), from, from + rowBytes);
      }
    const auto trust = makeTrustedFiles("");
    QVERIFY(trust->trustForNow(vrt));
    m_provider = makeFileProvider({.trust = trust});
    check(vrt, file, expected, 0, "VRT");
    check(vrt, file, expected, 0);  // trusted, it needs no driver
  }

  void openByThemselves_data() {
    QTest::addColumn<QString>("driver");
    QTest::addColumn<QString>("suffix");
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("bands");
    QTest::addColumn<QString>("options");
    const auto row = [](const char* driver, const char* suffix, PixelType type, int bands, const char* options = "") {
      QTest::newRow(driver) << QString(driver) << QString(suffix) << static_cast<int>(type) << bands << QString(options);
    };
    using enum PixelType;
    row("HFA", ".img", Int16, 3);
    row("AAIGrid", ".asc", Int32, 1);
    row("EHdr", ".bil", Int16, 3);
    row("NITF", ".ntf", UInt16, 3);
    row("PCIDSK", ".pix", Float32, 3);
    row("HDF4Image", ".hdf", Int16, 3);
    row("GPKG", ".gpkg", Int16, 1, "TILE_FORMAT=PNG TILING_SCHEME=CUSTOM BLOCKSIZE=256");
  }
  /// Known by what they begin with, without driver=, whatever an ENVI header would be called.
  void openByThemselves() {
    QFETCH(QString, driver);
    QFETCH(QString, suffix);
    QFETCH(int, type);
    QFETCH(int, bands);
    QFETCH(QString, options);
    GdalFile file = fileOf(driver, type, bands, options);
    file.path = m_dir.filePath("people" + suffix).toStdString();
    if (driver == "AAIGrid") file.geotransform = {500000, 25, 0, 4000000, 0, -25};
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    check(file.path, file, pixels, 0);
    const auto info = m_provider->info(file.path);
    QVERIFY2(info, info ? "" : info.error().text().c_str());
    QCOMPARE(info->variables.size(), std::size_t{1});
  }

  void grib() {
    GdalFile file = fileOf("GRIB", static_cast<int>(PixelType::Float64), 2, "DATA_ENCODING=IEEE_FLOATING_POINT NBITS=64");
    file.path = m_dir.filePath("weather.grb2").toStdString();
    file.crs = "EPSG:4326";
    file.geotransform = {5, 0.25, 0, 50, 0, -0.25};
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    check(file.path, file, pixels, 1e-5);  // the driver packs as float32
  }

  /// Each band an array of its own in the file.
  void arraysOfAFileAreItsVariables() {
    GdalFile file = fileOf("HDF4Image", static_cast<int>(PixelType::Int16), 2, "RANK=2");
    file.path = m_dir.filePath("arrays.hdf").toStdString();
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    const auto info = m_provider->info(file.path);
    QVERIFY2(info, info ? "" : info.error().text().c_str());
    QCOMPARE(info->variables.size(), std::size_t{2});
    QCOMPARE(info->variables[1].name, std::string("Band1"));
    QVERIFY(info->notes.back().find("of 2 variables \"Band0\" is taken") != std::string::npos);
    const std::size_t half = pixels.size() / 2;
    for (const auto& [name, first] : {std::pair{"", std::size_t{0}}, {"Band0", std::size_t{0}}, {"Band1", half}}) {
      const auto source = m_provider->open({file.path, name, {}});
      QVERIFY2(source, source ? "" : source.error().text().c_str());
      BufferPool pool;
      const Block whole = test::readWhole(**source, pool);
      QVERIFY(whole.buffer);
      QCOMPARE(
          worstOf(whole, {pixels.begin() + static_cast<std::ptrdiff_t>(first), pixels.begin() + static_cast<std::ptrdiff_t>(first + half)}),
          0.0);
      QCOMPARE(test::sourceProblem(**source, CostPromise::UpperBound), std::string());
    }
    const auto missing = m_provider->open({file.path, "Band7", {}});
    QVERIFY(!missing && missing.error().parameter == "variable");
    QVERIFY(missing.error().message.find("it has Band0, Band1") != std::string::npos);
  }

  void rastersOfAGeoPackage() {
    GdalFile file = fileOf("GPKG", static_cast<int>(PixelType::Int16), 1, "");
    file.path = m_dir.filePath("two.gpkg").toStdString();
    const std::vector<std::byte> pixels = pixelsOf(file);
    for (const char* table : {"dem", "slope"}) {
      file.options = {std::string("RASTER_TABLE=") + table, "APPEND_SUBDATASET=YES", "TILE_FORMAT=PNG"};
      if (std::string(table) == "dem") file.options.erase(file.options.begin() + 1);
      QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    }
    const auto source = m_provider->open({file.path, "slope", {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    QCOMPARE((*source)->spec().variable, std::string("slope"));
    QCOMPARE((*source)->spec().dims[1].size, std::int64_t{kRows});
  }

  /// Of a VRT each band may say nodata by a value of its own. It becomes one that no band has as a value.
  void nodataOfEachBand() {
    GdalFile file = fileOf("GTiff", static_cast<int>(PixelType::UInt8), 3, "");
    const std::vector<std::byte> pixels = pixelsOf(file);
    QCOMPARE(test::writeGdalFile(file, pixels), std::string());
    std::string vrt = test::vrtOfTwoParts(file, 1);
    const auto declare = [&vrt](int band, int value) {
      const std::string start = "band=\"" + std::to_string(band) + "\">";
      vrt.insert(vrt.find(start) + start.size(), "<NoDataValue>" + std::to_string(value) + "</NoDataValue>");
    };
    declare(1, 61);
    declare(2, 90);  // the third has none
    const std::string path = m_dir.filePath("nodata.vrt").toStdString();
    test::writeFile(path, vrt);
    const auto trust = makeTrustedFiles("");
    QVERIFY(trust->trustForNow(path));
    const auto provider = makeFileProvider({.trust = trust});
    const auto source = provider->open({path, {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    const ArraySpec& spec = (*source)->spec();
    QCOMPARE(spec.type, PixelType::Int16);
    QCOMPARE(spec.nodata, std::optional<double>(-32768));
    BufferPool pool;
    const Block whole = test::readWhole(**source, pool);
    QVERIFY(whole.buffer);
    int missing = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const std::size_t plane = pixels.size() / 3, inPlane = (i % plane + kCols) % plane;  // the first row has become the last
      const int band = static_cast<int>(i / plane) + 1, stored = std::to_integer<int>(pixels[i / plane * plane + inPlane]);
      const bool isMissing = (band == 1 && stored == 61) || (band == 2 && stored == 90);
      missing += isMissing ? 1 : 0;
      QCOMPARE(static_cast<int>(whole.view.as<std::int16_t>()[i]), isMissing ? -32768 : stored);
    }
    QVERIFY(missing > 20);
    QCOMPARE(test::sourceProblem(**source, CostPromise::UpperBound), std::string());
    // A value that the user gives is one for all bands as they are stored.
    OpenRequest given{path, {}, {}};
    given.nodata = 61;
    QCOMPARE(provider->open(given).value()->spec().type, PixelType::UInt8);
  }

  /// Of a TIFF of two pages GDAL reads the first, whose pixels are 1: that there is another one is said.
  void furtherPagesAreSaid() {
    const std::string path = CUBELOOM_TEST_DATA "/geotiff/two_pages_2x2.tif";
    const auto info = m_provider->info(path);
    QVERIFY2(info, info ? "" : info.error().text().c_str());
    QVERIFY(std::any_of(info->notes.begin(), info->notes.end(),
                        [](const std::string& note) { return note.starts_with("the file holds 2 rasters, of which the first is read"); }));
  }

  /// A deprecated EPSG code is not read as its successor, which may be on another datum.
  void deprecatedCodesStay() {
    GdalFile file = fileOf("GTiff", static_cast<int>(PixelType::UInt8), 1, "");
    file.crs = "EPSG:3412";
    QCOMPARE(test::writeGdalFile(file, pixelsOf(file)), std::string());
    const auto source = m_provider->open({file.path, {}, {}});
    QVERIFY(source);
    QVERIFY((*source)->spec().geobox->crs().isSameAs(Crs::fromUser("EPSG:3412").value()));
    QVERIFY(!(*source)->spec().geobox->crs().isSameAs(Crs::fromUser("EPSG:3976").value()));
  }

  void bandsOfProducts_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("document");
    QTest::addColumn<QByteArray>("band");
    QTest::newRow("EnMAP") << "ENMAP01-L2A-SPECTRAL_IMAGE.TIF"
                           << "ENMAP01-L2A-METADATA.XML"
                           << QByteArray(
                                  "<bandID number=\"%1\"><wavelengthCenterOfBand>%2</wavelengthCenterOfBand><FWHMOfBand>6.5</FWHMOfBand>"
                                  "<GainOfBand>0.0001</GainOfBand><OffsetOfBand>0</OffsetOfBand></bandID>");
    QTest::newRow("DESIS") << "DESIS-HSI-SPECTRAL_IMAGE.tif"
                           << "DESIS-HSI-METADATA.xml"
                           << QByteArray(
                                  "<band><bandNumber>%1</bandNumber><wavelengthCenterOfBand> %2 </wavelengthCenterOfBand>"
                                  "<wavelengthWidthOfBand>6.5</wavelengthWidthOfBand><gainOfBand>0.0001</gainOfBand>"
                                  "<offsetOfBand>0.0</offsetOfBand></band>");
  }

  /// What a product's own document says of the bands of the TIFF beside it.
  void bandsOfProducts() {
    QFETCH(QString, name);
    QFETCH(QString, document);
    QFETCH(QByteArray, band);
    const QTemporaryDir folder;
    GdalFile file;
    file.path = folder.filePath(name).toStdString();
    file.type = PixelType::Int16;
    file.bands = 3;
    file.rows = kRows;
    file.cols = kCols;
    QCOMPARE(test::writeGdalFile(file, pixelsOf(file)), std::string());
    const auto open = [&] { return makeFileProvider()->open({.path = file.path, .variable = {}, .driver = {}}); };
    QCOMPARE((*open())->spec().dims[0].name, std::string("band"));
    const auto write = [&](int bands) {
      std::string xml = "<?xml version=\"1.0\"?><x><specific><bandCharacterisation>";
      for (int b = 0; b < bands; ++b) xml += QString(band).arg(b + 1).arg(423.03 + 10 * b).toStdString();
      test::writeFile(folder.filePath(document).toStdString(), xml + "</bandCharacterisation></specific></x>");
    };
    write(4);
    QCOMPARE((*open())->spec().dims[0].name, std::string("band"));  // of other bands
    write(3);
    const auto source = open();
    QVERIFY(source);
    const ArraySpec& spec = (*source)->spec();
    QCOMPARE(spec.dims[0].name, std::string("wavelength"));
    QCOMPARE(spec.dims[0].coordinate.values, (std::vector<double>{423.03, 433.03, 443.03}));
    QCOMPARE(spec.dims[0].coordinate.aux.at("fwhm"), (std::vector<double>{6.5, 6.5, 6.5}));
    QVERIFY(spec.storedScale && spec.storedScale->factor == 0.0001 && spec.storedScale->offset == 0);
  }
};

QTEST_GUILESS_MAIN(TestGdalFormats)
#include "tst_gdal_formats.moc"
