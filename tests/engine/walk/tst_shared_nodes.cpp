// SPDX-License-Identifier: GPL-3.0-or-later
// A node that several others need is made once per chunk: read once, mapped once, and counted in the plan.
#include <QTemporaryDir>
#include <QTest>

#include "engine/chain/chain.h"
#include "engine/ops/register_operations.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"
#include "engine/walk/merged_regions.h"
#include "tests/support/engine.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;

namespace {

constexpr std::int64_t kBands = 4, kRows = 30, kCols = 20;

double truth(std::int64_t band, std::int64_t row, std::int64_t col) { return static_cast<double>(band * 10000 + row * 100 + col); }

Json node(const char* id, const char* op, std::vector<std::string> inputs, Json params) {
  return {{"id", id}, {"op", op}, {"inputs", std::move(inputs)}, {"params", std::move(params)}};
}

}  // namespace

class TestSharedNodes : public QObject {
  Q_OBJECT
 private:
  Registry m_registry;
  test::RampProvider m_sources;

  std::shared_ptr<const Graph> bind(std::vector<Json> nodes) {
    const Json text{{"cubeloom", 1}, {"title", ""}, {"nodes", nodes}, {"view", Json::object()}};
    auto chain = chainFromJson(text.dump());
    if (!chain) qFatal("%s", chain.error().text().c_str());
    auto graph = bindChain(*chain, m_registry, m_sources);
    if (!graph) qFatal("%s", graph.error().text().c_str());
    if (const Error* error = (*graph)->firstError()) qFatal("%s", error->text().c_str());
    return *graph;
  }

  /// Evaluates `region` of the last node: values row-major, what was read, and the pool's peak beside the output.
  struct Outcome {
    std::vector<double> values;
    int reads = 0;
    double bytesRead = 0, peakBytes = 0;
    EvaluateCost promised;
  };
  Outcome make(const Graph& graph, const Region& region, const char* name = "ramp") {
    const int last = static_cast<int>(graph.nodes.size()) - 1;
    const auto source = m_sources.at(name);
    Outcome outcome;
    outcome.promised = evaluateCost(graph, last, region).value();
    EvaluateContext context;
    const PixelType type = graph.nodes.back().operation->spec().type;
    std::vector<double> values(static_cast<std::size_t>(regionCount(region)));
    std::vector<std::byte> bytes(values.size() * pixelTypeBytes(type));
    const BlockView out = denseView(bytes.data(), type, regionShape(region));
    const int before = source->reads;
    const auto made = evaluate(graph, last, region, out, context);
    if (!made) qFatal("%s", made.error().text().c_str());
    copyBlock(out, denseView(reinterpret_cast<std::byte*>(values.data()), PixelType::Float64, out.shape));
    outcome.values = values;
    outcome.reads = source->reads - before;
    outcome.bytesRead = static_cast<double>(context.bytesRead);
    outcome.peakBytes = static_cast<double>(context.pool.peakBytes());
    return outcome;
  }

 private slots:
  void initTestCase() {
    registerOperations(m_registry);
    m_sources.add("ramp", test::rampSpec(kBands, kRows, kCols, {5, 0, 717720, 0, -5, 3865865}, "EPSG:32610"),
                  [](const std::vector<std::int64_t>& at) { return truth(at[0], at[1], at[2]); });
    // The same numbers without a grid on the ground, so that parts from different places may meet.
    ArraySpec plain = test::rampSpec(kBands, kRows, kCols, {1, 0, 0, 0, 1, 0}, "");
    plain.geobox.reset();
    plain.yDim = plain.xDim = -1;
    plain.storage = {};
    m_sources.add("plain", plain, [](const std::vector<std::int64_t>& at) { return truth(at[0], at[1], at[2]); });
  }

  // x -> (x + x) / 2, again and again: the values stay, and so does what is read.
  void diamondsReadOnce_data() {
    QTest::addColumn<int>("depth");
    for (const int depth : {1, 2, 8, 40}) QTest::addRow("%d", depth) << depth;
  }
  void diamondsReadOnce() {
    QFETCH(int, depth);
    std::vector<Json> nodes{node("cube", "open", {}, {{"path", "ramp"}}), node("band", "isel", {"cube"}, {{"indexers", {{"band", 2}}}})};
    std::string last = "band";
    for (int i = 0; i < depth; ++i) {
      const std::string id = "calc" + std::to_string(i);
      nodes.push_back(node(id.c_str(), "calc", {last, last}, {{"expression", "(x + in2.x) / 2"}}));
      last = id;
    }
    const Region region{IndexSet::range(3, 11), IndexSet::range(0, 7)};
    const Outcome outcome = make(*bind(nodes), region);
    QCOMPARE(outcome.reads, 1);
    QCOMPARE(outcome.bytesRead, 11.0 * kCols * 4);
    QCOMPARE(outcome.promised.bytesToRead, outcome.bytesRead);
    for (std::int64_t y = 0; y < 11; ++y)
      for (std::int64_t x = 0; x < 7; ++x) QCOMPARE(outcome.values[static_cast<std::size_t>(y * 7 + x)], truth(2, y + 3, x));
    QVERIFY2(outcome.peakBytes <= outcome.promised.peakBytes, qPrintable(QString::number(outcome.peakBytes)));
  }

  // Two steps that need overlapping rows of one array: it is read once, by the rows of both.
  void overlappingNeedsAreOneRead() {
    const auto graph = bind({node("cube", "open", {}, {{"path", "plain"}}), node("band", "isel", {"cube"}, {{"indexers", {{"band", 1}}}}),
                             node("upper", "isel", {"band"}, {{"indexers", {{"y", "0:20"}}}}),
                             node("lower", "isel", {"band"}, {{"indexers", {{"y", "5:25"}}}}),
                             node("upper_x", "rename", {"upper"}, {{"names", {{"y", "row"}}}}),
                             node("lower_x", "rename", {"lower"}, {{"names", {{"y", "row"}}}}),
                             node("difference", "calc", {"upper_x", "lower_x"}, {{"expression", "in2.x - x"}})});
    const Outcome outcome = make(*graph, {IndexSet::all(20), IndexSet::all(kCols)}, "plain");
    QCOMPARE(outcome.bytesRead, 25.0 * kCols * 4);
    QCOMPARE(outcome.promised.bytesToRead, outcome.bytesRead);
    for (const double value : outcome.values) QCOMPARE(value, 500.0);
    QVERIFY(outcome.peakBytes <= outcome.promised.peakBytes);
  }

  // Rows that lie far apart stay two reads: one that holds both would read what nobody asked for.
  void needsFarApartStayApart() {
    const auto graph = bind({node("cube", "open", {}, {{"path", "plain"}}),
                             node("corner", "isel", {"cube"}, {{"indexers", {{"band", 0}, {"y", "0:4"}, {"x", "0:4"}}}}),
                             node("other", "isel", {"cube"}, {{"indexers", {{"band", 3}, {"y", "20:24"}, {"x", "10:14"}}}}),
                             node("a", "rename", {"corner"}, {{"names", {{"y", "row"}, {"x", "col"}}}}),
                             node("b", "rename", {"other"}, {{"names", {{"y", "row"}, {"x", "col"}}}}),
                             node("difference", "calc", {"a", "b"}, {{"expression", "in2.x - x"}})});
    const Outcome outcome = make(*graph, {IndexSet::all(4), IndexSet::all(4)}, "plain");
    QCOMPARE(outcome.reads, 2);
    QCOMPARE(outcome.bytesRead, 2.0 * 4 * 4 * 4);
    QCOMPARE(outcome.promised.bytesToRead, outcome.bytesRead);
    for (const double value : outcome.values) QCOMPARE(value, 3 * 10000 + 20 * 100 + 10.0);
  }

  // Several bands of one reprojection: its index map, and what it reads, are made once.
  void bandsOfOneReprojectionAreOneWarp() {
    const auto graph =
        bind({node("cube", "open", {}, {{"path", "ramp"}}),
              node("warp", "reproject", {"cube"}, {{"crs", "EPSG:32611"}, {"resolution", 5}, {"resampling", "nearest"}}),
              node("first", "isel", {"warp"}, {{"indexers", {{"band", 0}}}}), node("last", "isel", {"warp"}, {{"indexers", {{"band", 3}}}}),
              node("difference", "calc", {"last", "first"}, {{"expression", "x - in2.x"}})});
    const ArraySpec& spec = graph->nodes.back().operation->spec();
    const Outcome outcome = make(*graph, fullRegion(spec.shape()));
    int count = 0;
    for (const double value : outcome.values)
      if (!std::isnan(value)) {
        QCOMPARE(value, 30000.0);
        ++count;
      }
    QVERIFY(count > 400);
    QCOMPARE(outcome.reads, 1);
    QVERIFY(outcome.peakBytes <= outcome.promised.peakBytes);
  }

  // Whole equals pieces, whichever indices: doubled rows of an enlargement and decimated ones of the same array meet in one read.
  void anyIndicesMeet() {
    const auto graph = bind({node("cube", "open", {}, {{"path", "ramp"}}), node("band", "isel", {"cube"}, {{"indexers", {{"band", 0}}}}),
                             node("fine", "reproject", {"band"}, {{"resolution", 2.5}, {"resampling", "nearest"}}),
                             node("same", "reproject", {"fine"}, {{"like", "band"}, {"resampling", "nearest"}}),
                             node("sum", "calc", {"same", "band"}, {{"expression", "x + in2.x"}})});
    const Outcome whole = make(*graph, {IndexSet::all(kRows), IndexSet::all(kCols)});
    QCOMPARE(whole.reads, 1);
    QVERIFY(whole.peakBytes <= whole.promised.peakBytes);
    for (std::int64_t y = 0; y < kRows; ++y)
      for (std::int64_t x = 0; x < kCols; ++x)
        QCOMPARE(make(*graph, {IndexSet::single(y), IndexSet::single(x)}).values[0], whole.values[static_cast<std::size_t>(y * kCols + x)]);
  }

  void regionsMergeAndAreFoundAgain_data() {
    QTest::addColumn<QList<int>>("a");
    QTest::addColumn<QList<int>>("b");
    QTest::addColumn<QList<int>>("whole");
    QTest::newRow("overlap") << QList{0, 1, 2} << QList{2, 3} << QList{0, 1, 2, 3};
    QTest::newRow("touching") << QList{4, 5} << QList{2, 3} << QList{2, 3, 4, 5};
    QTest::newRow("apart") << QList{0, 1} << QList{7} << QList{0, 1, 7};
    QTest::newRow("doubled") << QList{3, 3, 4, 4} << QList{2, 3} << QList{2, 3, 4};
    QTest::newRow("downwards") << QList{5, 3, 1} << QList{2} << QList{1, 2, 3, 5};
    QTest::newRow("equal stay as they are") << QList{5, 5, 1} << QList{5, 5, 1} << QList{5, 5, 1};
  }
  void regionsMergeAndAreFoundAgain() {
    QFETCH(QList<int>, a);
    QFETCH(QList<int>, b);
    QFETCH(QList<int>, whole);
    const auto set = [](const QList<int>& list) { return IndexSet::list({list.begin(), list.end()}); };
    const Region merged = mergedRegion({set(a)}, {set(b)});
    QCOMPARE(merged[0].toVector(), set(whole).toVector());
    // A block whose elements tell their index: what is found at the positions of a part is the part.
    std::vector<double> indices;
    for (const std::int64_t i : merged[0].toVector()) indices.push_back(static_cast<double>(i));
    const BlockView block = denseView(reinterpret_cast<std::byte*>(indices.data()), PixelType::Float64, regionShape(merged));
    for (const QList<int>& part : {a, b}) {
      const Region positions = positionsIn(merged, {set(part)});
      std::vector<double> found(static_cast<std::size_t>(part.size()));
      const BlockView to = denseView(reinterpret_cast<std::byte*>(found.data()), PixelType::Float64, {part.size()});
      copyAt(block, positions, to);
      for (qsizetype i = 0; i < part.size(); ++i) QCOMPARE(found[static_cast<std::size_t>(i)], static_cast<double>(part[i]));
      if (!isView(positions)) continue;
      std::fill(found.begin(), found.end(), -1);
      copyBlock(viewAt(block, positions), to);
      for (qsizetype i = 0; i < part.size(); ++i) QCOMPARE(found[static_cast<std::size_t>(i)], static_cast<double>(part[i]));
    }
  }
};

QTEST_GUILESS_MAIN(TestSharedNodes)
#include "tst_shared_nodes.moc"
