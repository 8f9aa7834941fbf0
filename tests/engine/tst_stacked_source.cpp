// SPDX-License-Identifier: GPL-3.0-or-later
// Several files as one array along time: in what order, under what dates, and what does not fit together.
#include <QtTest>

#include "engine/io/file_dates.h"
#include "engine/io/file_provider.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;
using cubeloom::test::CostPromise;
using cubeloom::test::EnviRaster;

class TestStackedSource : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  std::string at(const std::string& name) const { return m_dir.filePath(QString::fromStdString(name)).toStdString(); }
  /// Three dates whose alphabetical order is not that of time; each date's offset in the header tells its pixels apart.
  void writeDates(const std::string& prefix, const std::vector<std::string>& names, const std::string& more = {}) {
    for (const std::string& name : names) {
      EnviRaster raster;
      raster.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n" + more;
      raster.write(at(prefix + name));
    }
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
    differs("e5_", "its grid lies elsewhere", [](EnviRaster& r) {
      r.more = "map info = {UTM, 1, 1, 717725, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 600}\n";
    });
    differs("e6_", "its coordinate along 'wavelength' has other values", [](EnviRaster& r) {
      r.more = "map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}\nwavelength = {400, 500, 601}\n";
    });
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
    row("tile_123456789012", -1);
    row("x_20221324", -1);
    row("x_20220230", -1);
    row("version_3", -1);
  }
  void datesInNames() {
    QFETCH(QString, name);
    QFETCH(double, seconds);
    QCOMPARE(dateInName(name.toStdString()).value_or(-1), seconds);
  }
};

QTEST_GUILESS_MAIN(TestStackedSource)
#include "tst_stacked_source.moc"
