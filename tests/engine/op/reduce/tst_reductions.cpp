// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics, histograms and quantiles of small literal arrays, and of awkward ones beside plain loops.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "engine/op/reduce/order_statistics.h"
#include "tests/support/engine.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;

class TestReductions : public QObject {
  Q_OBJECT
 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  static constexpr double kInf = std::numeric_limits<double>::infinity();
  test::Engine m_engine;
  std::shared_ptr<test::RampProvider> m_ramps = std::make_shared<test::RampProvider>();

  static ArraySpec specOf(std::int64_t bands, std::int64_t rows, std::int64_t cols, PixelType type, std::optional<double> nodata) {
    ArraySpec spec = test::rampSpec(bands, rows, cols, Affine{}, "");
    spec.type = type;
    spec.nodata = nodata;
    return spec;
  }
  /// A band, y, x array of these values.
  void add(const std::string& name, ArraySpec spec, std::vector<double> values) const {
    const auto strides = denseStrides(spec.shape(), 1);
    m_ramps->add(name, std::move(spec), [strides, values = std::move(values)](const std::vector<std::int64_t>& index) {
      std::int64_t at = 0;
      for (std::size_t d = 0; d < index.size(); ++d) at += index[d] * strides[d];
      return values[static_cast<std::size_t>(at)];
    });
  }
  std::vector<double> values(const std::string& pipeline) const {
    const auto graph = m_engine.bind(pipeline);
    if (!graph) qFatal("%s", graph.error().text().c_str());
    auto found = test::valuesOf(**graph);
    if (!found) qFatal("%s", found.error().text().c_str());
    return *found;
  }
  static bool same(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); });
  }

 private slots:
  void initTestCase() {
    m_engine.sources = m_ramps;
    // Two bands of 2 x 3; -1 is nodata.
    add("small", specOf(2, 2, 3, PixelType::Float32, -1), {1, 2, 3, 4, -1, 6, 10, 10, kNaN, 10, -1, 40});
    add("empty", specOf(1, 1, 3, PixelType::Float32, -1), {-1, kNaN, -1});
    add("bytes", specOf(1, 2, 3, PixelType::UInt8, {}), {0, 255, 255, 7, 0, 8});
    add("infinite", specOf(1, 1, 4, PixelType::Float64, {}), {kInf, 1, 2, -3});
  }

  void statisticsInOneReading() {
    const auto graph = m_engine.bind("open small ! statistics dims=y,x");
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"statistic", "band"}));
    QCOMPARE(spec.dims[0].coordinate.labels, (std::vector<std::string>{"count", "min", "max", "mean", "std"}));
    QCOMPARE(spec.type, PixelType::Float64);
    const auto got = values("open small ! statistics dims=y,x");
    const std::vector<double> expected{5, 4, 1, 10, 6, 40, 3.2, 17.5, std::sqrt(2.96), std::sqrt(168.75)};
    for (std::size_t i = 0; i < expected.size(); ++i) QVERIFY(std::abs(got[i] - expected[i]) <= 1e-15 * expected[i]);
    QVERIFY(same(values("open empty ! statistics dims=y,x"), {0, kNaN, kNaN, kNaN, kNaN}));
    QVERIFY(same(values("open small ! statistics dims=y,x ! isel statistic=2 band=1"), {40}));
  }

  void statisticsOfInfiniteValues() { QVERIFY(same(values("open infinite ! statistics dims=y,x"), {4, -3, kInf, kInf, kNaN})); }

  void varianceIsThePopulations() {
    QVERIFY(same(values("open bytes ! reduce dims=band,y,x statistic=sum"), {525}));
    const double mean = 525.0 / 6;
    double squares = 0;
    for (const double v : {0.0, 255.0, 255.0, 7.0, 0.0, 8.0}) squares += (v - mean) * (v - mean);
    QCOMPARE(values("open bytes ! reduce dims=band,y,x statistic=var")[0], static_cast<double>(static_cast<float>(squares / 6)));
  }

  // Numbers far from zero that differ little, behind a first one that is nothing like them.
  void nothingCancels() {
    std::vector<double> numbers(5000);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 1e9 + static_cast<double>(i % 7);
    numbers[0] = -4e9;
    add("far", specOf(1, 50, 100, PixelType::Float64, {}), numbers);
    add(
        "far_bip",
        [] {
          ArraySpec spec = test::rampSpec(0, 50, 100, Affine{}, "");
          spec.type = PixelType::Float64;
          return spec;
        }(),
        numbers);
    long double sum = 0, squares = 0;
    for (const double v : numbers) sum += v;
    const long double mean = sum / static_cast<long double>(numbers.size());
    for (const double v : numbers) squares += (v - mean) * (v - mean);
    const auto std = static_cast<double>(std::sqrt(squares / static_cast<long double>(numbers.size())));
    const auto got = values("open far ! statistics dims=band,y,x");
    QVERIFY(std::abs(got[3] - static_cast<double>(mean)) <= 1e-15 * 1e9);
    QVERIFY2(std::abs(got[4] - std) <= 1e-13 * std, qPrintable(QString("%1 %2").arg(got[4], 0, 'g', 17).arg(std, 0, 'g', 17)));
    // Of sets side by side in memory.
    const auto columns = values("open far_bip ! statistics dims=y");
    for (int c = 1; c < 100; ++c) {
      long double columnSum = 0, columnSquares = 0;
      for (int r = 0; r < 50; ++r) columnSum += numbers[static_cast<std::size_t>(r * 100 + c)];
      for (int r = 0; r < 50; ++r) {
        const long double d = numbers[static_cast<std::size_t>(r * 100 + c)] - columnSum / 50;
        columnSquares += d * d;
      }
      const auto expected = static_cast<double>(std::sqrt(columnSquares / 50));
      QVERIFY2(std::abs(columns[static_cast<std::size_t>(400 + c)] - expected) <= 1e-6 * expected,
               qPrintable(QString("%1 %2").arg(columns[static_cast<std::size_t>(400 + c)], 0, 'g', 17).arg(expected, 0, 'g', 17)));
    }
  }

  void histogramIsNumpys() {
    // numpy.histogram([1, 2, 3, 4, 6], 5, (1, 6)) and of [10, 10, 10, 40]
    const auto graph = m_engine.bind("open small ! reduce dims=y,x statistic=histogram bins=5 range=1,6");
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"band", "bin"}));
    QCOMPARE(spec.dims[1].coordinate.values, (std::vector<double>{1.5, 2.5, 3.5, 4.5, 5.5}));
    QCOMPARE(spec.type, PixelType::Int32);
    QVERIFY(!spec.nodata);
    QVERIFY(same(values("open small ! reduce dims=y,x statistic=histogram bins=5 range=1,6"), {1, 1, 1, 1, 1, 0, 0, 0, 0, 0}));
    QVERIFY(same(values("open small ! reduce dims=x,band statistic=histogram bins=2 range=1,10"), {3, 2, 1, 2}));
    QVERIFY(same(values("open empty ! reduce dims=y,x statistic=histogram bins=2 range=0,1"), {0, 0}));
    const auto bytes = values("open bytes ! reduce dims=y,x statistic=histogram");
    QCOMPARE(bytes.size(), std::size_t{256});
    QVERIFY(bytes[0] == 2 && bytes[7] == 1 && bytes[8] == 1 && bytes[255] == 2);
  }

  // Values on the edges, where a product of rounded numbers may fall to either side.
  void histogramEdges() {
    std::vector<double> edges;
    for (int k = 0; k <= 1000; ++k) edges.push_back(k == 1000 ? 0.7 : k * ((0.7 - 0.1) / 1000) + 0.1);
    add("edges", specOf(1, 1, 1001, PixelType::Float64, {}), edges);
    auto counts = values("open edges ! reduce dims=y,x statistic=histogram bins=1000 range=0.1,0.7");
    QCOMPARE(counts.back(), 2.0);
    counts.back() = 1;
    QVERIFY(std::all_of(counts.begin(), counts.end(), [](double n) { return n == 1; }));
  }

  void quantilesBetweenOrderStatistics() {
    QVERIFY(same(values("open small ! reduce dims=y,x statistic=median"), {3, 10}));
    // numpy.nanquantile([1, 2, 3, 4, 6], [0, .1, .75, 1]) and of [10, 10, 10, 40]
    QVERIFY(same(values("open small ! reduce dims=y,x statistic=quantile q=0,0.75,1"), {1, 10, 4, 17.5, 6, 40}));
    QVERIFY(same(values("open small ! reduce dims=y,x statistic=quantile q=0.75"), {4, 17.5}));
    QVERIFY(same(values("open empty ! reduce dims=y,x statistic=median"), {kNaN}));
    QVERIFY(same(values("open bytes ! reduce dims=y,x statistic=median"), {7.5}));
    const auto graph = m_engine.bind("open small ! reduce dims=y,x statistic=quantile q=0.25,0.75");
    const ArraySpec& spec = (*graph)->nodes.back().operation->spec();
    QCOMPARE(spec.dimNames(), (std::vector<std::string>{"quantile", "band"}));
    QCOMPARE(spec.dims[0].coordinate.values, (std::vector<double>{0.25, 0.75}));
  }

  void keysKeepTheOrder() {
    const std::vector<float> floats{-std::numeric_limits<float>::infinity(), -3e38F, -1, -1e-45F, 0, 1e-45F, 1, 3e38F,
                                    std::numeric_limits<float>::infinity()};
    for (std::size_t i = 0; i < floats.size(); ++i) {
      QVERIFY(keyValue<float>(sortKey(floats[i])) == floats[i]);
      if (i > 0) QVERIFY(sortKey(floats[i - 1]) < sortKey(floats[i]));
    }
    QVERIFY(sortKey(-0.0) == sortKey(0.0));
    for (const std::int16_t v : {std::int16_t{-32768}, std::int16_t{-1}, std::int16_t{0}, std::int16_t{32767}})
      QVERIFY(keyValue<std::int16_t>(sortKey(v)) == v);
    QVERIFY(sortKey(std::int16_t{-1}) < sortKey(std::int16_t{0}));
    QVERIFY(sortKey(std::uint8_t{127}) < sortKey(std::uint8_t{128}));
  }

  void errorsNameParameterAndRemedy_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<QString>("parameter");
    QTest::addColumn<QString>("says");
    QTest::newRow("histogram of floats") << "reduce dims=y statistic=histogram"
                                         << "range"
                                         << "range=0,1";
    QTest::newRow("range upside down") << "reduce dims=y statistic=histogram range=1,0"
                                       << "range"
                                       << "is [1.0,0.0], expected [low, high] with low < high";
    QTest::newRow("range of one") << "reduce dims=y statistic=histogram range=1"
                                  << "range"
                                  << "is \"1\", expected [low, high]";
    QTest::newRow("range too narrow") << "reduce dims=y statistic=histogram range=1e16,10000000000000002"
                                      << "range"
                                      << "fewer bins";
    QTest::newRow("no bins") << "reduce dims=y statistic=histogram bins=0 range=0,1"
                             << "bins"
                             << "1";
    QTest::newRow("q beyond 1") << "reduce dims=y statistic=quantile q=0.5,1.5"
                                << "q"
                                << "is 1.5, expected at most 1";
    QTest::newRow("q no number") << "reduce dims=y statistic=quantile q=half"
                                 << "q"
                                 << "half";
    QTest::newRow("statistics of nothing") << "statistics dims=time"
                                           << "dims"
                                           << "band, y, x";
    QTest::newRow("standardize over nothing") << "standardize dims=time"
                                              << "dims"
                                              << "band, y, x";
    QTest::newRow("twice") << "statistics dims=y ! statistics dims=x"
                           << "dims"
                           << "rename";
  }
  void errorsNameParameterAndRemedy() {
    QFETCH(QString, steps);
    QFETCH(QString, parameter);
    QFETCH(QString, says);
    const auto graph = m_engine.bind("open small ! " + steps.toStdString());
    QVERIFY(!graph.has_value());
    QCOMPARE(QString::fromStdString(graph.error().parameter), parameter);
    QVERIFY2(QString::fromStdString(graph.error().text()).contains(says), graph.error().text().c_str());
  }
};

QTEST_APPLESS_MAIN(TestReductions)
#include "tst_reductions.moc"
