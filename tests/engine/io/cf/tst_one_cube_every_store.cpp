// SPDX-License-Identifier: GPL-3.0-or-later
// One cube as classic NetCDF, netCDF-4, HDF5, Zarr and kerchunk references (tests/data/cf/make_cubes.py) is one and the same array.
#include <QtTest>
#include <cmath>

#include "engine/base/text.h"
#include "engine/io/file_provider.h"
#include "tests/support/source_conformance.h"

using namespace cubeloom;

namespace {

const std::string kData = CUBELOOM_TEST_DATA "/cf/";
const char* const kStores[] = {"classic.nc", "netcdf4.nc", "hdf5.h5", "cube.zarr", "kerchunk.json"};

std::string numbers(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += " " + formatNumber(value);
  return text;
}

std::string told(const Coordinate& c) {
  std::string text = "kind " + std::to_string(static_cast<int>(c.kind)) + " from " + formatNumber(c.start) + " by " + formatNumber(c.step) +
                     " values" + numbers(c.values) + " labels " + join(c.labels, ",") + " unit " + c.unit;
  for (const auto& [name, values] : c.aux) text += " " + name + numbers(values);
  return text;
}

/// All that a spec says, but for how the store keeps it.
std::string told(const ArraySpec& spec) {
  std::string text = spec.variable + " " + std::string(pixelTypeName(spec.type)) + " in " + spec.unit + "\n";
  text += "nodata " + (spec.nodata ? formatNumber(*spec.nodata) : "undeclared") + "\n";
  for (const Dim& dim : spec.dims) text += dim.name + " " + std::to_string(dim.size) + ": " + told(dim.coordinate) + "\n";
  text += "spatial dims " + std::to_string(spec.yDim) + " " + std::to_string(spec.xDim) + "\n";
  if (spec.geobox) {
    const std::array<double, 6> six = spec.geobox->affine().geotransform();
    text += "grid" + numbers({six.begin(), six.end()}) + "\ncrs " + spec.geobox->crs().wkt() + "\n";
  }
  if (spec.storedScale) text += "scale " + formatNumber(spec.storedScale->factor) + " " + formatNumber(spec.storedScale->offset) + "\n";
  for (const auto& [name, value] : spec.attributes) text += name + ": " + value + "\n";
  return text;
}

/// Notes about the array: not those of the references as such.
std::string told(const DatasetInfo& info) {
  std::string text;
  for (const std::string& note : info.notes)
    if (note.find(" references to ") == std::string::npos) text += note + "\n";
  for (const VariableInfo& variable : info.variables) text += "variable " + told(variable.spec);
  return text + "chosen " + info.variables[info.chosen].name;
}

}  // namespace

class TestOneCubeEveryStore : public QObject {
  Q_OBJECT

  std::shared_ptr<SourceProvider> m_provider = makeFileProvider();

  static void cubes() {
    QTest::addColumn<QString>("cube");
    for (const char* cube :
         {"lonlat", "lonlat_off", "uneven", "seam", "utm", "curvilinear", "packed", "two_mappings", "two_fills", "text_scale", "shifted"})
      QTest::newRow(cube) << QString(cube);
  }
  std::shared_ptr<Source> open(const QString& cube, const char* store) {
    auto source = m_provider->open({kData + cube.toStdString() + "/" + store, {}, {}});
    if (!source) qWarning("%s: %s", store, source.error().text().c_str());
    return source ? *source : nullptr;
  }

 private slots:
  void specsAreEqual_data() { cubes(); }
  void specsAreEqual() {
    QFETCH(QString, cube);
    const auto classic = open(cube, kStores[0]);
    const auto classicInfo = m_provider->info(kData + cube.toStdString() + "/" + kStores[0]);
    QVERIFY(classic && classicInfo);
    for (const char* store : kStores) {
      const auto source = open(cube, store);
      const auto info = m_provider->info(kData + cube.toStdString() + "/" + store);
      QVERIFY2(source && info, store);
      QCOMPARE(QString::fromStdString(told(source->spec())), QString::fromStdString(told(classic->spec())));
      QCOMPARE(QString::fromStdString(told(*info)), QString::fromStdString(told(*classicInfo)));
    }
  }

  void valuesAreEqual_data() { cubes(); }
  void valuesAreEqual() {
    QFETCH(QString, cube);
    // By make_cubes.py 3 i - 5: halved as floats, or packed, of which xarray makes these.
    const auto valueOf = [&cube](int stored) -> double {
      if (cube == "packed") return stored == -5 ? NAN : static_cast<double>(static_cast<float>(stored) * 0.01F + 273.15F);
      if (cube == "two_fills") return stored == -2 ? -5 : stored;
      if (cube == "text_scale") return stored == 1 || stored == 4 ? NAN : stored * 0.25 - 3;
      if (cube == "shifted") return stored * 0.01 + 273.15;
      return stored / 2.0;
    };
    std::vector<double> expected;
    for (int i = 0; i < 24; ++i) expected.push_back(valueOf(3 * i - 5));
    for (const char* store : kStores) {
      const auto source = open(cube, store);
      QVERIFY2(source, store);
      BufferPool pool;
      const Block block = test::readWhole(*source, pool);
      std::vector<double> values(24);
      copyBlock(block.view, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, block.view.shape));
      QCOMPARE(QString::fromStdString(numbers(values)), QString::fromStdString(numbers(expected)));
      QCOMPARE(test::sourceProblem(*source, test::CostPromise::UpperBound), std::string());
    }
  }

  /// What each cube is, said independently of any store.
  void lonLatIsAGridOfWgs84() {
    for (const char* store : kStores) {
      // One longitude is off by 0.005 degrees, half a hundredth of a pixel: still a grid, in every store.
      for (const char* cube : {"lonlat", "lonlat_off", "packed"}) {
        const auto source = open(cube, store);
        QVERIFY2(source && source->spec().geobox, store);
        QCOMPARE(source->spec().geobox->affine(), (Affine{1, 0, 9.5, 0, -1, 52.5}));
        QCOMPARE(source->spec().geobox->crs().authority(), std::string("EPSG:4326"));
      }
      QVERIFY2(!open("uneven", store)->spec().geobox, store);  // 0.05: five hundredths
    }
  }

  /// Longitudes 356.5, 358, 359.5, 1 are evenly spaced, all the way round.
  void longitudesGoRound() {
    for (const char* store : kStores) {
      const ArraySpec spec = open("seam", store)->spec();
      QVERIFY2(spec.geobox, store);
      QCOMPARE(spec.geobox->affine(), (Affine{1.5, 0, 355.75, 0, -1, 52.5}));
      QCOMPARE(spec.dims[2].coordinate.at(3), 361.0);
    }
  }

  void utmIsFoundByItsParameters() {
    for (const char* store : kStores) {
      const ArraySpec spec = open("utm", store)->spec();
      QCOMPARE(spec.geobox->crs().authority(), std::string("EPSG:32632"));
      QCOMPARE(spec.geobox->affine(), (Affine{30, 0, 400000, 0, -30, 5800060}));
    }
  }

  /// Day 59 and 60 of the year 2000, as cftime 1.6 gives them: dates in the world's calendars, numbers with their calendar in others.
  void calendars() {
    using Names = std::vector<std::string>;
    for (const char* store : kStores) {
      const auto time = [&](const char* cube) { return open(cube, store)->spec().dims[0].coordinate; };
      QCOMPARE(time("lonlat").labels, (Names{"2000-02-29T00:00:00Z", "2000-03-01T00:00:00Z"}));
      QCOMPARE(time("uneven").labels, (Names{"2000-02-29T23:00:00Z", "2000-03-01T00:00:00Z"}));
      QCOMPARE(time("packed").labels, (Names{"2000-01-29T00:00:00Z", "2000-01-30T00:00:00Z"}));
      QCOMPARE(time("utm").unit, std::string("days since 2000-01-01 [noleap]"));
      QCOMPARE(time("curvilinear").unit, std::string("days since 2000-01-01 [360_day]"));
      for (const char* cube : {"utm", "curvilinear"}) QCOMPARE(time(cube).values, (std::vector<double>{59, 60}));
    }
  }

  /// The mapping that is of x and y, though another one comes first.
  void theMappingOfTheDims() {
    const auto cone = Crs::fromUser("+proj=lcc +lat_0=48 +lon_0=13.5 +lat_1=47.5 +datum=WGS84 +no_defs");
    QVERIFY(cone);
    for (const char* store : kStores) {
      const auto source = open("two_mappings", store);
      QVERIFY2(source && source->spec().geobox, store);
      QVERIFY2(source->spec().geobox->crs().isSameAs(*cone), source->spec().geobox->crs().label().c_str());
      QCOMPARE(source->spec().geobox->affine(), (Affine{2000, 0, -10000, 0, -2000, 8000}));
    }
  }

  /// Months are counted by the calendar, where every month has such a day; there is no year 0 to count from.
  void datesThatAreNotDays() {
    for (const char* store : kStores) {
      const auto time = [&](const char* cube) { return open(cube, store)->spec().dims[0].coordinate; };
      QCOMPARE(time("two_fills").labels, (std::vector<std::string>{"1984-02-01T00:00:00Z", "1984-03-01T00:00:00Z"}));
      QCOMPARE(time("two_fills").unit, std::string("datetime"));
      for (const char* cube : {"text_scale", "two_mappings"}) QCOMPARE(time(cube).values, (std::vector<double>{59, 60}));
      QCOMPARE(time("text_scale").unit, std::string("months since 1979-03-31 [gregorian]"));
      QCOMPARE(time("two_mappings").unit, std::string("days since 0000-01-01 [standard]"));
    }
  }

  void missingValues() {
    for (const char* store : kStores) {
      QCOMPARE(open("lonlat", store)->spec().nodata.value(), -9999.0);
      QVERIFY(!open("lonlat_off", store)->spec().nodata);
      QVERIFY(std::isnan(open("uneven", store)->spec().nodata.value()));
      QVERIFY(std::isnan(open("packed", store)->spec().nodata.value()));
      QCOMPARE(open("packed", store)->spec().type, PixelType::Float32);
      QCOMPARE(open("two_fills", store)->spec().nodata.value(), -5.0);
      QCOMPARE(open("two_fills", store)->spec().type, PixelType::Int16);
      QVERIFY(std::isnan(open("text_scale", store)->spec().nodata.value()));
      QVERIFY(!open("shifted", store)->spec().nodata);
      QCOMPARE(open("shifted", store)->spec().type, PixelType::Float64);
    }
  }
};

QTEST_GUILESS_MAIN(TestOneCubeEveryStore)
#include "tst_one_cube_every_store.moc"
