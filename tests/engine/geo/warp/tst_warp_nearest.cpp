// SPDX-License-Identifier: GPL-3.0-or-later
// Nearest: ties to the last bit, any orientation of either grid, what lies outside, what a piece needs and how it is bounded.
#include <QtTest>
#include <cmath>
#include <complex>
#include <cstring>

#include "engine/geo/warp/warp.h"
#include "tests/support/warping.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

Crs crsOf(const char* text) { return Crs::fromUser(text).value(); }

std::shared_ptr<const Warp> warpOf(const GeoBox& source, const GeoBox& target) { return Warp::create(source, target, {}).value(); }

/// Each output pixel's source pixel as row * 1000 + col, or -1, found by warping a source that holds just that.
std::vector<std::int32_t> sourceOf(const GeoBox& source, const GeoBox& target, const PixelList& rows, const PixelList& cols) {
  const auto piece = warpOf(source, target)->piece(rows, cols).value();
  std::vector<std::int32_t> held, out(rows.size() * cols.size());
  for (const std::int64_t r : piece->need().rows.toVector())
    for (const std::int64_t c : piece->need().cols.toVector()) held.push_back(static_cast<std::int32_t>(r * 1000 + c));
  const std::int64_t need = piece->need().cols.count();
  const auto width = static_cast<std::int64_t>(cols.size());
  piece->apply(PixelType::Int32, {reinterpret_cast<std::byte*>(held.data()), piece->need().rows.count(), need, need * 4, 4},
               {reinterpret_cast<std::byte*>(out.data()), static_cast<std::int64_t>(rows.size()), width, width * 4, 4}, std::nullopt, -1);
  return out;
}

std::vector<std::int32_t> sourceOf(const GeoBox& source, const GeoBox& target) {
  return sourceOf(source, target, pixelRange(0, target.rows()), pixelRange(0, target.cols()));
}

}  // namespace

class TestWarpNearest : public QObject {
  Q_OBJECT

 private slots:
  void names();
  void foundingGrid();
  void ties_data();
  void ties();
  void orientations_data();
  void orientations();
  void onePixel();
  void decimatedPieceKeepsThePixelsSize();
  void separableCutsOff();
  void boundCoversNeed_data();
  void boundCoversNeed();
  void wholeSpansAreNotListed();
  void fewSamplesFarApartAreKnownBefore();
  void acrossTheAntimeridian();
  void longitudesFrom0To360();
  void pointsOffTheEarth();
  void nodataStaysAndTheFillIsOutside();
  void complexPixels();
  void unknownCrs();
};

void TestWarpNearest::names() {
  QCOMPARE(resamplingFromName("near").value(), Resampling::Nearest);
  QCOMPARE(resamplingFromName("Nearest").value(), Resampling::Nearest);
  QVERIFY(!resamplingFromName("nearly"));
  for (const char* name :
       {"nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "rms", "mode", "min", "max", "med", "q1", "q3", "sum"})
    QCOMPARE(resamplingName(resamplingFromName(name).value()), std::string_view(name));
}

void TestWarpNearest::foundingGrid() {
  const Crs utm = crsOf("EPSG:32610");
  const GeoBox source(12023, 13739, {5, 0, 717720, 0, -5, 3865865}, utm);
  const GeoBox target(121, 138, {500, 0, 717500, 0, -500, 3866000}, utm);
  const auto warp = warpOf(source, target);
  const auto selection = warp->separable(pixelRange(0, 121), pixelRange(0, 138));
  QVERIFY(selection);
  // Every centre lies on the corner of four pixels: line 23 + 100 i, sample 6 + 100 j; the last one, line 12023, is
  // the raster's lower edge and so outside.
  QCOMPARE(selection->firstRow, 0);
  QCOMPARE(selection->firstCol, 0);
  QCOMPARE(selection->rows.size(), std::size_t(120));
  QCOMPARE(selection->cols.size(), std::size_t(138));
  for (std::size_t i = 0; i < 120; ++i) QCOMPARE(selection->rows[i], static_cast<std::int64_t>(23 + 100 * i));
  for (std::size_t j = 0; j < 138; ++j) QCOMPARE(selection->cols[j], static_cast<std::int64_t>(6 + 100 * j));
  const auto piece = warp->piece(pixelRange(0, 121), pixelRange(0, 138)).value();
  QCOMPARE(piece->need().rows.toVector(), selection->rows);
  QCOMPARE(piece->need().cols.toVector(), selection->cols);
  QCOMPARE(warp->needBound(pixelRange(0, 121), pixelRange(0, 138)).value().rows.toVector(), selection->rows);
}

void TestWarpNearest::ties_data() {
  QTest::addColumn<double>("offset");    // of the target's centres from the source's pixel corners, in pixels
  QTest::addColumn<QString>("columns");  // taken by output columns whose centres are at 0, 1, 2, 3, 4 + offset of a source of 4 columns
  QTest::newRow("0") << 0.0 << "0 1 2 3 .";
  QTest::newRow("+1e-11") << 1e-11 << "0 1 2 3 .";
  QTest::newRow("-1e-11") << -1e-11 << ". 1 2 3 .";
  QTest::newRow("+1e-9") << 1e-9 << "0 1 2 3 .";
  QTest::newRow("-1e-9") << -1e-9 << ". 0 1 2 3";
  QTest::newRow("-0.5") << -0.5 << ". 0 1 2 3";
  QTest::newRow("+0.5") << 0.5 << "0 1 2 3 .";
}

void TestWarpNearest::ties() {
  QFETCH(double, offset);
  QFETCH(QString, columns);
  // Powers of two and an origin of 0: positions are exact, so that the rule alone decides.
  const Crs utm = crsOf("EPSG:32610");
  const GeoBox source(1, 4, {1, 0, 0, 0, -1, 0}, utm);
  const GeoBox target(1, 5, {1, 0, offset - 0.5, 0, -1, 0}, utm);
  QStringList got;
  for (const std::int32_t pixel : sourceOf(source, target)) got << (pixel < 0 ? "." : QString::number(pixel));
  QCOMPARE(got.join(' '), columns);
}

void TestWarpNearest::orientations_data() {
  QTest::addColumn<double>("a");
  QTest::addColumn<double>("e");
  QTest::newRow("north up") << 1.0 << -1.0;
  QTest::newRow("south up") << 1.0 << 1.0;
  QTest::newRow("east to west") << -1.0 << -1.0;
  QTest::newRow("both") << -1.0 << 1.0;
}

void TestWarpNearest::orientations() {
  QFETCH(double, a);
  QFETCH(double, e);
  // The same ground, 3 rows x 4 columns, seen by a north-up grid.
  const Crs utm = crsOf("EPSG:32610");
  const GeoBox source(3, 4, {a, 0, a > 0 ? 0.0 : 4.0, 0, e, e > 0 ? -3.0 : 0.0}, utm);
  const GeoBox target(3, 4, {1, 0, 0, 0, -1, 0}, utm);
  const auto got = sourceOf(source, target);
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 4; ++c) QCOMPARE(got[static_cast<std::size_t>(r * 4 + c)], (e > 0 ? 2 - r : r) * 1000 + (a > 0 ? c : 3 - c));
  // And back.
  const auto back = sourceOf(target, source);
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 4; ++c) QCOMPARE(back[static_cast<std::size_t>(r * 4 + c)], (e > 0 ? 2 - r : r) * 1000 + (a > 0 ? c : 3 - c));
}

void TestWarpNearest::onePixel() {
  const Crs utm = crsOf("EPSG:32610");
  const GeoBox one(1, 1, {100, 0, 0, 0, -100, 0}, utm);
  const GeoBox fine(4, 4, {50, 0, -50, 0, -50, 50}, utm);
  const std::vector<std::int32_t> expected{-1, -1, -1, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, -1, -1, -1};
  QCOMPARE(sourceOf(one, fine), expected);
  QCOMPARE(sourceOf(fine, one), (std::vector<std::int32_t>{2002}));
  QCOMPARE(sourceOf(one, one.withCrs(crsOf("EPSG:32611"))), (std::vector<std::int32_t>{-1}));
}

void TestWarpNearest::decimatedPieceKeepsThePixelsSize() {
  const GeoBox source(400, 400, {30, 0, 600000, 0, -30, 3900000}, crsOf("EPSG:32610"));
  const GeoBox target(100, 120, {0.001, 0, -121.9, 0, -0.001, 35.23}, crsOf("EPSG:4326"));
  const auto whole = sourceOf(source, target);
  const PixelList rows{0, 3, 50, 99}, cols{1, 2, 60, 61, 119};
  const auto some = sourceOf(source, target, rows, cols);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < cols.size(); ++j)
      QCOMPARE(some[i * cols.size() + j], whole[static_cast<std::size_t>(rows[i] * 120 + cols[j])]);
}

void TestWarpNearest::separableCutsOff() {
  const Crs utm = crsOf("EPSG:32610");
  const GeoBox source(3, 4, {1, 0, 0, 0, -1, 0}, utm);
  const GeoBox target(5, 8, {1, 0, -2, 0, -1, 1}, utm);
  const auto warp = warpOf(source, target);
  const auto selection = warp->separable(pixelRange(0, 5), pixelRange(0, 8));
  QVERIFY(selection);
  QCOMPARE(selection->firstRow, 1);
  QCOMPARE(selection->firstCol, 2);
  QCOMPARE(selection->rows, (PixelList{0, 1, 2}));
  QCOMPARE(selection->cols, (PixelList{0, 1, 2, 3}));
  QVERIFY(warp->separable({0}, {0})->rows.empty());
  QVERIFY(warp->piece({0}, {0}).value()->need().isEmpty());
  QVERIFY(!warpOf(source, target.withCrs(crsOf("EPSG:32611")))->separable({0}, {0}));
  QVERIFY(!Warp::create(source, target.zoomTo(5, 9), {Resampling::Bilinear, false}).value()->separable({0}, {0}));
  // Grids that share their pixels: whatever the method, each output pixel is one source pixel.
  QCOMPARE(Warp::create(source, target, {Resampling::CubicSpline, false}).value()->separable(pixelRange(0, 5), pixelRange(0, 8))->cols,
           selection->cols);
  QVERIFY(!warpOf(GeoBox(3, 4, {1, 0.1, 0, 0.1, -1, 0}, utm), target)->separable({0}, {0}));
}

void TestWarpNearest::boundCoversNeed_data() {
  QTest::addColumn<int>("method");
  for (const Resampling method :
       {Resampling::Nearest, Resampling::Bilinear, Resampling::Cubic, Resampling::Lanczos, Resampling::Average, Resampling::Sum})
    QTest::newRow(std::string(resamplingName(method)).c_str()) << static_cast<int>(method);
}

void TestWarpNearest::boundCoversNeed() {
  QFETCH(int, method);
  const WarpOptions options{static_cast<Resampling>(method), false};
  const GeoBox source(500, 600, {300, 0, 400000, 0, -300, 3950000}, crsOf("EPSG:32610"));
  for (const double size : {0.001, 0.0091, 0.05}) {
    const auto rows = static_cast<std::int64_t>(1.6 / size), cols = static_cast<std::int64_t>(2.2 / size);
    const GeoBox target(rows, cols, {size, 0, -124.2, 0, -size, 35.8}, crsOf("EPSG:4326"));
    const auto warp = Warp::create(source, target, options).value();
    std::int64_t needed = 0, bounded = 0;
    for (std::int64_t r = 0; r + 20 < rows; r += rows / 4)
      for (std::int64_t c = 0; c + 20 < cols; c += cols / 4) {
        const auto piece = warp->piece(pixelRange(r, 20), pixelRange(c, 20)).value();
        QVERIFY(piece->bytes() <= warp->pieceBytesBound(20, 20));
        const WarpNeed need = piece->need();
        const WarpNeed bound = warp->needBound(pixelRange(r, 20), pixelRange(c, 20)).value();
        QVERIFY(covers(bound, need));
        needed += need.isEmpty() ? 0 : (need.rows.max() - need.rows.min() + 15) * (need.cols.max() - need.cols.min() + 15);
        bounded += need.isEmpty() ? 0 : bound.rows.count() * bound.cols.count();
      }
    QVERIFY2(bounded <= 2 * needed, qPrintable(QString("%1 pixels bound for %2 needed").arg(bounded).arg(needed)));
  }
}

void TestWarpNearest::wholeSpansAreNotListed() {
  // 2,000 km of lines: what a plan asks for again and again must not be a list of them.
  const GeoBox source(400000, 20000, {5, 0, 500000, 0, -5, 4000000}, crsOf("EPSG:32610"));
  for (const Resampling method : {Resampling::Average, Resampling::Cubic, Resampling::Max}) {
    const GeoBox sameCrs(4000, 200, {500, 0, 500000, 0, -500, 4000000}, source.crs());
    const WarpNeed bound =
        Warp::create(source, sameCrs, {method, false}).value()->needBound(pixelRange(0, 4000), pixelRange(0, 200)).value();
    QCOMPARE(bound.rows, IndexSet::all(400000));
    QCOMPARE(bound.cols, IndexSet::all(20000));
    const GeoBox otherCrs(40, 20, {0.5, 0, -130, 0, -0.5, 40}, crsOf("EPSG:4326"));
    QCOMPARE(Warp::create(source, otherCrs, {method, false}).value()->needBound(pixelRange(0, 40), pixelRange(0, 20)).value().listBytes(),
             std::size_t(0));
  }
}

void TestWarpNearest::fewSamplesFarApartAreKnownBefore() {
  // A pixel of 0.01 degree holds 200 lines of 5 m: a plan must not promise the lines between the samples. UTM zone 10 read as zone 33.
  const GeoBox source(600, 687, {5, 0, 717720, 0, -5, 3865865}, crsOf("EPSG:32633"));
  const GeoBox target(4, 5, {0.01, 0, 17.38, 0, -0.01, 34.92}, crsOf("EPSG:4326"));
  const auto warp = warpOf(source, target);
  const WarpNeed need = warp->piece(pixelRange(0, 4), pixelRange(0, 5)).value()->need();
  const WarpNeed bound = warp->needBound(pixelRange(0, 4), pixelRange(0, 5)).value();
  QVERIFY(need.rows.count() > 0 && need.rows.count() <= 20);
  QCOMPARE(bound.rows, need.rows);
  QCOMPARE(bound.cols, need.cols);
}

void TestWarpNearest::acrossTheAntimeridian() {
  // UTM zone 60 reaches over 180 degrees into zone 1; the same ground in both.
  const GeoBox source(200, 300, {1000, 0, 600000, 0, -1000, 7200000}, crsOf("EPSG:32660"));
  const GeoBox target(220, 320, {1000, 0, 300000, 0, -1000, 7210000}, crsOf("EPSG:32601"));
  const auto got = sourceOf(source, target);
  const Transformer back = Transformer::between(source.crs(), target.crs()).value();
  std::size_t inside = 0;
  for (std::size_t k = 0; k < got.size(); ++k) {
    double x = target.affine().x(static_cast<double>(k % 320) + 0.5, 0), y = target.affine().y(0, static_cast<double>(k / 320) + 0.5);
    back.inverse(&x, &y, 1);
    const double col = (x - 600000) / 1000, row = (7200000 - y) / 1000;
    const bool isInside = col >= 0 && col <= 300 && row >= 0 && row <= 200;
    QCOMPARE(got[k], isInside ? static_cast<std::int32_t>(row) * 1000 + static_cast<std::int32_t>(col) : -1);
    inside += isInside ? 1 : 0;
  }
  QVERIFY(inside > 10000);
}

void TestWarpNearest::longitudesFrom0To360() {
  const GeoBox source(90, 180, {2, 0, 0, 0, -2, 90}, crsOf("EPSG:4326"));
  const GeoBox target(4, 4, {100000, 0, 400000, 0, -100000, 4000000}, crsOf("EPSG:32610"));  // near longitude -123, that is 237
  for (const std::int32_t pixel : sourceOf(source, target)) QVERIFY(pixel % 1000 >= 117 && pixel % 1000 <= 120);
}

void TestWarpNearest::pointsOffTheEarth() {
  // Corners of a geostationary image look past the Earth.
  const Crs disk = crsOf("+proj=geos +h=35785831 +lon_0=-75 +sweep=x +datum=WGS84");
  const GeoBox source(90, 180, {2, 0, -180, 0, -2, 90}, crsOf("EPSG:4326"));
  const GeoBox target(100, 100, {112000, 0, -5600000, 0, -112000, 5600000}, disk);
  const auto got = sourceOf(source, target);
  QCOMPARE(got.front(), -1);
  QCOMPARE(got.back(), -1);
  QCOMPARE(got[50 * 100 + 50], 45 * 1000 + 52);
  const auto warp = warpOf(source, target);
  const WarpNeed bound = warp->needBound(pixelRange(0, 100), pixelRange(0, 100)).value();
  // Of the disc's own rows, none of the poles beyond it.
  QVERIFY(bound.rows.count() < 90);
  for (const std::int32_t pixel : got) QVERIFY(pixel < 0 || (bound.rows.min() <= pixel / 1000 && pixel / 1000 <= bound.rows.max()));
}

void TestWarpNearest::nodataStaysAndTheFillIsOutside() {
  const Crs utm = crsOf("EPSG:32610");
  const GeoBox box(1, 4, {1, 0, 0, 0, -1, 0}, utm);
  const GeoBox wider(1, 5, {1, 0, 0, 0, -1, 0}, utm);
  const auto piece = warpOf(box, wider)->piece({0}, pixelRange(0, 5)).value();
  const auto run = [&piece](std::vector<float> source, std::optional<double> nodata, double fill) {
    std::vector<float> out(5);
    piece->apply(PixelType::Float32, {reinterpret_cast<std::byte*>(source.data()), 1, 4, 16, 4},
                 {reinterpret_cast<std::byte*>(out.data()), 1, 5, 20, 4}, nodata, fill);
    return out;
  };
  QCOMPARE(run({1, -9999, 3, 4}, -9999, -1), (std::vector<float>{1, -9999, 3, 4, -1}));
  QCOMPARE(run({1, -9999, 3, 4}, -9999, -9999), (std::vector<float>{1, -9999, 3, 4, -9999}));
  const auto gaps = run({1, NAN, 3, 4}, NAN, -1);
  QVERIFY(std::isnan(gaps[1]) && gaps[4] == -1);
  const auto kept = run({1, NAN, 3, 4}, std::nullopt, 7);
  QVERIFY(std::isnan(kept[1]));
  QCOMPARE(kept[4], 7.0F);
}

void TestWarpNearest::complexPixels() {
  const GeoBox box(1, 2, {1, 0, 0, 0, -1, 0}, crsOf("EPSG:32610"));
  const GeoBox mirrored(1, 3, {-1, 0, 2, 0, -1, 0}, crsOf("EPSG:32610"));
  std::vector<std::complex<float>> source{{1, 2}, {3, -4}}, out(3);
  warpOf(box, mirrored)
      ->piece({0}, pixelRange(0, 3))
      .value()
      ->apply(PixelType::Complex64, {reinterpret_cast<std::byte*>(source.data()), 1, 2, 16, 8},
              {reinterpret_cast<std::byte*>(out.data()), 1, 3, 24, 8}, std::nullopt, -5);
  QCOMPARE(out[0], (std::complex<float>{3, -4}));
  QCOMPARE(out[1], (std::complex<float>{1, 2}));
  QCOMPARE(out[2], (std::complex<float>{-5, 0}));
}

void TestWarpNearest::unknownCrs() {
  const GeoBox known(2, 2, {1, 0, 0, 0, -1, 0}, crsOf("EPSG:32610"));
  const auto warp = Warp::create(known, known.withCrs(Crs()), {});
  QVERIFY(!warp);
  QCOMPARE(warp.error().code, ErrorCode::GridMismatch);
  QVERIFY(Warp::create(known.withCrs(Crs()), known.withCrs(Crs()), {}));
  QVERIFY(!Warp::create(GeoBox(2, 2, {0, 0, 0, 0, 0, 0}, crsOf("EPSG:32610")), known, {}));
}

QTEST_APPLESS_MAIN(TestWarpNearest)
#include "tst_warp_nearest.moc"
