// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels on grids small enough to check by hand; "." is nodata.
#include <QtTest>
#include <cmath>
#include <numeric>

#include "engine/geo/warp/warp.h"

using namespace cubeloom;

namespace {

constexpr double kNodata = -9999;

struct Grid {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> values;
};

/// "1 2 .\n3 4 5"
Grid grid(const char* text) {
  Grid g;
  for (const QString& line : QString(text).split('\n')) {
    const QStringList words = line.split(' ', Qt::SkipEmptyParts);
    for (const QString& word : words) g.values.push_back(word == "." ? kNodata : word.toDouble());
    g.cols = words.size();
    ++g.rows;
  }
  return g;
}

QString written(const Grid& g) {
  QString text;
  for (std::size_t i = 0; i < g.values.size(); ++i) {
    if (i > 0) text += i % static_cast<std::size_t>(g.cols) == 0 ? "\n" : " ";
    text += g.values[i] == kNodata ? "." : QString::number(g.values[i], 'g', 6);
  }
  return text;
}

/// Warps the pixels `from`, which lie on `source`, onto `target`.
template <class T>
Grid warp(const Grid& from, const GeoBox& source, const GeoBox& target, const WarpOptions& options, std::optional<double> nodata) {
  const std::int64_t rows = target.rows(), cols = target.cols();
  const auto job = Warp::create(source, target, options).value();
  PixelList allRows(static_cast<std::size_t>(rows)), allCols(static_cast<std::size_t>(cols));
  std::iota(allRows.begin(), allRows.end(), 0);
  std::iota(allCols.begin(), allCols.end(), 0);
  const auto piece = job->piece(allRows, allCols).value();
  std::vector<T> held, out(static_cast<std::size_t>(rows * cols));
  for (const std::int64_t r : piece->need().rows.toVector())
    for (const std::int64_t c : piece->need().cols.toVector())
      held.push_back(static_cast<T>(from.values[static_cast<std::size_t>(r * from.cols + c)]));
  const auto width = static_cast<std::int64_t>(sizeof(T));
  const std::int64_t needRows = piece->need().rows.count(), needCols = piece->need().cols.count();
  const PixelType type = pixelTypeFromName(std::is_same_v<T, float>          ? "float32"
                                           : std::is_same_v<T, double>       ? "float64"
                                           : std::is_same_v<T, std::uint8_t> ? "uint8"
                                                                             : "int16")
                             .value();
  piece->apply(type, {reinterpret_cast<std::byte*>(held.data()), needRows, needCols, needCols * width, width},
               {reinterpret_cast<std::byte*>(out.data()), rows, cols, cols * width, width}, nodata, nodata.value_or(kNodata));
  Grid result{rows, cols, {}};
  for (const T value : out) result.values.push_back(static_cast<double>(value));
  return result;
}

/// Warps `source`, whose pixels measure 1 and whose upper left corner is (0, 0), onto `rows` x `cols` pixels of `size` from (x, y) on.
template <class T>
Grid warp(const char* source, Resampling method, std::int64_t rows, std::int64_t cols, double x, double y, double size, bool plain = false,
          std::optional<double> nodata = kNodata) {
  const Grid from = grid(source);
  const Crs utm = Crs::fromUser("EPSG:32610").value();
  return warp<T>(from, GeoBox(from.rows, from.cols, {1, 0, 0, 0, -1, 0}, utm), GeoBox(rows, cols, {size, 0, x, 0, -size, y}, utm),
                 {method, plain}, nodata);
}

}  // namespace

class TestWarpKernels : public QObject {
  Q_OBJECT

 private slots:
  void bilinearHalfway();
  void bilinearEdgesAndNodata();
  void cubicReproducesQuadratics();
  void cubicFallsBack();
  void widening();
  void averageWeighsPartialPixels();
  void statistics_data();
  void statistics();
  void modeTies();
  void undeclaredNan_data();
  void undeclaredNan();
  void sumKeepsTheTotal();
  void globesAreRound_data();
  void globesAreRound();
  void integersRoundAndClamp();
  void resultsAreMovedOffNodata();
  void constantsStay_data();
  void constantsStay();
};

void TestWarpKernels::bilinearHalfway() {
  // Centres of the output on the corners between source pixels.
  QCOMPARE(written(warp<double>("1 2 4\n3 4 8", Resampling::Bilinear, 1, 2, 0.5, -0.5, 1)), "2.5 4.5");
  // Exactly on the pixels.
  QCOMPARE(written(warp<double>("1 2 4\n3 4 8", Resampling::Bilinear, 2, 3, 0, 0, 1)), "1 2 4\n3 4 8");
}

void TestWarpKernels::bilinearEdgesAndNodata() {
  // A quarter pixel from the edge the edge pixel stands alone; beside nodata the valid ones share its weight; under nodata nothing.
  QCOMPARE(written(warp<double>("4 8", Resampling::Bilinear, 2, 4, 0, 0, 0.5)), "4 5 7 8\n4 5 7 8");
  QCOMPARE(written(warp<double>("4 .", Resampling::Bilinear, 2, 4, 0, 0, 0.5)), "4 4 . .\n4 4 . .");
  QCOMPARE(written(warp<double>("4 8", Resampling::Bilinear, 2, 4, 1, 0, 0.5)), "7 8 . .\n7 8 . .");
  // NaN is as nodata, declared or not.
  QCOMPARE(written(warp<double>("4 nan", Resampling::Bilinear, 2, 4, 0, 0, 0.5)), "4 4 . .\n4 4 . .");
  QCOMPARE(written(warp<double>("4 nan", Resampling::Bilinear, 2, 4, 0, 0, 0.5, false, std::nullopt)), "4 4 nan nan\n4 4 nan nan");
}

void TestWarpKernels::cubicReproducesQuadratics() {
  // Keys' kernel is exact for parabolas: x squared at pixel centres 0, 1, ... 5, read at 2.25 and 2.75.
  const char* parabola = "0 1 4 9 16 25\n0 1 4 9 16 25\n0 1 4 9 16 25\n0 1 4 9 16 25\n0 1 4 9 16 25\n0 1 4 9 16 25";
  QCOMPARE(written(warp<double>(parabola, Resampling::Cubic, 1, 2, 2.5, -2.5, 0.5)), "5.0625 7.5625");
}

void TestWarpKernels::cubicFallsBack() {
  // One nodata pixel within the 4 x 4 makes it bilinear: 4.5 + 0.25 * 5 for 2.25 between 4 and 9.
  const char* holed = "0 1 4 9 16 25\n0 1 4 9 . 25\n0 1 4 9 16 25\n0 1 4 9 16 25\n0 1 4 9 16 25\n0 1 4 9 16 25";
  QCOMPARE(written(warp<double>(holed, Resampling::Cubic, 1, 2, 2.5, -2.5, 0.5)), "5.25 7.75");
}

void TestWarpKernels::widening() {
  const char* stripes = "0 8 0 8 0 8 0 8\n0 8 0 8 0 8 0 8\n0 8 0 8 0 8 0 8\n0 8 0 8 0 8 0 8";
  // Shrinking by 4: a triangle of four pixels to either side sees both stripes alike; the plain kernel sees just two pixels.
  const Grid wide = warp<double>(stripes, Resampling::Bilinear, 1, 2, 0, 0, 4);
  QVERIFY(std::abs(wide.values[0] - 4) < 0.6);
  QVERIFY(std::abs(wide.values[1] - 4) < 0.6);
  const char* steps = "0 0 1 9 0 0 0 0\n0 0 1 9 0 0 0 0\n0 0 1 9 0 0 0 0\n0 0 1 9 0 0 0 0";
  QCOMPARE(written(warp<double>(steps, Resampling::Bilinear, 1, 2, 0, 0, 4, true)), "0.5 0");
}

void TestWarpKernels::averageWeighsPartialPixels() {
  // 1.5 pixels wide: the first output takes pixel 1 and half of pixel 2.
  QCOMPARE(written(warp<double>("3 6 12", Resampling::Average, 1, 2, 0, 0, 1.5)), "4 10");
  QCOMPARE(written(warp<double>("3 . 12", Resampling::Average, 1, 2, 0, 0, 1.5)), "3 12");
  QCOMPARE(written(warp<double>(". . 12", Resampling::Average, 1, 2, 0, 0, 1.5)), ". 12");
}

void TestWarpKernels::statistics_data() {
  QTest::addColumn<int>("method");
  QTest::addColumn<QString>("expected");
  QTest::newRow("average") << static_cast<int>(Resampling::Average) << "4.25 .";
  QTest::newRow("rms") << static_cast<int>(Resampling::Rms) << "5.40833 .";
  QTest::newRow("mode") << static_cast<int>(Resampling::Mode) << "2 .";
  QTest::newRow("min") << static_cast<int>(Resampling::Min) << "1 .";
  QTest::newRow("max") << static_cast<int>(Resampling::Max) << "10 .";
  QTest::newRow("q1") << static_cast<int>(Resampling::Q1) << "2 .";
  QTest::newRow("med") << static_cast<int>(Resampling::Median) << "2 .";
  QTest::newRow("q3") << static_cast<int>(Resampling::Q3) << "6 .";
  QTest::newRow("sum") << static_cast<int>(Resampling::Sum) << "34 .";
}

void TestWarpKernels::statistics() {
  QFETCH(int, method);
  QFETCH(QString, expected);
  // Eight valid values under the first output pixel, none under the second.
  const Grid got = warp<double>("1 2 2 . . .\n2 . 10 . . .\n6 2 9 . . .", static_cast<Resampling>(method), 1, 2, 0, 0, 3);
  const QStringList words = expected.split(' ');
  QVERIFY2(std::abs(got.values[0] - words[0].toDouble()) < 1e-4, qPrintable(written(got)));
  QCOMPARE(got.values[1], kNodata);
}

void TestWarpKernels::modeTies() {
  // Of 5 and 7, both twice, 7 is the first to be seen twice.
  QCOMPARE(written(warp<double>("5 7\n7 5", Resampling::Mode, 1, 1, 0, 0, 2)), "7");
  QCOMPARE(written(warp<std::uint8_t>("5 7\n7 5", Resampling::Mode, 1, 1, 0, 0, 2, false, std::nullopt)), "7");
}

void TestWarpKernels::undeclaredNan_data() {
  QTest::addColumn<int>("method");
  QTest::addColumn<QString>("among");
  // Of nan, 7, nodata and 1.
  const auto add = [](Resampling method, const char* among) {
    QTest::newRow(std::string(resamplingName(method)).c_str()) << static_cast<int>(method) << among;
  };
  add(Resampling::Average, "4");
  add(Resampling::Rms, "5");
  add(Resampling::Sum, "8");
  add(Resampling::Min, "1");
  add(Resampling::Max, "7");
  add(Resampling::Q1, "1");
  add(Resampling::Median, "1");
  add(Resampling::Q3, "7");
  add(Resampling::Mode, "7");  // the first of what is seen once
}

void TestWarpKernels::undeclaredNan() {
  QFETCH(int, method);
  QFETCH(QString, among);
  const auto reduced = [method](const char* source) {
    return written(warp<float>(source, static_cast<Resampling>(method), 1, 1, 0, 0, 2));
  };
  QCOMPARE(reduced("nan 7\n. 1"), among);
  QCOMPARE(reduced("nan nan\n. nan"), ".");
  QCOMPARE(written(warp<float>("nan 7\nnan 1", static_cast<Resampling>(method), 1, 1, 0, 0, 2, false, std::nullopt)), among);
  QCOMPARE(written(warp<float>("nan nan\nnan nan", static_cast<Resampling>(method), 1, 1, 0, 0, 2, false, std::nullopt)), "nan");
  QCOMPARE(reduced(". .\n. ."), ".");
  if (static_cast<Resampling>(method) != Resampling::Mode) return;
  QCOMPARE(reduced("nan 3\n1 3"), "3");
  QCOMPARE(reduced("3 nan\nnan 1"), "3");
}

void TestWarpKernels::sumKeepsTheTotal() {
  const Grid got = warp<double>("1 2 3 4\n5 6 7 8\n9 10 11 12", Resampling::Sum, 3, 4, -0.3, 0.2, 1.1);
  QVERIFY(std::abs(std::accumulate(got.values.begin(), got.values.end(), 0.0) - 78) < 1e-9);
}

void TestWarpKernels::globesAreRound_data() {
  QTest::addColumn<int>("method");
  QTest::addColumn<QString>("gap");
  QTest::addColumn<QString>("around");
  // Longitudes 0 to 240 onto 60 degrees from -150 on; 0 to 360 the same way.
  const auto add = [](Resampling method, const char* gap, const char* around) {
    QTest::newRow(std::string(resamplingName(method)).c_str()) << static_cast<int>(method) << gap << around;
  };
  add(Resampling::Average, "8 . 1 2.5 4.5 6.5", "8.5 10.5 6.5 2.5 4.5 6.5");
  add(Resampling::Min, "8 . 1 2 4 6", "8 10 1 2 4 6");
  add(Resampling::Max, "8 . 1 3 5 7", "9 11 12 3 5 7");
  add(Resampling::Sum, "8 . 1 5 9 13", "17 21 13 5 9 13");
}

// An output pixel may lie across the end of the source's longitudes: it takes the last pixel and the first, not all between them.
void TestWarpKernels::globesAreRound() {
  QFETCH(int, method);
  QFETCH(QString, gap);
  QFETCH(QString, around);
  const Crs degrees = Crs::fromUser("EPSG:4326").value();
  const auto warped = [&](const char* source) {
    const Grid from = grid(source);
    return written(warp<double>(from, GeoBox(1, from.cols, {30, 0, 0, 0, -30, 0}, degrees), GeoBox(1, 6, {60, 0, -150, 0, -30, 0}, degrees),
                                {static_cast<Resampling>(method), false}, kNodata));
  };
  QCOMPARE(warped("1 2 3 4 5 6 7 8"), gap);
  QCOMPARE(warped("1 2 3 4 5 6 7 8 9 10 11 12"), around);
}

void TestWarpKernels::integersRoundAndClamp() {
  QCOMPARE(written(warp<std::int16_t>("-1 -2\n-1 -2", Resampling::Bilinear, 1, 1, 0.5, -0.5, 1)), "-1");  // -1.5 + 0.5, rounded down
  QCOMPARE(written(warp<std::int16_t>("1 2\n1 2", Resampling::Average, 1, 1, 0, 0, 2)), "2");
  // Cubic overshoots 255.
  const char* edge = "0 0 0 255 255 255\n0 0 0 255 255 255\n0 0 0 255 255 255\n0 0 0 255 255 255\n0 0 0 255 255 255\n0 0 0 255 255 255";
  const Grid got = warp<std::uint8_t>(edge, Resampling::Cubic, 1, 6, 2, -2.5, 0.5, false, std::nullopt);
  QCOMPARE(*std::max_element(got.values.begin(), got.values.end()), 255.0);
  QCOMPARE(*std::min_element(got.values.begin(), got.values.end()), 0.0);
}

void TestWarpKernels::resultsAreMovedOffNodata() {
  QCOMPARE(written(warp<std::uint8_t>("1 3", Resampling::Average, 1, 1, 0, 0, 2, false, 2.0)), "1");
  QCOMPARE(written(warp<std::int16_t>("-4 4", Resampling::Average, 1, 1, 0, 0, 2, false, 0.0)), "-1");
  const Grid got = warp<float>("1 3", Resampling::Average, 1, 1, 0, 0, 2, false, 2.0);
  QVERIFY(got.values[0] != 2.0 && std::abs(got.values[0] - 2) < 1e-6);
}

void TestWarpKernels::constantsStay_data() {
  QTest::addColumn<int>("method");
  QTest::addColumn<double>("size");
  for (const Resampling method : {Resampling::Bilinear, Resampling::Cubic, Resampling::CubicSpline, Resampling::Lanczos,
                                  Resampling::Average, Resampling::Rms, Resampling::Mode, Resampling::Median})
    for (const double size : {0.4, 1.0, 1.7, 3.0})
      QTest::addRow("%s %g", std::string(resamplingName(method)).c_str(), size) << static_cast<int>(method) << size;
}

void TestWarpKernels::constantsStay() {
  QFETCH(int, method);
  QFETCH(double, size);
  QString row = "7", text;
  for (int i = 1; i < 9; ++i) row += i == 4 ? " ." : " 7";
  for (int i = 0; i < 9; ++i) text += (i > 0 ? "\n" : "") + row;
  const auto n = static_cast<std::int64_t>(9 / size);
  const Grid got = warp<double>(text.toUtf8().constData(), static_cast<Resampling>(method), n, n, 0, 0, size);
  for (const double value : got.values)
    QVERIFY2(value == kNodata || std::abs(value - 7) < 1e-4, qPrintable(QString::number(value, 'g', 9)));
}

QTEST_APPLESS_MAIN(TestWarpKernels)
#include "tst_warp_kernels.moc"
