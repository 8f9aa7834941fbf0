// SPDX-License-Identifier: GPL-3.0-or-later
// The text of ENVI headers: keys, braces, comments, numbers; map info to grids; units to nanometres.
#include <QtTest>

#include <cmath>

#include "engine/io/envi/envi_grid.h"
#include "engine/io/envi/envi_header.h"
#include "engine/io/envi/envi_layout.h"
#include "engine/io/source/wavelengths.h"

using namespace cubeloom;

class TestEnviHeader : public QObject {
  Q_OBJECT

 private:
  static EnviHeader parsed(const std::string& lines) {
    auto header = EnviHeader::parse("ENVI\n" + lines);
    if (!header) qFatal("%s", header.error().text().c_str());
    return *header;
  }
  static GeoBox grid(const std::string& lines, std::vector<std::string>* notes = nullptr) {
    std::vector<std::string> ignored;
    return enviGrid(parsed(lines), 100, 200, notes != nullptr ? *notes : ignored);
  }

 private slots:
  void keysAndValues() {
    const EnviHeader header = parsed(
        "; a comment\n"
        "Samples  = 12\r\n"
        "  DATA   Ignore\tValue =  -9999 \n"
        "description = {\n  first line\n; left out\n  second = line}\n"
        "Wavelength={ 1, 2.5 ,\n 3e0,}\n"
        "empty = {}\n"
        "band names = {a}b\n"
        "no equals sign here\n"
        "samples = 13");
    QCOMPARE(header.text("samples"), std::optional<std::string>("13"));
    QCOMPARE(header.text("data ignore value"), std::optional<std::string>("-9999"));
    QCOMPARE(header.text("description"), std::optional<std::string>("first line\n  second = line"));
    QCOMPARE(header.numbers("wavelength"), std::optional(std::vector<double>{1, 2.5, 3}));
    QVERIFY(header.list("empty").empty());
    QCOMPARE(header.list("band names"), std::vector<std::string>{"a"});
    QVERIFY(!header.text("lines"));
    QVERIFY(!header.numbers("description"));
    QCOMPARE(header.notes().size(), std::size_t{2});
    QCOMPARE(header.notes()[0], std::string("header line 13 is not \"key = value\" and was skipped"));
  }

  void realHeaderOfShift() {
    const auto header = EnviHeader::read(CUBELOOM_TEST_DATA "/envi/test_raster_rotated.hdr");
    QVERIFY(header);
    std::vector<std::string> notes;
    const GeoBox box = enviGrid(*header, 677, 523, notes);
    // GDAL 3.6.2: cos and sin of -74 degrees times 2.6 m.
    QCOMPARE(box.affine().a, std::cos(-74 * M_PI / 180) * 2.6);
    QCOMPARE(box.affine().b, std::sin(-74 * M_PI / 180) * 2.6);
    QCOMPARE(box.affine().d, box.affine().b);
    QCOMPARE(box.affine().e, -box.affine().a);
    QCOMPARE(box.crs().authority(), std::string("EPSG:32616"));
  }

  // As GDAL 3.6.2 writes and reads them; what is turned by nearly as much is turned.
  void southUpGrids() {
    for (const char* turn : {"180", "-180", "180.0"}) {
      const GeoBox box = grid(std::string("map info = {UTM, 1, 1, 500000, 4000000, 30, 20, 10, North, WGS-84, rotation=") + turn + "}\n");
      QCOMPARE(box.affine(), (Affine{30, 0, 500000, 0, 20, 4000000}));
    }
    const GeoBox turned = grid("map info = {UTM, 1, 1, 500000, 4000000, 30, 20, 10, North, WGS-84, rotation=179.999}\n");
    QVERIFY(turned.affine().a < 0);
  }

  void grids_data() {
    QTest::addColumn<QString>("mapInfo");
    QTest::addColumn<QString>("code");
    QTest::addColumn<double>("left");
    QTest::addColumn<double>("top");
    QTest::newRow("utm north") << "UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84"
                               << "EPSG:32610" << 717720.0 << 3865865.0;
    QTest::newRow("utm south") << "utm,1,1,300000,7000000,5,5,25,south,WGS-84,units=Meters"
                               << "EPSG:32725" << 300000.0 << 7000000.0;
    QTest::newRow("nad83") << "UTM, 1, 1, 425047, 4615780, 3, 3, 15, North, NAD-83"
                           << "EPSG:26915" << 425047.0 << 4615780.0;
    QTest::newRow("nad27 by its long name") << "UTM, 1, 1, 1, 2, 3, 3, 15, North, North America 1927"
                                            << "EPSG:26715" << 1.0 << 2.0;
    QTest::newRow("etrs89") << "UTM, 1, 1, 1, 2, 3, 3, 32, North, ETRS-89"
                            << "EPSG:25832" << 1.0 << 2.0;
    QTest::newRow("geographic") << "Geographic Lat/Lon, 1, 1, -44.84, -22.93, 0.25, 0.25, WGS-84, units=Degrees"
                                << "EPSG:4326" << -44.84 << -22.93;
    QTest::newRow("reference at a pixel's centre") << "UTM, 1.5, 1.5, 717722.5, 3865862.5, 5, 5, 10, North, WGS-84"
                                                   << "EPSG:32610" << 717720.0 << 3865865.0;
    QTest::newRow("reference inside") << "UTM, 11, 21, 717770, 3865765, 5, 5, 10, North, WGS-84"
                                      << "EPSG:32610" << 717720.0 << 3865865.0;
    QTest::newRow("zone that is none") << "UTM, 1, 1, 1, 2, 3, 3, 61, North, WGS-84"
                                       << "" << 1.0 << 2.0;
    QTest::newRow("nad83 has no south") << "UTM, 1, 1, 1, 2, 3, 3, 15, South, NAD-83"
                                        << "" << 1.0 << 2.0;
    QTest::newRow("feet") << "UTM, 1, 1, 1, 2, 3, 3, 15, North, NAD-83, units=Feet"
                          << "" << 1.0 << 2.0;
    QTest::newRow("arbitrary") << "Arbitrary, 1, 1, 10, 20, 2, 2"
                               << "" << 10.0 << 20.0;
  }
  void grids() {
    QFETCH(QString, mapInfo);
    QFETCH(QString, code);
    QFETCH(double, left);
    QFETCH(double, top);
    const GeoBox box = grid("map info = {" + mapInfo.toStdString() + "}\n");
    QCOMPARE(box.crs().authority(), code.toStdString());
    QCOMPARE(box.affine().c, left);
    QCOMPARE(box.affine().f, top);
    QCOMPARE(box.rows(), std::int64_t{100});
    QCOMPARE(box.cols(), std::int64_t{200});
  }

  /// As GDAL reads it.
  void negativePixelHeightIsSouthUp() {
    std::vector<std::string> notes;
    const GeoBox box = grid("map info = {UTM, 1, 1, 500000, 4000000, 10, -20, 10, North, WGS-84}\n", &notes);
    QCOMPARE(box.affine(), (Affine{10, 0, 500000, 0, 20, 4000000}));
    QCOMPARE(box.crs().authority(), std::string("EPSG:32610"));
    QVERIFY(notes.size() == 1 && notes[0].find("run to the north") != std::string::npos);
  }

  void unusableMapInfo_data() {
    QTest::addColumn<QString>("mapInfo");
    for (const char* text :
         {"UTM, 1, 1, 717720, 3865865, 5", "UTM, 1, 1, here, 3865865, 5, 5", "UTM, 1, 1, 1, 2, 0, 5", "UTM, 1, 1, 1, 2, 5, 0",
          "UTM, 1, 1, nan, 2, 5, 5", "UTM, 1, 1, 1, inf, 5, 5", "UTM, 1, 1, 1, 2, 5, 5, rotation=north"})
      QTest::newRow(text) << QString(text);
  }
  void unusableMapInfo() {
    QFETCH(QString, mapInfo);
    std::vector<std::string> notes;
    const GeoBox box = grid("map info = {" + mapInfo.toStdString() + "}\n", &notes);
    QCOMPARE(box.affine(), Affine{});
    QVERIFY(!box.crs().isValid());
    QCOMPARE(notes.size(), std::size_t{1});
    QVERIFY(notes[0].starts_with("map info left out"));
  }

  void coordinateSystemString() {
    const std::string utm = "map info = {UTM, 1, 1, 1, 2, 3, 3, 33, North, WGS-84}\n";
    // Esri's WKT of another system than map info says: the string wins.
    const GeoBox box =
        grid(utm +
             "coordinate system string = {GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],"
             "PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]}\n");
    QVERIFY(box.crs().isGeographic());
    std::vector<std::string> notes;
    QCOMPARE(grid(utm + "coordinate system string = {PROJCS[\"broken\"}\n", &notes).crs().authority(), std::string("EPSG:32633"));
    QCOMPARE(notes.size(), std::size_t{1});
  }

  void units() {
    std::vector<std::string> notes;
    const auto wavelengths = [&notes](std::vector<double> values, const char* unit) {
      BandSpectra spectra;
      spectra.unit = unit;
      spectra.fwhm = std::vector<double>(values.size(), 0.01);
      spectra.wavelengths = std::move(values);
      return spectralDim(2, spectra, {}, notes);
    };
    QCOMPARE(wavelengths({0.46, 1.007}, "Micrometers").coordinate.values, (std::vector<double>{460, 1007}));
    QCOMPARE(wavelengths({0.46, 1.007}, "Micrometers").coordinate.aux.at("fwhm"), (std::vector<double>{10, 10}));
    QCOMPARE(wavelengths({20000, 10000}, "Wavenumber").coordinate.values, (std::vector<double>{500, 1000}));
    QCOMPARE(wavelengths({299792.458, 599584.916}, "GHz").coordinate.values, (std::vector<double>{1000, 500}));
    QVERIFY(notes.empty());
    QCOMPARE(wavelengths({400, 2500}, "").coordinate.values, (std::vector<double>{400, 2500}));
    QCOMPARE(wavelengths({0.4, 2.5}, "Unknown").coordinate.values, (std::vector<double>{400, 2500}));
    QCOMPARE(notes.size(), std::size_t{2});
    const Dim index = wavelengths({1, 2}, "Index");
    QCOMPARE(index.name, std::string("band"));
    QCOMPARE(index.coordinate.at(1), 2.0);
    QCOMPARE(wavelengths({1, 2, 3}, "nm").name, std::string("band"));
    QCOMPARE(wavelengths({NAN, 2}, "nm").name, std::string("band"));
  }

  void badBandsAndLabels() {
    std::vector<std::string> notes;
    BandSpectra spectra;
    spectra.wavelengths = {900, 800};
    spectra.unit = "nm";
    spectra.good = {1, 0};
    const Dim dim = spectralDim(2, spectra, {"b 1", "b 2"}, notes);
    QCOMPARE(dim.coordinate.values, (std::vector<double>{900, 800}));
    QCOMPARE(dim.coordinate.aux.at("good"), (std::vector<double>{1, 0}));
    QCOMPARE(dim.coordinate.labels, (std::vector<std::string>{"b 1", "b 2"}));
    QVERIFY(spectralDim(2, spectra, {"b 1"}, notes).coordinate.labels.empty());
    QCOMPARE(notes.size(), std::size_t{1});
  }

  void layout() {
    const std::string sizes = "samples = 3\nlines = 4\nbands = 5\n";
    const auto layout = enviLayout(parsed(sizes + "data type = 12\ninterleave = BIL\nheader offset = 7\nbyte order = 1\n"));
    QVERIFY(layout);
    QCOMPARE(layout->endBytes, std::int64_t{7 + 3 * 4 * 5 * 2});
    QCOMPARE(layout->type, PixelType::UInt16);
    QVERIFY(layout->swapped);
    QVERIFY(layout->notes.empty());
    const auto silent = enviLayout(parsed(sizes + "data type = 4\ninterleave = bip\n"));
    QVERIFY(silent && !silent->swapped);
    QCOMPARE(silent->notes.size(), std::size_t{1});
    QVERIFY(enviLayout(parsed("samples = 3\nlines = 4\nbands = 1\ndata type = 1\nfile type = ENVI Classification\n")));
  }
};

QTEST_GUILESS_MAIN(TestEnviHeader)
#include "tst_envi_header.moc"
