// SPDX-License-Identifier: GPL-3.0-or-later
// What the families of operations promise: types and nodata converted as one pixel by itself would be, inputs asked once and broadcast by
// name, composites that are the chain they stand for.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>

#include "engine/array/buffer_pool.h"
#include "engine/chain/export_step.h"
#include "engine/op/family/composite.h"
#include "engine/op/family/convert_block.h"
#include "engine/ops/register_operations.h"
#include "engine/walk/evaluate.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

namespace {

constexpr std::array<PixelType, 12> kTypes{PixelType::UInt8,   PixelType::Int8,    PixelType::UInt16,    PixelType::Int16,
                                           PixelType::UInt32,  PixelType::Int32,   PixelType::UInt64,    PixelType::Int64,
                                           PixelType::Float32, PixelType::Float64, PixelType::Complex64, PixelType::Complex128};

template <class T>
std::vector<T> telling() {
  if constexpr (std::is_floating_point_v<T>) {
    using L = std::numeric_limits<T>;
    return {0,
            T(0.4),
            T(0.5),
            T(-0.5),
            T(0.49999997),
            T(1.5),
            T(-1.5),
            T(-9999),
            127,
            T(127.5),
            T(-128.5),
            255,
            T(255.5),
            T(65535.5),
            T(2147483647.5),
            T(4294967295.5),
            T(9.2233720368547758e18),
            T(1.8446744073709552e19),
            T(-9.3e18),
            T(1e30),
            T(-1e30),
            L::infinity(),
            -L::infinity(),
            L::quiet_NaN(),
            L::denorm_min()};
  } else if constexpr (std::is_integral_v<T>) {
    using L = std::numeric_limits<T>;
    std::vector<T> values{0, 1, 7, 100, 127, L::max(), L::lowest(), T(L::max() - 1), T(L::lowest() + 1)};
    for (const std::int64_t v : {-1LL, -9999LL, 128LL, 255LL, 256LL, 32768LL, 65536LL, 2147483648LL, 4294967296LL, 9007199254740993LL})
      if (std::in_range<T>(v)) values.push_back(static_cast<T>(v));
    return values;
  } else {
    std::vector<T> values;
    for (const auto v : telling<typename T::value_type>()) values.emplace_back(v, 3);
    return values;
  }
}

/// One pixel as another type, as the manual says it.
template <class To, class From>
To pixel(From value) {
  constexpr bool kToComplex = !std::is_arithmetic_v<To>;
  if constexpr (!std::is_arithmetic_v<From>) {
    if constexpr (kToComplex)
      return To(value);
    else
      return pixel<To>(value.real());
  } else if constexpr (kToComplex) {
    return To(static_cast<typename To::value_type>(value));
  } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    if (std::in_range<To>(value)) return static_cast<To>(value);
    return std::cmp_less(value, 0) ? std::numeric_limits<To>::lowest() : std::numeric_limits<To>::max();
  } else {
    return convertPixel<To>(static_cast<double>(value));
  }
}

/// NaN is nodata whatever is declared.
template <class T>
bool isNodata(T value, double nodata) {
  if constexpr (std::is_arithmetic_v<T>) {
    if (value != value || std::isnan(nodata)) return value != value;
    return value == static_cast<T>(nodata) && static_cast<double>(static_cast<T>(nodata)) == nodata;
  } else {
    return isNodata(value.real(), nodata);
  }
}

template <class T>
bool isSame(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0 || (a != a && b != b);
}

}  // namespace

class TestFamilies : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;
  std::string m_cube;
  static constexpr int kBands = 5, kLines = 7, kSamples = 6;

  std::vector<double> values(const std::string& steps) const {
    const auto graph = m_engine.bind("open " + m_cube + " ! " + steps);
    if (!graph) qFatal("%s: %s", steps.c_str(), graph.error().text().c_str());
    return *test::valuesOf(**graph);
  }
  ArraySpec spec(const std::string& steps) const {
    return (*m_engine.bind("open " + m_cube + " ! " + steps))->nodes.back().operation->spec();
  }

  template <class From, class To>
  static void checkPair(PixelType from, PixelType to, std::optional<double> nodata) {
    const std::vector<From> in = telling<From>();
    const auto n = static_cast<std::int64_t>(in.size());
    const std::optional<double> target = nodata ? std::optional<double>(canHold(to, -9999) ? -9999 : 77) : std::nullopt;
    for (const std::int64_t gap : {1, 3}) {  // side by side, and with others between
      std::vector<From> source(in.size() * static_cast<std::size_t>(gap));
      std::vector<To> result(source.size());
      for (std::size_t i = 0; i < in.size(); ++i) source[i * static_cast<std::size_t>(gap)] = in[i];
      const auto view = [&](auto& data, PixelType type) {
        return BlockView{reinterpret_cast<std::byte*>(data.data()), type, {n}, {gap * static_cast<std::int64_t>(sizeof(data[0]))}};
      };
      convertBlock(view(source, from), view(result, to), nodata, target);
      for (std::size_t i = 0; i < in.size(); ++i) {
        const To expected = nodata && isNodata(in[i], *nodata) ? pixel<To>(*target) : pixel<To>(in[i]);
        QVERIFY2(isSame(result[i * static_cast<std::size_t>(gap)], expected),
                 qPrintable(QString("value %1 of %2 to %3, nodata %4, gap %5")
                                .arg(i)
                                .arg(pixelTypeName(from).data(), pixelTypeName(to).data())
                                .arg(nodata.value_or(0))
                                .arg(gap)));
      }
    }
  }

 private slots:
  void initTestCase() {
    test::EnviRaster raster{.samples = kSamples, .lines = kLines, .bands = kBands, .more = {}};
    raster.dataType = 2;
    raster.interleave = "bsq";
    raster.more =
        "wavelength units = Nanometers\nwavelength = {450, 550, 650, 750, 865}\ndata ignore value = 0\n"
        "map info = {UTM, 1, 1, 500000, 5800000, 30, 30, 33, North, WGS-84}\n";
    m_cube = m_folder.filePath("cube").toStdString();
    raster.write(m_cube);
  }

  void everyTypeBecomesEveryOther() {
    for (const PixelType from : kTypes)
      for (const PixelType to : kTypes)
        for (const std::optional<double> nodata : {std::optional<double>{}, std::optional<double>{-9999}, std::optional<double>{127},
                                                   std::optional<double>{std::numeric_limits<double>::quiet_NaN()}})
          dispatchPixelType(from,
                            [&](auto a) { dispatchPixelType(to, [&](auto b) { checkPair<decltype(a), decltype(b)>(from, to, nodata); }); });
  }

  // Bands that are asked for twice, out of order and by wavelength come with one need, in one block.
  void eachInputIsAskedOnce() {
    const auto graph = m_engine.bind("open " + m_cube + " ! calc expression=b4+b2*b5-nm(865)+b2");
    QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
    const auto& calc = *std::get<const KernelOperation*>((*graph)->nodes.back().operation->work());
    const auto task = calc.prepare(fullRegion(calc.spec().shape()));
    QCOMPARE((*task)->needs().size(), std::size_t{1});
    QCOMPARE((*task)->needs()[0].region[0].toVector(), (std::vector<std::int64_t>{1, 3, 4}));
    const auto result = *test::valuesOf(**graph);
    for (int y = 0; y < kLines; ++y)
      for (int x = 0; x < kSamples; ++x) {
        const auto b = [&](int band) { return static_cast<float>(test::EnviRaster::valueAt(y, x, band - 1)); };
        QCOMPARE(static_cast<float>(result[static_cast<std::size_t>(y * kSamples + x)]), b(4) + b(2) * b(5) - b(5) + b(2));
      }
  }

  void inputsAreBroadcastByName() {
    auto chain = *m_engine.chain("open " + m_cube + " ! reduce dims=wavelength statistic=max ! calc expression=x-in2.x");
    chain.nodes[2].inputs = {chain.nodes[0].id, chain.nodes[1].id};
    const auto graph = *bindChain(chain, m_engine.registry, *m_engine.sources);
    QVERIFY2(!graph->firstError(), graph->firstError() ? graph->firstError()->text().c_str() : "");
    const auto cube = values("isel"), most = values("reduce dims=wavelength statistic=max"), result = *test::valuesOf(*graph);
    for (std::size_t i = 0; i < result.size(); ++i) {
      const double expected = cube[i] == 0 ? NAN : cube[i] - most[i % most.size()];
      QVERIFY(isSame(result[i], expected));
    }
    // The other way round the result has the dims of the cube as well.
    std::swap(chain.nodes[2].inputs[0], chain.nodes[2].inputs[1]);
    const auto swapped = *bindChain(chain, m_engine.registry, *m_engine.sources);
    QVERIFY2(!swapped->firstError(), swapped->firstError() ? swapped->firstError()->text().c_str() : "");
    const auto negative = *test::valuesOf(*swapped);
    QCOMPARE(negative.size(), result.size());
    for (std::size_t i = 0; i < result.size(); ++i) QVERIFY(isSame(negative[i], 0 - result[i]));
  }

  void clampKeepsNodataApart() {
    const auto before = values("isel"), after = values("clamp minimum=20 maximum=120");
    for (std::size_t i = 0; i < before.size(); ++i) QCOMPARE(after[i], before[i] == 0 ? 0.0 : std::clamp(before[i], 20.0, 120.0));
    QCOMPARE(*spec("clamp minimum=20 maximum=120").nodata, 0.0);
    // 0 would be a result: nodata moves to a value that none can be.
    QCOMPARE(*spec("clamp minimum=0 maximum=120").nodata, -32768.0);
    const auto moved = values("clamp minimum=0 maximum=120");
    for (std::size_t i = 0; i < before.size(); ++i) QCOMPARE(moved[i], before[i] == 0 ? -32768.0 : std::clamp(before[i], 0.0, 120.0));
    // No value lies below the least one of the type: none is moved onto nodata.
    const ArraySpec full = spec("astype dtype=uint8 ! clamp minimum=0");
    QCOMPARE(full.type, PixelType::UInt8);
    QCOMPARE(*full.nodata, 0.0);
    QVERIFY(std::isnan(*spec("astype dtype=float32 ! clamp minimum=0 maximum=1").nodata));
    const auto none = m_engine.bind("open " + m_cube + " ! clamp minimum=2 maximum=1");
    QVERIFY(!none && none.error().parameter == "minimum");
  }

  void ndviIsItsChain() {
    QVERIFY(std::ranges::equal(values("ndvi"), values("calc expression=(nm(865)-nm(650))/(nm(865)+nm(650))"), isSame<double>));
    QVERIFY(std::ranges::equal(values("ndvi nir=750 red=450"), values("calc expression=(b4-b1)/(b4+b1)"), isSame<double>));
    const auto graph = *m_engine.bind("open " + m_cube + " ! ndvi");
    QCOMPARE(graph->nodes.size(), std::size_t{2});
    QCOMPARE(graph->nodes.back().title, std::string("NDVI"));
  }

  // Views, kernels, warps and conversions in one node: the same pixels as the chain by itself, in any pieces.
  void compositeIsItsChain() {
    const std::string steps =
        "isel x=1: ! calc expression='x * {factor} + 1' ! transpose dims=y,wavelength,x ! reproject resolution=20 "
        "resampling=bilinear ! astype dtype=int16 nodata=-1";
    Declaration declaration{.title = "Probe", .chain = steps};
    declaration.params = {{.name = "factor", .type = ParamType::Number, .defaultTo = 2.5}};
    test::Engine engine;
    engine.registry.add("probe", "math", composite(declaration));
    const auto one = engine.bind("open " + m_cube + " ! probe factor=2.5");
    QVERIFY2(one.has_value(), one ? "" : one.error().text().c_str());
    const auto many = engine.bind("open " + m_cube +
                                  " ! isel x=1: ! calc expression=x*2.5+1 ! transpose dims=y,wavelength,x ! reproject resolution=20 "
                                  "resampling=bilinear ! astype dtype=int16 nodata=-1");
    QVERIFY2(many.has_value(), many ? "" : many.error().text().c_str());
    QCOMPARE(test::lastIndex(**one), 1);
    QCOMPARE((*one)->nodes[1].title, std::string("Probe"));
    QCOMPARE((*one)->nodes.size(), std::size_t{6});  // four of its five steps lie behind the chain's nodes
    const ArraySpec& made = test::lastOf(**one).operation->spec();
    QCOMPARE(made.dimNames(), (std::vector<std::string>{"y", "wavelength", "x"}));
    QVERIFY(*test::valuesOf(**one) == *test::valuesOf(**many));
    const Region piece{IndexSet::range(1, 3, 2), IndexSet::list({4, 0}), IndexSet::range(2, 4)};
    QVERIFY(*test::valuesOf(**one, piece) == *test::valuesOf(**many, piece));
  }

  // Fits and reductions inside: learned and gathered as in the chain by itself; plan and report show one node, with what is inside it.
  void compositesLearnAndReduce() {
    test::Engine engine;
    const std::string steps = "standardize dims=y,x ! calc expression='x * x' ! reduce dims=y,x statistic=max";
    engine.registry.add("probe", "math", composite({.title = "Probe", .chain = steps}));
    engine.registry.add("twice", "math", composite({.title = "Twice", .chain = "probe ! calc expression='x + 1'"}));
    const auto alone = engine.bind("open " + m_cube + " ! standardize dims=y,x ! calc expression=x*x ! reduce dims=y,x statistic=max");
    const auto one = engine.bind("open " + m_cube + " ! probe"), twice = engine.bind("open " + m_cube + " ! twice");
    QVERIFY2(one.has_value(), one ? "" : one.error().text().c_str());
    QVERIFY2(twice.has_value(), twice ? "" : twice.error().text().c_str());
    const auto expected = *test::valuesOf(**alone);
    QVERIFY(!expected.empty() && *test::valuesOf(**one) == expected);
    const auto more = *test::valuesOf(**twice);
    for (std::size_t i = 0; i < expected.size(); ++i) QCOMPARE(more[i], expected[i] + 1);

    const std::string out = m_folder.filePath("probe.zarr").toStdString();
    auto plan = engine.plan("open " + m_cube + " ! probe ! write " + out);
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
    QCOMPARE(plan->passes, 2);
    QCOMPARE(plan->nodes.size(), std::size_t{3});
    QCOMPARE(plan->nodes[1].id, std::string("probe"));
    const auto report = Run::start(std::move(*plan), engine.sinks)->wait();
    QVERIFY(report.status == RunStatus::Finished);
    QVERIFY(report.measuredPeakBytes <= report.projectedPeakBytes);
    QCOMPARE(report.nodes.size(), std::size_t{3});
    QVERIFY(report.nodes[1].id == "probe" && report.nodes[1].bytesIn > 0 && report.nodes[1].bytesOut > 0);
    const auto written = engine.bind("open " + out);
    QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
    QVERIFY(*test::valuesOf(**written) == expected);
  }

  void compositesSayWhichStepIsWrong() {
    test::Engine engine;
    const auto message = [&](const std::string& steps) {
      engine.registry.add("probe" + std::to_string(engine.registry.all().size()), "math", composite({.title = "Probe", .chain = steps}));
      const auto graph = engine.bind("open " + m_cube + " ! probe" + std::to_string(engine.registry.all().size() - 1));
      return graph ? QString("bound") : QString::fromStdString(graph.error().text());
    };
    const QString band = message("clamp minimum=1 ! calc expression=b99");
    QVERIFY2(band.contains("node probe") && band.contains("in its step 'calc'") && band.contains("99"), qPrintable(band));
    const QString file = message("clamp minimum=1 ! write out.tif");
    QVERIFY2(file.contains("'write', which writes a file"), qPrintable(file));
    const QString itself = message("probe" + std::to_string(engine.registry.all().size()));
    QVERIFY2(itself.contains("stands for itself"), qPrintable(itself));
  }

  // Steps that feed several others and inputs that are named: the same pixels as the chain by itself, inside another composite, too.
  void compositesBranch() {
    test::Engine engine;
    Declaration ratio{.title = "Ratio",
                      .chain =
                          "low= isel [array] wavelength=0 ! high= isel [array] wavelength=1 ! calc [high] [low] [reference] "
                          "expression='in1.x / in2.x + in3.b3'"};
    ratio.inputs = {{.name = "array"}, {.name = "reference"}};
    engine.registry.add("ratio", "math", composite(ratio));
    engine.registry.add(
        "outer", "math",
        composite({.title = "Outer", .chain = "twice= calc expression='x * 2' ! ratio [array] [twice] ! calc expression='x - 1'"}));
    const auto alone = engine.bind("a= open " + m_cube +
                                   " ! twice= calc expression=x*2 ! low= isel [a] wavelength=0 ! high= isel [a] wavelength=1 ! "
                                   "calc [high] [low] [twice] expression=in1.x/in2.x+in3.b3 ! calc expression=x-1");
    const auto one = engine.bind("open " + m_cube + " ! outer");
    QVERIFY2(alone.has_value(), alone ? "" : alone.error().text().c_str());
    QVERIFY2(one.has_value(), one ? "" : one.error().text().c_str());
    const auto expected = *test::valuesOf(**alone), found = *test::valuesOf(**one);
    QCOMPARE(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) QVERIFY(found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i])));
    QCOMPARE(exportStep(engine.registry.find("ratio")->declaration(), Json::object(), ExportLanguage::Python, engine.registry)
                 ->text.substr(0, 23),
             std::string("(lambda array, in2, in3"));
    engine.registry.add("wrong", "math", composite({.title = "Wrong", .chain = "calc [array] [mask] expression='x'"}));
    const auto wrong = engine.bind("open " + m_cube + " ! wrong");
    QVERIFY(!wrong && wrong.error().text().find("no step is called 'mask'") != std::string::npos);
  }

  void compositesSpeakAsTheirSteps() {
    test::Engine engine;
    Declaration declaration{.title = "Probe", .chain = "clamp minimum={low} ! astype dtype=int16"};
    declaration.params = {{.name = "low", .type = ParamType::Number, .defaultTo = 3}};
    engine.registry.add("probe", "math", composite(declaration));
    const Declaration& d = engine.registry.find("probe")->declaration();
    QCOMPARE(exportStep(d, Json{{"low", 7}}, ExportLanguage::Python, engine.registry)->text,
             std::string("(lambda array: array.astype('int16'))(array.clip(7, None))"));
    QVERIFY(exportStep(d, Json::object(), ExportLanguage::Gdal, engine.registry)->reason.find("several steps") != std::string::npos);
    QCOMPARE(exportStep(d, Json{{"low", 7}}, ExportLanguage::Shell, engine.registry)->text, std::string("probe low=7"));
  }
};

QTEST_APPLESS_MAIN(TestFamilies)
#include "tst_families.moc"
