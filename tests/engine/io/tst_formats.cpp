// SPDX-License-Identifier: GPL-3.0-or-later
// The table of formats: what a file is by its bytes, whatever it is called; what a format is called, however it is spelled.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "engine/access/formats.h"
#include "engine/base/text.h"
#include "engine/io/file_provider.h"
#include "engine/io/formats.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/sink_requests.h"

using namespace cubeloom;
using namespace cubeloom::test;

class TestFormats : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  std::string copyOf(const char* data, const char* name) const {
    const QString to = m_folder.filePath(QString::fromLatin1(name));
    QFile::remove(to);
    return QFile::copy(QStringLiteral(CUBELOOM_TEST_DATA "/") + QString::fromLatin1(data), to) ? to.toStdString() : std::string();
  }
  static std::string driverOf(const std::string& path, const std::string& driver = {}) {
    const auto sources = makeFileProvider();
    if (auto opened = sources->open({.path = path, .variable = {}, .driver = driver}); !opened) return opened.error().message;
    auto info = sources->info(path);
    return info ? info->driver : info.error().message;
  }

 private slots:
  /// No word and no suffix means two formats, and every format is read or written by the row of its name.
  void everyWordMeansOneFormat() {
    std::set<std::string> words, suffixes;
    for (const FormatFacts& format : formats()) {
      QVERIFY2(words.insert(toLower(format.name)).second, format.name.c_str());
      for (const std::string& word : format.synonyms) QVERIFY2(words.insert(toLower(word)).second, word.c_str());
      for (const std::string& suffix : format.suffixes) QVERIFY2(suffixes.insert(suffix).second, suffix.c_str());
      const Format* row = formatRow(format.name);
      QVERIFY2(row != nullptr && row->facts == &format, format.name.c_str());
      QVERIFY2(row->open != nullptr || row->plan != nullptr, format.name.c_str());
      QCOMPARE(row->plan != nullptr, format.isWritten);
      QCOMPARE(row->openSink != nullptr, format.isWritten);
      QCOMPARE(!format.compressions.empty(), format.isWritten);
    }
    std::set<std::string> compressions;
    for (const std::string& compression : writtenCompressions()) {
      QVERIFY2(compressions.insert(compression).second, compression.c_str());
      for (const std::string& word : compressionSynonyms(compression)) QVERIFY2(compressions.insert(word).second, word.c_str());
    }
  }

  void knownByItsBytes_data() {
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("format");
    QTest::newRow("GeoTIFF") << QByteArray("geotiff/alpha_8x6.tif") << QByteArray("a.tif") << QByteArray("GTiff");
    QTest::newRow("GeoTIFF by another name") << QByteArray("geotiff/alpha_8x6.tif") << QByteArray("a.dat") << QByteArray("GTiff");
    QTest::newRow("NetCDF-3") << QByteArray("netcdf/classic.nc") << QByteArray("a.bin") << QByteArray("netCDF");
    QTest::newRow("NetCDF-4") << QByteArray("netcdf/chunked.nc") << QByteArray("a.nc4") << QByteArray("netCDF");
    QTest::newRow("NetCDF-4 by another name") << QByteArray("netcdf/chunked.nc") << QByteArray("a.tif") << QByteArray("HDF5");
    QTest::newRow("HDF5") << QByteArray("netcdf/latest.h5") << QByteArray("a.he5") << QByteArray("HDF5");
    QTest::newRow("HDF5 behind a user block") << QByteArray("netcdf/user_block.h5") << QByteArray("a.h5") << QByteArray("HDF5");
    QTest::newRow("kerchunk") << QByteArray("kerchunk/ang_rdn_ref.json") << QByteArray("a.json") << QByteArray("kerchunk");
    QTest::newRow("another JSON") << QByteArray("raster_facts.json") << QByteArray("a.json") << QByteArray();
    QTest::newRow("text") << QByteArray("README.md") << QByteArray("a.md") << QByteArray();
    QTest::newRow("VRT, by its name") << QByteArray("README.md") << QByteArray("a.vrt") << QByteArray("VRT");
  }
  void knownByItsBytes() {
    QFETCH(QByteArray, data);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, format);
    const std::string path = copyOf(data.constData(), name.constData());
    const auto found = recognizedFormat(path);
    QVERIFY(found.has_value());
    QCOMPARE(*found == nullptr ? QByteArray() : QByteArray::fromStdString((*found)->facts->name), format);
  }

  void aFolderIsZarr() {
    const auto found = recognizedFormat(CUBELOOM_TEST_DATA "/zarr/campaign.zarr");
    QVERIFY(found.has_value() && *found != nullptr);
    QCOMPARE((*found)->facts->name, std::string("Zarr"));
    QVERIFY(*recognizedFormat(CUBELOOM_TEST_DATA "/zarr") == nullptr);
  }

  /// Raw pixels may begin as a TIFF does: 18761 and 42 as int16 are "II*\0".
  void aHeaderBesideCountsMoreThanTheFirstBytes() {
    const std::string path = m_folder.filePath("raw.img").toStdString();
    EnviRaster raster;
    raster.samples = 2;
    raster.lines = raster.bands = 1;
    raster.dataType = 2;
    raster.write(path);
    writeFile(path, std::string("II*\0", 4));
    QCOMPARE(driverOf(path), std::string("ENVI"));
  }

  void aDriverBySeveralNames() {
    const std::string tiff = CUBELOOM_TEST_DATA "/geotiff/rpc_uint16.tif", classic = CUBELOOM_TEST_DATA "/netcdf/classic.nc";
    for (const char* word : {"GTiff", "gtiff", "tif", "GeoTIFF"}) QCOMPARE(driverOf(tiff, word), std::string("GTiff"));
    for (const char* word : {"netCDF", "NETCDF", "netcdf4", "nc", "hdf5"}) QCOMPARE(driverOf(classic, word), std::string("netCDF"));
    QVERIFY(driverOf(tiff, "netcdf").ends_with("is neither a NetCDF nor an HDF5 file"));
    QVERIFY(driverOf(tiff, "envi").find("has no ENVI header") != std::string::npos);
  }

  void writtenHoweverItIsSpelled_data() {
    QTest::addColumn<QString>("declared");
    QTest::addColumn<QString>("spelled");
    QTest::newRow("GDAL's words") << "x.tif format=GTiff compress=deflate"
                                  << "x.tif format=GTIFF compress=DEFLATE";
    QTest::newRow("rasterio's words") << "x.tif format=COG compress=lerc_zstd"
                                      << "x.tif format=cog compress=LERC_ZSTD";
    QTest::newRow("a short word") << "x.tif format=GTiff interleave=pixel"
                                  << "x.tif format=tif interleave=PIXEL";
    QTest::newRow("xarray's words") << "x.nc format=netCDF compress=deflate"
                                    << "x.nc format=netcdf4 compress=zlib";
    QTest::newRow("h5py's words") << "x.nc compress=deflate"
                                  << "x.nc format=h5netcdf compress=gzip";
    QTest::newRow("Zarr") << "x.zarr format=Zarr compress=none"
                          << "x.zarr format=zarr compress=NONE";
    QTest::newRow("by the suffix") << "x.tif format=GTiff"
                                   << "x.GTIFF";
  }
  void writtenHoweverItIsSpelled() {
    QFETCH(QString, declared);
    QFETCH(QString, spelled);
    const Engine engine;
    QByteArray bytes[2];
    for (const int i : {0, 1}) {
      const QTemporaryDir folder;
      const QString output = i == 0 ? declared : spelled;
      const auto report = engine.run("open " CUBELOOM_TEST_DATA "/geotiff/rgb_mask_tiny.tif ! write " + folder.path().toStdString() + "/" +
                                     output.toStdString());
      QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
      bytes[i] = contentOf(folder.path().toStdString() + "/" + output.section(' ', 0, 0).toStdString());
    }
    QVERIFY(!bytes[0].isEmpty());
    QVERIFY(bytes[0] == bytes[1]);
  }

  void whatAFormatDoesNotTakeIsRefused_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("compress");
    QTest::addColumn<QString>("refusal");
    QTest::newRow("ENVI") << "a.img"
                          << "lzw"
                          << "compress: compression 'lzw' is not for ENVI; use none, or leave it out";
    QTest::newRow("PNG") << "a.png"
                         << "zstd"
                         << "compress: compression 'zstd' is not for PNG; use none, deflate, or leave it out";
    QTest::newRow("NetCDF") << "a.nc"
                            << "zstd"
                            << "compress: compression 'zstd' is not for netCDF; use none, deflate, or leave it out";
    QTest::newRow("GeoTIFF") << "a.tif"
                             << "blosc"
                             << "compress: compression 'blosc' is not for GTiff";
    QTest::newRow("no suffix") << "a"
                               << ""
                               << "format: the name 'a' does not tell a format; use format=GTiff, COG, ENVI, netCDF, Zarr, PNG";
    QTest::newRow("read only") << "a.jp2"
                               << ""
                               << "format: the name 'a.jp2' does not tell a format";
  }
  void whatAFormatDoesNotTakeIsRefused() {
    QFETCH(QString, name);
    QFETCH(QString, compress);
    QFETCH(QString, refusal);
    const Engine engine;
    const auto plan = engine.sinks->plan(
        requestOf(m_folder.filePath(name).toStdString(), specOf("byx", PixelType::UInt8, 3, 20, 30), compress.toStdString()));
    QVERIFY(!plan.has_value());
    const QString said = QString::fromStdString(plan.error().parameter + ": " + plan.error().message + "; " + plan.error().hint);
    QVERIFY2(said.startsWith(refusal), qPrintable(said));
  }
};

QTEST_GUILESS_MAIN(TestFormats)
#include "tst_formats.moc"
