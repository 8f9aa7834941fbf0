// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are not opened as they stand say what they are and what to do.
#include <QtTest>

#include "engine/io/catalog/catalog_reader.h"
#include "engine/io/file/known_file.h"
#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

class TestKnownFile : public QObject {
  Q_OBJECT

  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }
  std::string put(const char* name, const std::string& bytes) const {
    test::writeFile(at(name), bytes);
    return at(name);
  }

 private slots:
  void kinds_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("remedy");
    const auto row = [](const char* name, const QByteArray& bytes, const char* what, const char* remedy) {
      QTest::newRow(name) << QString(name) << bytes << QString(what) << QString(remedy);
    };
    row("lakes.shp", QByteArray("\0\0\x27\x0A", 4) + QByteArray(96, '\0'), "a shapefile: vectors", "gdal_rasterize");
    row("lakes.gpkg", QByteArray("SQLite format 3\0", 16) + QByteArray(52, '\1') + "GPKG", "a GeoPackage", "export a layer");
    row("cache.db", QByteArray("SQLite format 3\0", 16) + QByteArray(60, '\1'), "an SQLite database", "export a layer");
    row("lakes.geojson", "{ \"type\": \"FeatureCollection\", \"features\": [] }", "a GeoJSON file: vectors", "gdal_rasterize");
    row("item.json", R"({"stac_version": "1.0.0", "type": "Feature", "id": "i"})", "a STAC catalog or item", "cubeloom-cli catalog");
    row("catalog.yml", "metadata: {}\nsources:\n  a: {}\n", "an intake catalog", "cubeloom-cli catalog");
    row("places.kml", "<?xml version=\"1.0\"?>\n<kml></kml>", "a KML file: vectors", "gdal_rasterize");
    row("scene.tar", QByteArray(257, 'x') + "ustar", "a tar archive", "/vsitar/");
    row("scene.zip", "PK\x03\x04", "a ZIP archive", "/vsizip/");
    row("land.img", "EHFA_HEADER_TAG", "an ERDAS Imagine raster, but", "damaged");
    row("dem.asc", "  NCOLS 4\nNROWS 2\n", "an ASCII grid, but", "damaged");
    row("scene.ntf", "NITF02.10", "a NITF file, but", "damaged");
    row("scene.pix", "PCIDSK  SDK V1.0", "a PCIDSK file, but", "damaged");
    row("pressure.bin", "GRIB\0\0", "a GRIB file, but", "damaged");
    row("mod09.hdf", "\x0E\x03\x13\x01", "an HDF4 file, but", "damaged");
    row("picture.bmp", QByteArray("BM\x10\x20\x30\x40\0\0\0\0", 10), "a BMP picture", "driver=BMP");
    row("array.npy", "\x93NUMPY\x01", "a numpy array", "write it as NetCDF");
  }
  void kinds() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, what);
    QFETCH(QString, remedy);
    const std::string path = put(qPrintable(name), bytes.toStdString());
    const auto opened = m_provider->open({path, {}, {}});
    QVERIFY(!opened);
    const QString message = QString::fromStdString(opened.error().message), hint = QString::fromStdString(opened.error().hint);
    QVERIFY2(message.startsWith(QString::fromStdString(path) + " is " + what), qPrintable(message));
    QVERIFY2(hint.contains(remedy), qPrintable(hint));
  }

  /// What is of no kind may be the pixels of a cube that lost its header.
  void pixelsWithoutHeader() {
    const std::string path = put("cube.dat", std::string(64, '\x07'));
    QVERIFY(!knownFile(path));
    const auto opened = m_provider->open({path, {}, {}});
    QVERIFY(!opened && opened.error().hint.find("cube.dat.hdr") != std::string::npos);
    QVERIFY(!knownFile(put("bm.dat", "BM" + std::string(64, '\x07'))));
  }

  void partsOfAShapefile() {
    put("rivers.shp", std::string("\0\0\x27\x0A", 4));
    const auto known = knownFile(put("rivers.dbf", std::string("\x03\x7E\0\0", 4)));
    QVERIFY(known && known->what == "a part of a shapefile: vectors");
    QVERIFY(!knownFile(put("people.dbf", std::string("\x03\x7E\0\0", 4))));
  }

  void formatsByTheirSuffixAlone() {
    const auto opened = m_provider->open({put("weather.grb2", "GRIB"), {}, {}});
    QVERIFY(!opened);
    QVERIFY2(opened.error().text().find("is a GRIB file, but") != std::string::npos, opened.error().text().c_str());
    QVERIFY(opened.error().text().find(".hdr") == std::string::npos);
  }

  /// The header of ESRI's raw files has the suffix of ENVI's.
  void esriHeaders() {
    put("dem.hdr", "BYTEORDER I\nNROWS 2\nNCOLS 3\nNBITS 16\n");
    const auto pixels = m_provider->open({put("dem.bil", std::string(12, '\1')), {}, {}});
    QVERIFY2(pixels, pixels ? "" : pixels.error().text().c_str());
    QCOMPARE((*pixels)->spec().shape(), (std::vector<std::int64_t>{1, 2, 3}));
    const auto header = m_provider->open({at("dem.hdr"), {}, {}});
    QVERIFY(!header && header.error().hint.find("name the file of its pixels") != std::string::npos);
  }

  void foldersAreListedByContent() {
    QVERIFY(QDir(m_dir.path()).mkdir("mixed"));
    put("mixed/a.hdr", "NROWS 2\nNCOLS 3\n");
    put("mixed/a.bil", std::string(12, '\1'));
    put("mixed/a.prj", "PROJCS[]");
    put("mixed/a.img", "EHFA_HEADER_TAG");
    put("mixed/a.db", "SQLite format 3");
    put("mixed/c.bmp", std::string("BM\x10\x20\x30\x40\0\0\0\0", 10));
    test::EnviRaster().write(at("mixed/b.dat"));
    const auto catalog = makeCatalogProvider()->read({at("mixed"), {}, {}});
    QVERIFY(catalog);
    QStringList entries;
    for (const CatalogEntry& entry : catalog->entries)
      entries << QString::fromStdString(entry.name + " " + entry.driver + (entry.isOpenable ? "" : ": " + entry.reason));
    QCOMPARE(entries, (QStringList{"a.bil EHdr", "a.img HFA", "b.dat ENVI", "c.bmp BMP: it is a BMP picture: open it with driver=BMP"}));
  }
};

QTEST_GUILESS_MAIN(TestKnownFile)
#include "tst_known_file.moc"
