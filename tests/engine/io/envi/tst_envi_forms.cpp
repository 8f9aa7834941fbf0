// SPDX-License-Identifier: GPL-3.0-or-later
// Headers as other programs and people write them: what is understood, and what is said of the rest.
#include <QtTest>
#include <algorithm>

#include "engine/io/envi/envi_grid.h"
#include "engine/io/envi/envi_header.h"
#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using cubeloom::test::EnviRaster;

class TestEnviForms : public QObject {
  Q_OBJECT

  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }

  DatasetInfo infoWith(const std::string& more) {
    EnviRaster raster;
    raster.more = more;
    raster.write(at("cube"));
    auto info = m_provider->info(at("cube"));
    if (info) return *info;
    qWarning("%s", info.error().text().c_str());
    DatasetInfo none;
    none.variables.emplace_back();
    return none;
  }
  static bool isNoted(const DatasetInfo& info, const std::string& part) {
    return std::any_of(info.notes.begin(), info.notes.end(), [&](const auto& note) { return note.find(part) != std::string::npos; });
  }

 private slots:
  void linesThatEndWithCrAlone() {
    const auto header = EnviHeader::parse("ENVI\rsamples = 12\rdescription = {two\rlines = 9}\rlines = 3\r");
    QVERIFY(header);
    QCOMPARE(header->text("samples"), std::optional<std::string>("12"));
    QCOMPARE(header->text("lines"), std::optional<std::string>("3"));
    // Where LF ends the lines, CR is a blank like any other.
    QCOMPARE(EnviHeader::parse("ENVI\r\nsamples = 4\r\nbands = 2\n")->text("bands"), std::optional<std::string>("2"));
  }

  void lettersOfLatin1() {
    const auto header = EnviHeader::parse("ENVI\nband names = {for\xEAt, \xD8st, 3 \xB5m}\n");
    QVERIFY(header);
    QCOMPARE(header->list("band names"), (std::vector<std::string>{"for\xC3\xAAt", "\xC3\x98st", "3 \xC2\xB5m"}));
    QCOMPARE(header->notes().size(), std::size_t{1});
    const auto utf8 = EnviHeader::parse("ENVI\nband names = {for\xC3\xAAt}\n");
    QCOMPARE(utf8->list("band names"), std::vector<std::string>{"for\xC3\xAAt"});
    QVERIFY(utf8->notes().empty());
  }

  void namesThatAreNotQuiteEnvis() {
    const DatasetInfo info = infoWith("wavelengths = {410, 520, 630}\nWavelength_Unit = nm\ndata-ignore-value = -1\n");
    for (const char* note : {"\"wavelengths\" is passed over: ENVI's name for it is \"wavelength\"",
                             "\"wavelength_unit\" is passed over: ENVI's name for it is \"wavelength units\"",
                             "\"data-ignore-value\" is passed over: ENVI's name for it is \"data ignore value\""})
      QVERIFY2(isNoted(info, note), note);
    QVERIFY(!isNoted(infoWith("wavelength = {410, 520, 630}\nwavelength units = nm\nwavelengths = {1}\nsensor type = X\n"), "passed over"));
  }

  void badBandsInWords() {
    const auto good = [this](const char* list) {
      const ArraySpec spec = infoWith(std::string("bbl = ") + list + "\n").variables[0].spec;
      const auto found = spec.dims[1].coordinate.aux.find("good");
      return found == spec.dims[1].coordinate.aux.end() ? std::vector<double>{} : found->second;
    };
    QCOMPARE(good("{True, False, True}"), (std::vector<double>{1, 0, 1}));
    QCOMPARE(good("{1 1\n 0}"), (std::vector<double>{1, 1, 0}));
    QCOMPARE(good("{ 0,1 ,FALSE }"), (std::vector<double>{0, 1, 0}));
    QVERIFY(isNoted(infoWith("bbl = {1, good, 0}\n"), "\"bbl\" left out: \"good\" is neither 0 nor 1"));
  }

  void numbersBetweenBlanks() {
    const DatasetInfo info = infoWith("wavelength = {0.41 0.52\n 0.63}\nwavelength units = um\n");
    QCOMPARE(info.variables[0].spec.dims[1].coordinate.values, (std::vector<double>{410, 520, 630}));
  }

  /// The same 600 nm in the units that people write; c = 299,792,458 m/s.
  void unitsOfWavelengths_data() {
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("value");
    const auto row = [](const char* unit, const char* value) { QTest::newRow(unit) << QString(unit) << QString(value); };
    row("Nanometres", "600");
    row("nanometer", "600");
    row("Micrometres", "0.6");
    row("Microns", "0.6");
    row("Millimetres", "0.0006");
    row("centimetre", "0.00006");
    row("Metres", "6e-7");
    row("Angstroms", "6000");
    row("1/cm", "16666.6666666667");
    row("Wavenumbers", "16666.6666666667");
    row("THz", "499.654096666667");
    row("kHz", "499654096666.667");
  }
  void unitsOfWavelengths() {
    QFETCH(QString, unit);
    QFETCH(QString, value);
    const DatasetInfo info = infoWith(QString("wavelength = {%1, %1, %1}\nwavelength units = %2\n").arg(value, unit).toStdString());
    const std::vector<double>& values = info.variables[0].spec.dims[1].coordinate.values;
    QCOMPARE(values.size(), std::size_t{3});
    QVERIFY2(std::abs(values[0] - 600) < 1e-6, qPrintable(QString::number(values[0], 'g', 12)));
    QVERIFY(!isNoted(info, "check the wavelengths"));
  }

  /// Numbers that no sensor has with the unit that is said.
  void wavelengthsOfAnotherUnit() {
    QVERIFY(isNoted(infoWith("wavelength = {0.4, 0.5, 0.7}\nwavelength units = nm\n"), "they are 0.4 .. 0.7 nm"));
    QVERIFY(isNoted(infoWith("wavelength = {410, 520, 630}\nwavelength units = um\n"), "they are 410000 .. 630000 nm"));
    QVERIFY(isNoted(infoWith("wavelength = {0, 0, 0}\nwavelength units = nm\n"), "check the wavelengths"));
    QVERIFY(!isNoted(infoWith("wavelength = {8.3, 9.1, 11.3}\nwavelength units = um\n"), "check"));
    QVERIFY(!isNoted(infoWith("wavelength = {5.405, 9.65, 35.5}\nwavelength units = GHz\n"), "check"));
    const DatasetInfo info = infoWith("wavelength = {0.41, 0.52, 0.63}\nfwhm = {10, 11, 12}\n");
    QVERIFY(isNoted(info, "fwhm is taken as nanometres"));
    QCOMPARE(info.variables[0].spec.dims[1].coordinate.aux.at("fwhm"), (std::vector<double>{10, 11, 12}));
  }

  /// One place of two systems: the string is taken, as ENVI does, and both are named.
  void twoSystems() {
    const std::string utm32 = "coordinate system string = {EPSG:32632}\n";
    QVERIFY(isNoted(infoWith("map info = {UTM, 1, 1, 500000, 5000000, 30, 30, 33, North, WGS-84}\n" + utm32), "map info says EPSG:32633"));
    QVERIFY(!isNoted(infoWith("map info = {UTM, 1, 1, 500000, 5000000, 30, 30, 32, North, WGS-84}\n" + utm32), "map info says"));
  }

  /// 30 seconds of arc are a 120th of a degree: 8.25 E, 47.5 N.
  void mapInfoInSecondsOfArc() {
    const DatasetInfo info = infoWith("map info = {Geographic Lat/Lon, 1, 1, 29700, 171000, 30, 30, WGS-84, units=Seconds}\n");
    const ArraySpec& spec = info.variables[0].spec;
    QCOMPARE(spec.geobox->affine(), (Affine{30 / 3600.0, 0, 8.25, 0, -30 / 3600.0, 47.5}));
    QCOMPARE(spec.geobox->crs().authority(), std::string("EPSG:4326"));
    QVERIFY(isNoted(info, "map info is in seconds of arc"));
  }

  void geoPoints() { QVERIFY(isNoted(infoWith("geo points = {1, 1, 47.5, 8.25, 5, 4, 47.4, 8.3}\n"), "\"geo points\" are not applied")); }

  /// Said and kept, not applied.
  void reflectanceScaleFactor() {
    const DatasetInfo info = infoWith("reflectance scale factor = 5000\n");
    QVERIFY(isNoted(info, "values are as stored: reflectance is value / 5000"));
    QCOMPARE(info.variables[0].spec.attributes.at("reflectance scale factor"), std::string("5000"));
    QVERIFY(isNoted(infoWith("reflectance scale factor = 0\n"), "it is no number to divide by"));
    QVERIFY(!isNoted(infoWith("reflectance scale factor = 1\n"), "reflectance"));
    // Read under its other name, too, so it is not passed over.
    const DatasetInfo other = infoWith("reflectance_scale_factor = 5000\n");
    QVERIFY(isNoted(other, "reflectance is value / 5000") && !isNoted(other, "passed over"));
  }

  /// Numbers of classes stay such: with colours and names in ENVI, with a colour table in GeoTIFF.
  void classesStayClasses() {
    EnviRaster raster{2, 2, 1, 1, "bsq", false, 0, {}};
    raster.more =
        "file type = ENVI Classification\nclasses = 3\nclass lookup = {0,0,0, 10,120,30, 200,0,250}\nclass names = {none, wood, town}\n";
    raster.write(at("land"));
    const auto spec = [this](const std::string& path) { return m_provider->open({path, {}, {}}).value()->spec(); };
    using Colours = std::vector<std::array<std::uint8_t, 4>>;
    const Colours colours{{0, 0, 0, 255}, {10, 120, 30, 255}, {200, 0, 250, 255}};
    QCOMPARE(spec(at("land")).classColours, colours);
    const test::Engine engine;
    for (const char* name : {"again.img", "again.tif"}) {
      const auto report = engine.run("open " + at("land") + " ! write " + at(name));
      QVERIFY2(report, report ? "" : report.error().text().c_str());
    }
    QCOMPARE(spec(at("again.img")).classColours, colours);
    QCOMPARE(spec(at("again.img")).attributes.at("class names"), std::string("none,\n wood,\n town"));
    const Colours table = spec(at("again.tif")).classColours;
    QVERIFY(table.size() >= colours.size() && std::equal(colours.begin(), colours.end(), table.begin()));
    // Without colours they are numbers like others, and a note says so.
    raster.more = "file type = ENVI Classification\nclasses = 3\n";
    raster.write(at("bare"));
    QVERIFY(spec(at("bare")).classColours.empty());
    QVERIFY(isNoted(m_provider->info(at("bare")).value(), "classes without colours"));
  }

  void spectralLibraries() {
    const std::string header =
        "ENVI\nsamples = 3\nlines = 2\nbands = 1\nfile type = ENVI Spectral Library\ndata type = 4\ninterleave = bsq\nbyte order = 0\n";
    test::writeFile(at("minerals.hdr"), header);
    test::writeFile(at("minerals.sli"), std::string(24, '\0'));
    for (const char* name : {"minerals.hdr", "minerals.sli"}) {
      const auto opened = m_provider->open({at(name), {}, {}});
      QVERIFY(opened);
      const ArraySpec& library = (*opened)->spec();
      QCOMPARE(library.dimNames(), (std::vector<std::string>{"spectrum", "band"}));
      QCOMPARE(library.shape(), (std::vector<std::int64_t>{2, 3}));
      QVERIFY(!library.isSpatial() && library.dims[0].coordinate.labels.empty());
    }
  }
};

QTEST_GUILESS_MAIN(TestEnviForms)
#include "tst_envi_forms.moc"
