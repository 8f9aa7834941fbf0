// SPDX-License-Identifier: GPL-3.0-or-later
// What belongs to the values travels with them: the one time, wavelength or height of an array, longitudes and latitudes per pixel. Outputs
// are read by GDAL's multidimensional API.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <bit>
#include <cmath>

#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"
#include "tests/support/gdal_facts.h"

using namespace cubeloom;

namespace {

template <class T>
std::string bytesOf(const std::vector<T>& values) {
  static_assert(std::endian::native == std::endian::little);
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

class TestCoordinates : public QObject {
  Q_OBJECT
 private:
  test::Engine m_engine;
  QTemporaryDir m_folder;

  static std::string data(const std::string& name) { return std::string(CUBELOOM_TEST_DATA "/") + name; }
  std::string at(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

  /// One array of a Zarr store of version 2, in one chunk.
  void addArray(const std::string& name, const std::string& dtype, const std::vector<int>& shape, const std::string& dims,
                const std::string& values, const std::string& attributes) const {
    QDir().mkpath(m_folder.filePath(QString::fromStdString("swath.zarr/" + name)));
    std::string sizes, key = shape.empty() ? "0" : "";
    for (const int side : shape) {
      sizes += (sizes.empty() ? "" : ",") + std::to_string(side);
      key += key.empty() ? "0" : ".0";
    }
    test::writeFile(at("swath.zarr/" + name + "/.zarray"), R"({"zarr_format":2,"shape":[)" + sizes + R"(],"chunks":[)" + sizes +
                                                               R"(],"dtype":")" + dtype +
                                                               R"(","compressor":null,"filters":null,"fill_value":null,"order":"C"})");
    test::writeFile(at("swath.zarr/" + name + "/.zattrs"),
                    R"({"_ARRAY_DIMENSIONS":[)" + dims + "]" + (attributes.empty() ? "" : "," + attributes) + "}");
    test::writeFile(at("swath.zarr/" + name + "/" + key), values);
  }

  void run(const std::string& chain) {
    const auto report = m_engine.run(chain);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QVERIFY2(report->errors.empty(), report->errors.empty() ? "" : report->errors[0].text().c_str());
  }

 private slots:
  /// Two scans of 3 x 4 pixels with places of their own, at one height, of runs 70000000001 and 70000000005.
  void initTestCase() {
    QDir().mkpath(m_folder.filePath("swath.zarr"));
    test::writeFile(at("swath.zarr/.zgroup"), R"({"zarr_format":2})");
    std::vector<float> values, lon, lat;
    for (int i = 0; i < 24; ++i) values.push_back(static_cast<float>(i) / 4);
    for (int i = 0; i < 12; ++i) {
      lon.push_back(7.25F + 0.5F * static_cast<float>(i % 4) + 0.125F * static_cast<float>(i / 4));
      lat.push_back(47.5F - 0.25F * static_cast<float>(i / 4) + 0.0625F * static_cast<float>(i % 4));
    }
    addArray("rad", "<f4", {2, 3, 4}, R"("run","line","pixel")", bytesOf(values), R"("coordinates":"lon lat height granule when month")");
    addArray("run", "<i8", {2}, R"("run")", bytesOf(std::vector<std::int64_t>{70000000001, 70000000005}), R"("long_name":"run number")");
    addArray("month", "<i2", {2}, R"("run")", bytesOf(std::vector<std::int16_t>{3, 11}), "");
    addArray("lon", "<f4", {3, 4}, R"("line","pixel")", bytesOf(lon), R"("units":"degrees_east","long_name":"of the centre")");
    addArray("lat", "<f4", {3, 4}, R"("line","pixel")", bytesOf(lat), R"("units":"degrees_north")");
    addArray("height", "<f8", {}, "", bytesOf(std::vector<double>{2.5}), R"("units":"m","positive":"up","axis":"Z")");
    addArray("granule", "<i8", {}, "", bytesOf(std::vector<std::int64_t>{9007199254740991}), "");
    addArray("when", "<i4", {}, "", bytesOf(std::vector<std::int32_t>{36}), R"("units":"hours since 2021-05-04","standard_name":"time")");
  }

  void travel_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"cut.nc", "cut.zarr"}) QTest::newRow(name) << name;
  }

  /// Cut with the grid, kept by steps pixel by pixel, in the type that they had.
  void travel() {
    QFETCH(QString, name);
    const std::string output = at(name.toStdString());
    run("open " + at("swath.zarr") + " variable=rad ! isel run=1 line=1:3 pixel=3,0 ! calc expression=x*2 ! write " + output);
    if (QTest::currentTestFailed()) return;
    using test::storedArray;
    auto lon = storedArray(output, "lon"), height = storedArray(output, "height"), runs = storedArray(output, "run"),
         when = storedArray(output, "when"), result = storedArray(output, "result");
    for (const test::StoredArray* one : {&lon, &height, &runs, &when, &result}) QVERIFY(one->isThere);
    QCOMPARE(result.values, (std::vector<double>{9.5, 8, 11.5, 10}));
    QCOMPARE(lon.dims, std::string("line,pixel"));
    QCOMPARE(lon.values, (std::vector<double>{8.875, 7.375, 9, 7.5}));
    QCOMPARE(lon.type, std::string("Float32"));
    QCOMPARE(lon.attributes["units"], std::string("degrees_east"));
    QCOMPARE(lon.attributes["long_name"], std::string("of the centre"));
    QCOMPARE(storedArray(output, "lat").values, (std::vector<double>{47.4375, 47.25, 47.1875, 47}));
    QCOMPARE(height.dims, std::string());
    QCOMPARE(height.values, std::vector<double>{2.5});
    QCOMPARE(height.attributes["positive"], std::string("up"));
    QCOMPARE(height.attributes["axis"], std::string("Z"));
    QCOMPARE(storedArray(output, "granule").values, std::vector<double>{9007199254740991.0});
    QCOMPARE(runs.values, std::vector<double>{70000000005.0});
    QCOMPARE(runs.attributes["long_name"], std::string("run number"));
    QCOMPARE(runs.dims, std::string());
    QCOMPARE(storedArray(output, "month").values, std::vector<double>{11});
    QCOMPARE(when.values, std::vector<double>{1620216000});  // 2021-05-05T12:00
    QCOMPARE(when.attributes["units"], std::string("seconds since 1970-01-01 00:00:00"));
    const std::string listed = " " + result.attributes["coordinates"] + " ";
    for (const char* coordinate : {" lon ", " lat ", " height ", " granule ", " run ", " month ", " when "})
      QVERIFY2(listed.find(coordinate) != std::string::npos, (listed + "lacks" + coordinate).c_str());
    // GDAL 3.6 and before read no 64-bit integers in NetCDF and Zarr as such everywhere: the type is asked of our own reader, too.
    const auto again = m_engine.bind("open " + output).value();
    const ArraySpec& spec = again->nodes.back().operation->spec();
    const auto typeOf = [&spec](const char* coordinate) { return spec.coordinateNamed(coordinate)->values->type; };
    QCOMPARE(typeOf("granule"), PixelType::Int64);
    QCOMPARE(typeOf("run"), PixelType::Int64);
    QCOMPARE(typeOf("month"), PixelType::Int16);
    QCOMPARE(typeOf("lat"), PixelType::Float32);
    QCOMPARE(spec.coordinateNamed("when")->text(), std::string("2021-05-05T12:00:00Z"));
  }

  /// Whole numbers along a dim stay whole numbers.
  void dimsKeepTheirType() {
    for (const std::string& output : {at("dims.nc"), at("dims.zarr")}) {
      run("open " + at("swath.zarr") + " variable=rad ! isel line=0:2 ! write " + output);
      const auto again = m_engine.bind("open " + output).value();
      const ArraySpec& spec = again->nodes.back().operation->spec();
      QCOMPARE(spec.dims[0].coordinate.type, PixelType::Int64);
      QCOMPARE(spec.dims[0].coordinate.at(1), 70000000005.0);
      QCOMPARE(spec.coordinateNamed("month")->dims, std::vector<std::string>{"run"});
      QCOMPARE(spec.coordinateNamed("month")->values->at(1), 11.0);
    }
  }

  /// What differs between two arrays is no coordinate of their difference; what is of a dim goes with it.
  void whatDoesNotHoldGoes() {
    Chain chain;
    chain.nodes = {{"open", "open", {}, Json{{"path", at("swath.zarr")}, {"variable", "rad"}}, false},
                   {"first", "isel", {"open"}, Json{{"indexers", {{"run", 0}}}}, false},
                   {"second", "isel", {"open"}, Json{{"indexers", {{"run", 1}}}}, false},
                   {"difference", "calc", {"first", "second"}, Json{{"expression", "in2.x-x"}}, false}};
    const auto two = bindChain(chain, m_engine.registry, *m_engine.sources);
    QVERIFY2(two.has_value(), two ? "" : two.error().text().c_str());
    const ArraySpec& spec = (*two)->nodes.back().operation->spec();
    QVERIFY(spec.coordinateNamed("run") == nullptr);
    QVERIFY(spec.coordinateNamed("month") == nullptr);
    QVERIFY(spec.coordinateNamed("lon") != nullptr);
    QVERIFY(spec.coordinateNamed("height") != nullptr);
    const auto mean = m_engine.bind("open " + at("swath.zarr") + " variable=rad ! reduce dims=line statistic=mean").value();
    QVERIFY(mean->nodes.back().operation->spec().coordinateNamed("lon") == nullptr);
    QVERIFY(mean->nodes.back().operation->spec().coordinateNamed("height") != nullptr);
  }

  /// Another grid has other places.
  void reprojectLeavesThemOut() {
    const auto graph = m_engine.bind("open " + at("swath.zarr") + " variable=rad ! assign_grid bounds=0,0,4,3 crs=EPSG:4326 " +
                                     "! reproject resolution=0.5");
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const BoundOperation& last = *(*graph)->nodes.back().operation;
    QVERIFY(last.spec().coordinateNamed("lat") == nullptr);
    QVERIFY(last.spec().coordinateNamed("when") != nullptr);
    QVERIFY(std::any_of(last.warnings().begin(), last.warnings().end(), [](const std::string& warning) {
      return warning.find("lon, lat") != std::string::npos && warning.find("left out") != std::string::npos;
    }));
  }

  /// A band that was taken alone stays one of its wavelength, in every format.
  void oneWavelength_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"w.tif", "w.img", "w.nc", "w.zarr"}) QTest::newRow(name) << name;
  }
  void oneWavelength() {
    QFETCH(QString, name);
    const std::string output = at(name.toStdString());
    const std::string open = "open " + data("envi/enmap_potsdam_96x64.bil") + " ! isel wavelength=40";
    const auto before = m_engine.bind(open).value();
    const AuxiliaryCoordinate* wanted = before->nodes.back().operation->spec().coordinateNamed("wavelength");
    QVERIFY(wanted != nullptr);
    run(open + " ! write " + output);
    const auto again = m_engine.bind("open " + output).value();
    const ArraySpec& spec = again->nodes.back().operation->spec();
    if (name.endsWith(".nc") || name.endsWith(".zarr")) {
      auto stored = test::storedArray(output, "wavelength");
      QVERIFY(stored.isThere);
      QCOMPARE(stored.values, wanted->values->values);
      QCOMPARE(stored.attributes["units"], std::string("nm"));
      QCOMPARE(test::storedArray(output, "fwhm").values, before->nodes.back().operation->spec().coordinateNamed("fwhm")->values->values);
      return;
    }
    const int d = spec.indexOf("wavelength");
    QVERIFY(d >= 0);
    QVERIFY(std::abs(spec.dims[static_cast<std::size_t>(d)].coordinate.at(0) - wanted->values->at(0)) < 1e-9);
    QCOMPARE(spec.dims[static_cast<std::size_t>(d)].coordinate.unit, std::string("nm"));
  }

  /// Along pixels neither ENVI nor TIFF has a place for numbers: that is said before the run.
  void formatsWithoutAPlaceSayIt() {
    for (const std::string name : {"lost.tif", "lost.img"}) {
      const auto plan = m_engine.plan("open " + at("swath.zarr") + " variable=rad ! write " + at(name));
      QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
      QVERIFY(std::any_of(plan->warnings.begin(), plan->warnings.end(),
                          [](const PlanWarning& warning) { return warning.message.find("lon (line, pixel)") != std::string::npos; }));
    }
  }
};

QTEST_APPLESS_MAIN(TestCoordinates)
#include "tst_coordinates.moc"
