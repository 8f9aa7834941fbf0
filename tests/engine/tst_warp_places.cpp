// SPDX-License-Identifier: GPL-3.0-or-later
// Grids of real products at the seams of maps, beside gdalwarp -et 0: antimeridian, poles, the edge of the Earth, longitudes to 360, a
// datum shift.
#include <QtTest>

#include "tests/support/random_warp.h"
#include "tests/support/warp_judge.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

struct Grid {
  const char* crs;
  std::int64_t rows, cols;
  std::array<double, 6> geotransform;
};

struct Place {
  const char* name;
  Grid source, target;
};

const Place kPlaces[] = {
    // A scene of 60 m pixels from 179 degrees east to 179 west.
    {"antimeridian, UTM 60N to UTM 1N",
     {"EPSG:32660", 60, 120, {680000, 600, 0, 7230000, 0, -600}},
     {"EPSG:32601", 40, 70, {280000, 700, 0, 7225000, 0, -700}}},
    {"antimeridian, UTM 60N to PDC Mercator",
     {"EPSG:32660", 60, 120, {680000, 600, 0, 7230000, 0, -600}},
     {"EPSG:3832", 50, 90, {3120000, 1500, 0, 9740000, 0, -1500}}},
    {"antimeridian, UTM 60N to longitudes below 180",
     {"EPSG:32660", 60, 120, {680000, 600, 0, 7230000, 0, -600}},
     {"EPSG:4326", 40, 60, {178.8, 0.02, 0, 65.15, 0, -0.01}}},
    {"antimeridian, the whole globe to PDC Mercator",
     {"EPSG:4326", 45, 90, {-180, 4, 0, 90, 0, -4}},
     {"EPSG:3832", 40, 60, {-9000000, 300000, 0, 6000000, 0, -300000}}},
    {"antimeridian, the whole globe to a plate of the Pacific",
     {"EPSG:4326", 90, 180, {-180, 2, 0, 90, 0, -2}},
     {"EPSG:2193", 30, 30, {1000000, 60000, 0, 6300000, 0, -60000}}},
    {"south pole, NSIDC to polar stereographic",
     {"EPSG:3976", 83, 79, {-3950000, 100000, 0, 4350000, 0, -100000}},
     {"EPSG:3031", 60, 60, {-3000000, 100000, 0, 3000000, 0, -100000}}},
    {"south pole, NSIDC to degrees",
     {"EPSG:3976", 83, 79, {-3950000, 100000, 0, 4350000, 0, -100000}},
     {"EPSG:4326", 30, 90, {-180, 4, 0, -50, 0, -1.25}}},
    {"north pole, degrees to polar stereographic",
     {"EPSG:4326", 40, 120, {-180, 3, 0, 90, 0, -1}},
     {"EPSG:3413", 50, 50, {-2500000, 100000, 0, 2500000, 0, -100000}}},
    {"the Earth's edge, GOES to degrees",
     {"+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80 +units=m", 90, 90, {-5434895, 120775, 0, 5434895, 0, -120775}},
     {"EPSG:4326", 70, 80, {-155, 2, 0, 70, 0, -2}}},
    {"the Earth's edge, degrees to GOES",
     {"EPSG:4326", 90, 180, {-180, 2, 0, 90, 0, -2}},
     {"+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80 +units=m", 60, 60, {-5600000, 186700, 0, 5600000, 0, -186700}}},
    {"longitudes to 360 onto longitudes from -180",
     {"EPSG:4326", 45, 90, {0, 4, 0, 90, 0, -4}},
     {"EPSG:4326", 40, 80, {-170, 3.1, 0, 80, 0, -3.1}}},
    {"longitudes to 360, south up, to Web Mercator",
     {"EPSG:4326", 45, 90, {0, 4, 0, -90, 0, 4}},
     {"EPSG:3857", 40, 60, {-15000000, 400000, 0, 8000000, 0, -400000}}},
    {"longitudes to 360 to UTM",
     {"EPSG:4326", 90, 180, {0, 2, 0, 90, 0, -2}},
     {"EPSG:32610", 20, 20, {-400000, 90000, 0, 5000000, 0, -90000}}},
    {"NAD27 to NAD83", {"EPSG:26710", 50, 50, {600000, 30, 0, 4200000, 0, -30}}, {"EPSG:26910", 50, 50, {599900, 31, 0, 4200300, 0, -31}}},
    {"OSGB 1936 to UTM",
     {"EPSG:27700", 50, 50, {400000, 100, 0, 300000, 0, -100}},
     {"EPSG:32630", 50, 50, {537000, 90, 0, 5822000, 0, -90}}},
};

GdalWarpJob jobOf(const Place& place, Resampling method) {
  const auto boxOf = [](const Grid& grid) {
    return GeoBox(grid.rows, grid.cols, Affine::fromGeotransform(grid.geotransform), Crs::fromUser(grid.crs).value());
  };
  GdalWarpJob job;
  job.sourceCrs = place.source.crs;
  job.targetCrs = place.target.crs;
  job.source = boxOf(place.source);
  job.target = boxOf(place.target);
  job.method = method;
  job.type = PixelType::Float32;
  job.nodata = -9999;
  fillAtRandom(job, 7);
  return job;
}

}  // namespace

class TestWarpPlaces : public QObject {
  Q_OBJECT

 private slots:
  void equalsGdalwarp_data();
  void equalsGdalwarp();
};

void TestWarpPlaces::equalsGdalwarp_data() {
  QTest::addColumn<int>("place");
  QTest::addColumn<int>("method");
  for (int i = 0; i < static_cast<int>(std::size(kPlaces)); ++i)
    for (const Resampling method : {Resampling::Nearest, Resampling::Bilinear, Resampling::CubicSpline, Resampling::Lanczos,
                                    Resampling::Average, Resampling::Mode, Resampling::Q3})
      QTest::addRow("%s, %s", kPlaces[i].name, std::string(resamplingName(method)).c_str()) << i << static_cast<int>(method);
}

void TestWarpPlaces::equalsGdalwarp() {
  QFETCH(int, place);
  QFETCH(int, method);
  const WarpVerdict verdict = judgeWarp(jobOf(kPlaces[place], static_cast<Resampling>(method)), 11, 7);
  QVERIFY2(verdict.problem.isEmpty(), qPrintable(verdict.problem));
}

QTEST_APPLESS_MAIN(TestWarpPlaces)
#include "tst_warp_places.moc"
