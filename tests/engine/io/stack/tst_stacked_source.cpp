// SPDX-License-Identifier: GPL-3.0-or-later
// Several files as one array along time: in what order, under what dates, and what does not fit together.
#include <QtTest>

#include "engine/io/file_provider.h"
#include "engine/io/file_sinks.h"
#include "engine/io/stack/file_dates.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/sink_conformance.h"
#include "tests/support/sink_requests.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;
using cubeloom::test::EnviRaster;

class TestStackedSource : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();
  std::shared_ptr<SinkProvider> m_sinks = makeSinkProvider();

  std::string at(const std::string& name) const { return m_dir.filePath(QString::fromStdString(name)).toStdString(); }
  /// Three dates whose alphabetical order is not that of time; each date's offset in the header tells its pixels apart.
  void writeDates(const std::string& prefix, const std::vector<std::string>& names, const std::string& more = {}) {
    for (const std::string& name : names) {
      EnviRaster raster;
      raster.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n" + more;
      raster.write(at(prefix + name));
    }
  }
  /// One pixel per time, whose value is the time.
  void writeTimes(const std::string& path, const std::string& unit, std::vector<double> times) {
    ArraySpec spec = test::specOf("tyx", PixelType::Float64, 1, 1, 1);
    spec.dims[0].size = static_cast<std::int64_t>(times.size());
    spec.dims[0].coordinate.values = times;
    spec.dims[0].coordinate.labels.clear();
    spec.dims[0].coordinate.unit = unit;
    const BlockView pixels = denseView(reinterpret_cast<std::byte*>(times.data()), PixelType::Float64, spec.shape());
    QCOMPARE(test::writeArray(*m_sinks, test::requestOf(path, spec), pixels, {spec.shape(), false, 1}), QString());
  }
  Error errorOf(const OpenRequest& request) {
    const auto source = m_provider->open(request);
    return source ? Error{ErrorCode::Internal, "it opens", {}, {}, {}, {}, {}} : source.error();
  }

 private slots:
  void joins() {
    writeDates("a_", {"20220308_rfl", "20220224_rfl", "20220316_rfl"});
    const auto source = m_provider->open({at("a_*_rfl"), {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    const ArraySpec& spec = (*source)->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"time", "y", "wavelength", "x"}));
    QCOMPARE(spec.dims[0].coordinate.labels,
             (std::vector<std::string>{"2022-02-24T00:00:00Z", "2022-03-08T00:00:00Z", "2022-03-16T00:00:00Z"}));
    QCOMPARE(spec.dims[0].coordinate.values.front(), 1645660800.0);
    QCOMPARE(spec.yDim, 1);
    QCOMPARE(spec.xDim, 3);
    QCOMPARE((*source)->files().size(), std::size_t{6});
    QCOMPARE(QString::fromStdString(test::sourceProblem(**source, CostPromise::Exact)), QString());
    // Headers and data match this one: each raster counts once.
    QCOMPARE((*m_provider->open({at("a_*"), {}, {}}))->spec().dims[0].size, std::int64_t{3});
    // A date that arrives while the array is open is there when it is opened again.
    writeDates("a_", {"20220405_rfl"});
    QCOMPARE((*m_provider->open({at("a_*_rfl"), {}, {}}))->spec().dims[0].size, std::int64_t{4});
    QVERIFY(QFile::remove(QString::fromStdString(at("a_20220405_rfl"))) && QFile::remove(QString::fromStdString(at("a_20220405_rfl.hdr"))));
    const auto info = m_provider->info(at("a_*.hdr"));
    QVERIFY(info);
    QCOMPARE(info->variables[0].spec.dims[0].size, std::int64_t{3});
    QVERIFY(info->notes.back().starts_with("3 files are one array"));
  }

  /// Every date's own pixels, through a chain.
  void valuesOfEachDate() {
    QDir folder(m_dir.path());
    for (const int day : {3, 1, 2}) {
      std::string bytes;
      for (int i = 0; i < 20; ++i) bytes += static_cast<char>(10 * day + i % 7);
      test::writeFile(at("v2022010" + std::to_string(day) + ".dat"), bytes);
      test::writeFile(at("v2022010" + std::to_string(day) + ".hdr"),
                      "ENVI\nsamples = 5\nlines = 4\nbands = 1\ndata type = 1\ninterleave = bsq\nbyte order = 0\nheader offset = 0\n");
    }
    test::Engine engine;
    const auto graph = engine.bind("open " + at("v*.dat") + " ! isel time=2,0 band=0 y=1 x=0");
    QVERIFY2(graph, graph ? "" : graph.error().text().c_str());
    QCOMPARE(test::valuesOf(**graph).value(), (std::vector<double>{35, 15}));
  }

  void anExistingDimIsLengthened() {
    test::Engine engine;
    const std::string data = CUBELOOM_TEST_DATA "/netcdf/planet_time_utm.nc";
    for (const char* which : {"0", "1"}) {
      const auto report = engine.run("open " + data + " ! isel time=" + which + ":" + std::to_string(std::stoi(which) + 1) + " ! write " +
                                     at(std::string("part_") + which + ".nc"));
      QVERIFY2(report && report->status == RunStatus::Finished, report ? "not finished" : report.error().text().c_str());
    }
    const auto joined = m_provider->open({at("part_?.nc"), {}, {}}), whole = m_provider->open({data, {}, {}});
    QVERIFY2(joined, joined ? "" : joined.error().text().c_str());
    QCOMPARE((*joined)->spec().dimNames(), (*whole)->spec().dimNames());
    QCOMPARE((*joined)->spec().dims[0].coordinate.labels, (*whole)->spec().dims[0].coordinate.labels);
    BufferPool pool;
    const Block a = test::readWhole(**joined, pool), b = test::readWhole(**whole, pool);
    QCOMPARE(std::memcmp(a.view.data, b.view.data, static_cast<std::size_t>((*whole)->spec().bytes())), 0);
    QCOMPARE(QString::fromStdString(test::sourceProblem(**joined, CostPromise::UpperBound)), QString());
  }

  void calendars_data() {
    QTest::addColumn<QString>("unitA");
    QTest::addColumn<std::vector<double>>("timesA");
    QTest::addColumn<QString>("unitB");
    QTest::addColumn<std::vector<double>>("timesB");
    QTest::addColumn<std::vector<double>>("times");  // of both, in the earlier one's units; empty: refused
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const char* unitA, const std::vector<double>& timesA, const char* unitB,
                        const std::vector<double>& timesB, const std::vector<double>& times, const char* message) {
      QTest::newRow(name) << QString(unitA) << timesA << QString(unitB) << timesB << times << QString(message);
    };
    // 2000 has 365 days in noleap, 366 in all_leap and 360 in 360_day. The numbers are those of xarray's open_mfdataset.
    row("the years 2000 and 2001", "days since 2000-01-01 [noleap]", {363, 364}, "days since 2001-01-01 [noleap]", {0, 1},
        {363, 364, 365, 366}, "");
    row("the later file first", "days since 2001-01-01 [365_day]", {1, 59}, "days since 2000-01-01 [noleap]", {0, 60}, {0, 60, 366, 424},
        "");
    row("other units", "days since 2000-01-01 [365_day]", {0, 100.25}, "hours since 2001-03-01 12:00:00 [365_day]", {0, 36},
        {0, 100.25, 424.5, 426}, "");
    row("all_leap", "seconds since 1900-01-01 [all_leap]", {5097600}, "days since 1901-02-29 [366_day]", {0, 1},
        {5097600, 36720000, 36806400}, "");
    row("360_day", "days since 2000-02-30 [360_day]", {0, 2.125}, "days since 2001-01-30 [360_day]", {0}, {0, 2.125, 330}, "");
    row("julian", "days since 1582-10-04 [julian]", {0, 10}, "days since 1900-02-29 [julian]", {0}, {0, 10, 115932}, "");
    row("one unit that is not converted", "months since 2000-01-01 [noleap]", {3, 4}, "months since 2000-01-01 [noleap]", {0, 1},
        {0, 1, 3, 4}, "");
    row("another calendar", "days since 2000-01-01 [noleap]", {0}, "days since 2000-01-01 [360_day]", {9}, {},
        "its 'time' is in \"days since 2000-01-01\" of the calendar 360_day, not in \"days since 2000-01-01\" of the calendar noleap");
    row("dates and a calendar", "datetime", {0}, "days since 2000-01-01 [noleap]", {9}, {}, "not in dates of the standard calendar");
    row("months", "days since 2000-01-01 [noleap]", {0}, "months since 2001-01-01 [noleap]", {0}, {}, "in \"months since 2001-01-01\"");
    row("a date that 360_day has not", "days since 2000-01-01 [360_day]", {0}, "days since 2001-01-31 [360_day]", {0}, {}, "2001-01-31");
    row("a unit of length", "m", {0}, "km", {1}, {}, "its 'time' is in \"km\", not in \"m\"");
    row("one day in two files", "days since 2000-01-01 [noleap]", {0, 365}, "days since 2001-01-01 [noleap]", {0, 59}, {},
        "both are of 365 days since 2000-01-01 [noleap]");
    row("a day in another's gap", "datetime", {946684800, 947548800}, "datetime", {947116800, 948412800}, {},
        "interleave along 'time': a.nc goes from 2000-01-01T00:00:00Z to 2000-01-11T00:00:00Z, b.nc from 2000-01-06T00:00:00Z to "
        "2000-01-21T00:00:00Z");
    row("a file that descends", "days since 2000-01-01 [noleap]", {2, 1}, "days since 2000-01-01 [noleap]", {5}, {},
        "the coordinate 'time' of a.nc does not ascend");
  }
  void calendars() {
    QFETCH(QString, unitA);
    QFETCH(std::vector<double>, timesA);
    QFETCH(QString, unitB);
    QFETCH(std::vector<double>, timesB);
    QFETCH(std::vector<double>, times);
    QFETCH(QString, message);
    QTemporaryDir folder;
    writeTimes(folder.filePath("a.nc").toStdString(), unitA.toStdString(), timesA);
    writeTimes(folder.filePath("b.nc").toStdString(), unitB.toStdString(), timesB);
    const auto source = m_provider->open({folder.filePath("*.nc").toStdString(), {}, {}});
    QCOMPARE(source.has_value(), message.isEmpty());
    if (!source) {
      QCOMPARE(source.error().code, ErrorCode::GridMismatch);
      const QString said = QString::fromStdString(source.error().message).replace(folder.path() + "/", "");
      QVERIFY2(said.contains(message) && !source.error().hint.empty(), qPrintable(said));
      return;
    }
    // The earlier file is in front, its numbers as they are; the pixels are each file's own times.
    const bool isSwapped = times.front() != timesA.front();
    const Dim& joint = (*source)->spec().dims[0];
    QCOMPARE(joint.coordinate.values, times);
    QCOMPARE(QString::fromStdString(joint.coordinate.unit), isSwapped ? unitB : unitA);
    std::vector<double> expected = isSwapped ? timesB : timesA;
    const std::vector<double>& later = isSwapped ? timesA : timesB;
    expected.insert(expected.end(), later.begin(), later.end());
    BufferPool pool;
    const Block pixels = test::readWhole(**source, pool);
    const auto* first = reinterpret_cast<const double*>(pixels.view.data);
    QCOMPARE(std::vector<double>(first, first + joint.size), expected);
  }

  /// Names are put behind one another, in the order of the files.
  void names() {
    QTemporaryDir folder;
    const auto write = [&](const char* file, const std::vector<std::string>& labels) {
      ArraySpec spec = test::specOf("nyx", PixelType::Int16, static_cast<std::int64_t>(labels.size()), 2, 3);
      spec.dims[0].coordinate.labels = labels;
      const Block pixels = test::closedFormPixels(spec);
      QCOMPARE(
          test::writeArray(*m_sinks, test::requestOf(folder.filePath(file).toStdString(), spec), pixels.view, {spec.shape(), false, 1}),
          QString());
    };
    write("a.nc", {"red", "green"});
    write("b.nc", {"blue"});
    const OpenRequest request{folder.filePath("*.nc").toStdString(), {}, {}, "band", {}};
    const auto source = m_provider->open(request);
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    QCOMPARE((*source)->spec().dims[0].coordinate.labels, (std::vector<std::string>{"red", "green", "blue"}));
    QCOMPARE((*source)->spec().dims[0].coordinate.at(2), 3.0);
    write("c.nc", {"red"});
    const Error error = errorOf(request);
    QVERIFY2(error.message.ends_with("overlap along 'band': both have 'red'"), error.message.c_str());
  }

  void datesFromElsewhere() {
    writeDates("flight_", {"one"}, "acquisition time = 2022-03-16T10:00:00Z\n");
    writeDates("flight_", {"two"}, "acquisition time = 2022-02-24T10:00:00Z\n");
    const auto source = m_provider->open({at("flight_*.hdr"), {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    QCOMPARE((*source)->spec().dims[0].coordinate.labels.front(), std::string("2022-02-24T10:00:00Z"));
    writeDates("doy_", {"22-055_x", "22-056_x"});
    const auto byPattern = m_provider->open({at("doy_*_x"), {}, {}, "date", "doy_%y-%j"});
    QVERIFY2(byPattern, byPattern ? "" : byPattern.error().text().c_str());
    QCOMPARE((*byPattern)->spec().dims[0].name, std::string("date"));
    QCOMPARE((*byPattern)->spec().dims[0].coordinate.labels.back(), std::string("2022-02-25T00:00:00Z"));
  }

  void refusals() {
    writeDates("r_", {"20220101", "20220102"});
    QVERIFY(errorOf({at("nothing_*"), {}, {}}).message.find("no file matches") != std::string::npos);
    QVERIFY(errorOf({at("nofolder/x_*"), {}, {}}).message.find("cannot look into") != std::string::npos);
    QVERIFY(errorOf({at("r_*"), {}, {}, {}, "%Q"}).parameter == "pattern");
    QVERIFY(errorOf({at("r_*"), {}, {}, {}, "%m%d"}).parameter == "pattern");
    QVERIFY(errorOf({at("r_*"), {}, {}, {}, "s_%Y%m%d"}).message.find("does not match the pattern") != std::string::npos);
    QVERIFY(errorOf({at("r_*"), {}, {}, "x", {}}).parameter == "concat_dim");

    EnviRaster twin;
    twin.write(at("r_2022-01-02"));
    Error error = errorOf({at("r_*"), {}, {}});
    QCOMPARE(error.code, ErrorCode::GridMismatch);
    QVERIFY2(error.message.find("r_2022-01-02") != std::string::npos, error.message.c_str());

    writeDates("d_", {"20220101", "2022-01-01"});
    error = errorOf({at("d_*"), {}, {}});
    QVERIFY2(error.message.find("both are of 2022-01-01T00:00:00Z") != std::string::npos, error.message.c_str());

    writeDates("n_", {"first", "second"});
    error = errorOf({at("n_*"), {}, {}});
    QVERIFY2(error.hint.find("pattern=%Y%m%d") != std::string::npos, error.text().c_str());

    const auto differs = [this](const char* name, const std::string& what, const std::function<void(EnviRaster&)>& change) {
      writeDates(name, {"20220101"});
      EnviRaster other;
      other.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n";
      change(other);
      other.write(at(std::string(name) + "20220102"));
      const Error found = errorOf({at(std::string(name) + "*"), {}, {}});
      QVERIFY2(found.message.find(what) != std::string::npos && found.path.ends_with("20220102"), found.text().c_str());
    };
    differs("e1_", "its dim 'x' has 6 elements, not 5", [](EnviRaster& r) { r.samples = 6; });
    differs("e2_", "its values are int16, not float32", [](EnviRaster& r) { r.dataType = 2; });
    differs("e3_", "its dims are (y, x, wavelength), not (y, wavelength, x)", [](EnviRaster& r) { r.interleave = "bip"; });
    differs("e4_", "its nodata is -1, not none", [](EnviRaster& r) { r.more += "data ignore value = -1\n"; });
    differs("e5_", "its grid is another: its corners lie up to 1 px away", [](EnviRaster& r) {
      r.more = "map info = {UTM, 1, 1, 717725, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n";
    });
    differs("e7_", "lie up to 0.0012 px away", [](EnviRaster& r) {
      r.more = "map info = {UTM, 1, 1, 717720, 3865865.006, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n";
    });
    differs("e8_", "its CRS is EPSG:32611, not EPSG:32610", [](EnviRaster& r) {
      r.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 11, North, WGS-84}\nwavelength = {400, 500, 600}\n";
    });
    differs("e6_", "its coordinate along 'wavelength' has other values", [](EnviRaster& r) {
      r.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 601}\n";
    });
  }

  /// Makers of files round one grid differently: within a thousandth of a pixel it is the first one's.
  void aGridWithinAThousandthOfAPixel() {
    writeDates("t_", {"20220101"});
    EnviRaster other;
    other.more = "map info = {UTM, 1, 1, 717719.996, 3865865.004, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n";
    other.write(at("t_20220102"));
    const auto source = m_provider->open({at("t_*"), {}, {}});
    QVERIFY2(source, source ? "" : source.error().text().c_str());
    QCOMPARE((*source)->spec().dims[0].size, std::int64_t{2});
    QCOMPARE((*source)->spec().geobox->affine(), (Affine{5, 0, 717720, 0, -5, 3865865}));
  }

  void datesInNames_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<double>("seconds");
    const auto row = [](const char* name, double seconds) { QTest::newRow(name) << QString(name) << seconds; };
    row("ang20220224t203751_rfl", 1645735071);
    row("SHIFT_2022-02-24.nc", 1645660800);
    row("x_20220224.tif", 1645660800);
    row("LC08_2022_02_24_B4", 1645660800);
    row("EMIT_L2A_RFL_001_20230219T202951_2305013_003.nc", 1676838591);
    row("z_20200101T233000-0800.tif", 1577950200);         // 2020-01-02 07:30 UTC
    row("z_20200101T003000+05:30.tif", 1577818800);        // 2019-12-31 19:00 UTC
    row("a_20200101T233000-20200102T001500", 1577921400);  // from, to
    row("a_20200101_233000-0800", 1577921400);             // no offset without a T
    row("HLS.S30.T11SLT.2022055T183719.v2.0.B04.tif", 1645727839);
    row("LC08_L2SP_042034_20220224_20220303_02_T1_SR_B4.TIF", 1645660800);
    row("S2A_MSIL2A_20220224T184931_N0400_R113_T10SGD_20220825T010101.SAFE", 1645728571);
    row("MOD09GA.A2022055.h08v05.061.2022057024509.hdf", 1645660800);
    row("MOD021KM.A2022055.1830.061.2022056010203.hdf", 1645727400);
    row("MOD13Q1.061__250m_16_days_NDVI_doy2020366_aid0001.tif", 1609372800);
    row("ECO2LSTE.001_SDS_LST_doy2022055183719_aid0001.tif", 1645727839);
    row("VNP13A1.A2021366.h08v05.tif", -1);
    row("scene_2022055.tif", -1);
    row("DATA2022055.tif", -1);
    row("tile_123456789012", -1);
    row("x_20221324", -1);
    row("x_20220230", -1);
    row("version_3", -1);
  }
  /// A day that its year does not have is no date: the file is refused rather than dated a day later.
  void daysThatAreNone() {
    QCOMPARE(dateByPattern("d_2020366", "%Y%j").value().value_or(-1), 1609372800.0);  // 2020-12-31
    for (const char* name : {"d_2021366", "d_2021000", "d_2021367"}) QVERIFY2(!dateByPattern(name, "%Y%j").value(), name);
    QVERIFY(!dateByPattern("d_20220231", "%Y%m%d").value());
  }
  void datesInNames() {
    QFETCH(QString, name);
    QFETCH(double, seconds);
    QCOMPARE(dateInName(name.toStdString()).value_or(-1), seconds);
  }
};

QTEST_GUILESS_MAIN(TestStackedSource)
#include "tst_stacked_source.moc"
