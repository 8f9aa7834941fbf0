// SPDX-License-Identifier: GPL-3.0-or-later
// Grids of real products at the seams of maps, beside gdalwarp -et 0: antimeridian, poles, the edge of the Earth, longitudes to 360, a
// datum shift.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/support/random_warp.h"
#include "tests/support/warp_judge.h"
#include "tests/support/warping.h"

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
    {"Hughes' ellipsoid, a deprecated CRS, to polar stereographic",
     {"EPSG:3412", 83, 79, {-3950000, 100000, 0, 4350000, 0, -100000}},
     {"EPSG:3031", 60, 60, {-3000000, 97000, 0, 3000000, 0, -97000}}},
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

/// Each source pixel cut into `cuts` x `cuts` parts, every part's share of the value given to the output pixel in which its centre lies.
/// A pixel that is not wholly on the target's side of the Earth has no shares.
struct ScatteredSum {
  std::vector<double> values, weights;

  ScatteredSum(const GdalWarpJob& job, int cuts) {
    values.assign(static_cast<std::size_t>(job.target.rows() * job.target.cols()), 0);
    weights = values;
    const Transformer transformer = Transformer::between(job.source.crs(), job.target.crs()).value();
    const Affine toPixel = job.target.affine().inverse();
    const double period = job.target.crs().isGeographic() ? 360 / job.target.pixelWidth() : 0;
    const double share = 1.0 / (cuts * cuts);
    for (std::int64_t i = 0; i < job.source.rows() * job.source.cols(); ++i) {
      float value = 0;
      std::memcpy(&value, job.pixels.data() + static_cast<std::size_t>(i) * sizeof value, sizeof value);
      if (value == static_cast<float>(*job.nodata)) continue;
      std::vector<double> x, y;
      const auto add = [&](double right, double down) {
        const double col = static_cast<double>(i % job.source.cols()) + right, row = static_cast<double>(i / job.source.cols()) + down;
        x.push_back(job.source.affine().x(col, row));
        y.push_back(job.source.affine().y(col, row));
      };
      for (int k = 0; k < cuts * cuts; ++k) add((k % cuts + 0.5) / cuts, (k / cuts + 0.5) / cuts);
      for (int corner = 0; corner < 4; ++corner) add(corner % 2, corner / 2);
      transformer.forward(x.data(), y.data(), x.size());
      if (!std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); })) continue;
      x.resize(x.size() - 4);
      for (std::size_t k = 0; k < x.size(); ++k) {
        double col = toPixel.x(x[k], y[k]);
        const double row = toPixel.y(x[k], y[k]);
        if (period > 0) col -= period * std::floor(col / period);
        if (!(col >= 0 && col < static_cast<double>(job.target.cols()) && row >= 0 && row < static_cast<double>(job.target.rows())))
          continue;
        const auto at = static_cast<std::size_t>(std::floor(row) * static_cast<double>(job.target.cols()) + std::floor(col));
        values[at] += share * static_cast<double>(value);
        weights[at] += share;
      }
    }
  }
};

}  // namespace

class TestWarpPlaces : public QObject {
  Q_OBJECT

 private slots:
  void equalsGdalwarp_data();
  void equalsGdalwarp();
  void sumIsSharedOut_data();
  void sumIsSharedOut();
  void oneScaleForTheWholeOutput_data();
  void oneScaleForTheWholeOutput();
  void bothEndsOfTheSource_data();
  void bothEndsOfTheSource();
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

void TestWarpPlaces::sumIsSharedOut_data() {
  QTest::addColumn<int>("place");
  for (int i = 0; i < static_cast<int>(std::size(kPlaces)); ++i) QTest::newRow(kPlaces[i].name) << i;
}

// gdalwarp's sum tears pixels at seams: there the judge is counting.
void TestWarpPlaces::sumIsSharedOut() {
  QFETCH(int, place);
  GdalWarpJob job = jobOf(kPlaces[place], Resampling::Sum);
  for (std::size_t i = 0; i < job.pixels.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, job.pixels.data() + i, sizeof value);
    if (std::isnan(value)) value = 17;
    std::memcpy(job.pixels.data() + i, &value, sizeof value);
  }
  const auto warp = Warp::create(job.source, job.target, {Resampling::Sum, false}).value();
  const std::vector<std::byte> got = warpInPieces(*warp, job.source, job.target, job.type, job.pixels, job.nodata, *job.nodata, 11, 7);
  for (std::int64_t row = 0; row < job.target.rows(); row += 10)
    for (std::int64_t col = 0; col < job.target.cols(); col += 10) {
      const PixelList rows = pixelRange(row, std::min<std::int64_t>(10, job.target.rows() - row));
      const PixelList cols = pixelRange(col, std::min<std::int64_t>(10, job.target.cols() - col));
      const auto piece = warp->piece(rows, cols).value();
      QVERIFY(covers(warp->needBound(rows, cols).value(), piece->need()));
      QVERIFY(piece->bytes() <= warp->pieceBytesBound(rows.size(), cols.size()));
    }
  constexpr int kCuts = 8;
  const ScatteredSum counted(job, kCuts);
  constexpr double kLargest = 400;
  for (std::size_t i = 0; i < counted.values.size(); ++i) {
    float value = 0;
    std::memcpy(&value, got.data() + i * sizeof value, sizeof value);
    if (value == static_cast<float>(*job.nodata)) value = 0;
    // The parts along the pixel's outline go to one side or the other.
    const double tolerance = kLargest / kCuts * std::sqrt(1 + 4 * std::sqrt(counted.weights[i]));
    QVERIFY2(std::abs(static_cast<double>(value) - counted.values[i]) <= tolerance,
             qPrintable(QString("row %1, column %2: %3 instead of %4 (of %5 pixels, tolerance %6)")
                            .arg(i / static_cast<std::size_t>(job.target.cols()))
                            .arg(i % static_cast<std::size_t>(job.target.cols()))
                            .arg(static_cast<double>(value))
                            .arg(counted.values[i])
                            .arg(counted.weights[i])
                            .arg(tolerance)));
  }
}

void TestWarpPlaces::oneScaleForTheWholeOutput_data() {
  QTest::addColumn<int>("method");
  QTest::newRow("cubicspline") << static_cast<int>(Resampling::CubicSpline);
  QTest::newRow("lanczos") << static_cast<int>(Resampling::Lanczos);
}

// A scene turned by 16 degrees in its new CRS: of the source that the output asks for, more than half does not exist. Then gdalwarp cuts
// the output into pieces that widen the kernels differently, here by where the scene's edge lies. Told the scales, it answers as we do.
void TestWarpPlaces::oneScaleForTheWholeOutput() {
  QFETCH(int, method);
  const Place scene{"turned",
                    {"EPSG:5070", 110, 110, {1634415, 1500, 0, 2714805, 0, -1500}},
                    {"EPSG:4326", 115, 160, {-75.4, 0.0155, 0, 45.9, 0, -0.0165}}};
  const GdalWarpJob job = jobOf(scene, static_cast<Resampling>(method));
  const auto warp = Warp::create(job.source, job.target, {job.method, false}).value();
  QVERIFY2(warp->scaleY() > 1.05, qPrintable(QString("%1 x %2").arg(warp->scaleX()).arg(warp->scaleY())));
  const std::string cut = "SRC_FILL_RATIO_HEURISTICS=YES", uncut = "SRC_FILL_RATIO_HEURISTICS=NO";
  QVERIFY(gdalwarp(job, {cut}).pixels != gdalwarp(job, {uncut}).pixels);
  const std::string x = "XSCALE=" + QString::number(1 / warp->scaleX(), 'g', 17).toStdString();
  const std::string y = "YSCALE=" + QString::number(1 / warp->scaleY(), 'g', 17).toStdString();
  const std::vector<std::byte> told = gdalwarp(job, {cut, x, y}).pixels;
  QVERIFY(told == gdalwarp(job, {uncut, x, y}).pixels);
  const WarpVerdict verdict = judgeWarp(job, 11, 7);
  QVERIFY2(verdict.problem.isEmpty(), qPrintable(verdict.problem));
  const std::vector<std::byte> ours =
      warpInPieces(*warp, job.source, job.target, job.type, job.pixels, job.nodata, *job.nodata, job.target.rows(), job.target.cols());
  QCOMPARE(ours.size(), told.size());
  for (std::size_t i = 0; i < ours.size(); i += sizeof(float)) {
    float a = 0, b = 0;
    std::memcpy(&a, ours.data() + i, sizeof a);
    std::memcpy(&b, told.data() + i, sizeof b);
    QVERIFY2(std::abs(a - b) <= 1e-4F, qPrintable(QString("pixel %1: %2 instead of %3").arg(i / sizeof a).arg(a).arg(b)));
  }
}

void TestWarpPlaces::bothEndsOfTheSource_data() {
  QTest::addColumn<QString>("method");
  QTest::addColumn<int>("cols");  // of 10 degrees
  QTest::addColumn<double>("from");
  QTest::addColumn<std::vector<float>>("expected");
  // From 170 degrees west to 170 degrees east, nothing in the 20 degrees between: the pixel from 160 to 200 degrees covers the last column
  // and the first.
  const auto gap = [](const char* method, const std::vector<float>& expected) {
    QTest::addRow("%s beside a gap", method) << method << 34 << 0.0 << expected;
  };
  gap("average", {18.5, 22.5, 26.5, 30.5, 16.5, 2.5, 6.5, 10.5, 14.5});
  gap("min", {17, 21, 25, 29, 0, 1, 5, 9, 13});
  gap("max", {20, 24, 28, 32, 33, 4, 8, 12, 16});
  gap("sum", {74, 90, 106, 122, 33, 10, 26, 42, 58});
  // The whole globe: a pixel ends at 180 degrees, and the next one begins there.
  QTest::newRow("average from the seam on") << "average" << 36 << 20.0
                                            << std::vector<float>{21.5, 25.5, 29.5, 33.5, 1.5, 5.5, 9.5, 13.5, 17.5};
}

/// Output pixels of 40 degrees; a source pixel holds the number of its column.
void TestWarpPlaces::bothEndsOfTheSource() {
  QFETCH(QString, method);
  QFETCH(int, cols);
  QFETCH(double, from);
  QFETCH(std::vector<float>, expected);
  const Crs degrees = Crs::fromUser("EPSG:4326").value();
  const GeoBox source(1, cols, {10, 0, -5.0 * cols, 0, -10, 10}, degrees), target(1, 9, {40, 0, from, 0, -10, 10}, degrees);
  std::vector<std::byte> pixels(static_cast<std::size_t>(cols) * sizeof(float));
  for (int col = 0; col < cols; ++col) {
    const auto value = static_cast<float>(col);
    std::memcpy(pixels.data() + static_cast<std::size_t>(col) * sizeof value, &value, sizeof value);
  }
  const auto warp = Warp::create(source, target, {*resamplingFromName(method.toStdString()), false}).value();
  for (const std::int64_t pieceCols : {1, 4, 9}) {
    const auto got = test::warpInPieces(*warp, source, target, PixelType::Float32, pixels, std::nullopt, -1, 1, pieceCols);
    for (std::size_t col = 0; col < expected.size(); ++col) {
      float value = 0;
      std::memcpy(&value, got.data() + col * sizeof value, sizeof value);
      QVERIFY2(value == expected[col], qPrintable(QString("column %1: %2, not %3").arg(col).arg(value).arg(expected[col])));
    }
  }
}

QTEST_APPLESS_MAIN(TestWarpPlaces)
#include "tst_warp_places.moc"
