// SPDX-License-Identifier: GPL-3.0-or-later
// Reads of a served array: what an index means, whatever order it has; what fits and what waits; the same values in any pieces.
#include <QtTest>
#include <future>
#include <thread>

#include "engine/ops/register_operations.h"
#include "engine/serve/region_read.h"
#include "engine/serve/serve_request.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;
using cubeloom::test::RampProvider;
using cubeloom::test::rampSpec;

namespace {

constexpr double kMiB = 1048576;

std::vector<std::int64_t> indices(const char* index, std::int64_t size) {
  const auto outer = outerIndex(Json{{"x", Json::parse(index)}}, {"x"}, {size});
  return outer ? outer->region[0].toVector() : std::vector<std::int64_t>{-1};
}

}  // namespace

class TestServedReads : public QObject {
  Q_OBJECT
 private slots:
  /// Truth: Python's own slices of range(10).
  void slicesAreThoseOfPython() {
    using List = std::vector<std::int64_t>;
    QCOMPARE(indices("\"2:9:3\"", 10), (List{2, 5, 8}));
    QCOMPARE(indices("\":\"", 4), (List{0, 1, 2, 3}));
    QCOMPARE(indices("\"-3:\"", 10), (List{7, 8, 9}));
    QCOMPARE(indices("\"::-4\"", 10), (List{9, 5, 1}));
    QCOMPARE(indices("\"7:2:-2\"", 10), (List{7, 5, 3}));
    QCOMPARE(indices("\"-1:-20:-9\"", 10), (List{9, 0}));
    QCOMPARE(indices("\"5:5\"", 10), List());
    QCOMPARE(indices("\"8:100\"", 10), (List{8, 9}));
    QCOMPARE(indices("\"-100:2\"", 10), (List{0, 1}));
    QCOMPARE(indices("[3, -1, 3]", 10), (List{3, 9, 3}));
    QCOMPARE(indices("[]", 10), List());
    QCOMPARE(indices("-2", 10), (List{8}));
  }

  void aNumberDropsItsDim() {
    const auto outer = outerIndex(Json{{"y", 1}, {"t", "0:1"}}, {"t", "y", "x"}, {4, 5, 6});
    QVERIFY(outer.has_value());
    QCOMPARE(outer->shape, (std::vector<std::int64_t>{1, 6}));
    QCOMPARE(regionShape(outer->region), (std::vector<std::int64_t>{1, 1, 6}));
  }

  void whatIsNoIndexIsRefused() {
    for (const char* index : {"\"1\"", "\"a:b\"", "\"0:1:0\"", "\"1:2:3:4\"", "10", "-11", "1.5", "[1.5]", "[10]", "true", "{}"}) {
      const auto outer = outerIndex(Json{{"x", Json::parse(index)}}, {"x"}, {10});
      QVERIFY2(!outer && outer.error().parameter == "index", index);
    }
  }

  void requestsNameWhatIsWrongWithThem() {
    const auto wrong = [](const std::string& line) {
      Json id;
      const auto request = parseServeRequest(line, id);
      return request ? std::string("nothing") : request.error().parameter;
    };
    QCOMPARE(wrong(R"({"id": 1, "do": "describe", "chain": "a.hdr"})"), std::string("nothing"));
    QCOMPARE(wrong(R"({"id": 1, "do": "sing", "chain": "a.hdr"})"), std::string("do"));
    QCOMPARE(wrong(R"({"id": 1, "do": "read", "chain": 5})"), std::string("chain"));
    QCOMPARE(wrong(R"({"id": 1, "do": "read", "chain": "a", "index": [1]})"), std::string("index"));
    QCOMPARE(wrong(R"({"id": 1, "do": "read", "chain": "a", "colour": 1})"), std::string("colour"));
    QCOMPARE(wrong("[]"), std::string());
  }

  void nobodyOvertakesInTheQueue() {
    MemoryQueue queue(100);
    auto first = queue.take(60, {});
    QVERIFY(first.has_value());
    std::vector<int> served;
    std::mutex mutex;
    const auto ask = [&](int who, double bytes) {
      return std::async(std::launch::async, [&queue, &served, &mutex, who, bytes] {
        auto lease = queue.take(bytes, {});
        const std::lock_guard lock(mutex);
        served.push_back(who);
      });
    };
    auto large = ask(1, 90);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto small = ask(2, 10);  // would fit, but came later
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    QVERIFY(served.empty());
    first->giveBack();
    large.get();
    small.get();
    QCOMPARE(served, (std::vector<int>{1, 2}));
  }

  void whoeverGivesUpHoldsNobodyUp() {
    MemoryQueue queue(100);
    auto first = queue.take(60, {});
    const CancelToken cancel;
    auto given = std::async(std::launch::async, [&] { return queue.take(90, cancel).has_value(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    auto behind = std::async(std::launch::async, [&] { return queue.take(30, {}).has_value(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    cancel.cancel();
    QVERIFY(!given.get());
    QVERIFY(behind.get());
    QVERIFY(queue.take(101, {}).error().code == ErrorCode::OverBudget);
  }

  /// Values are their own places: 1e6 * band + 1000 * row + column.
  void anyIndicesInAnyBudget() {
    RampProvider provider;
    const auto place = [](const std::vector<std::int64_t>& i) {
      return 1e6 * static_cast<double>(i[0]) + 1000.0 * static_cast<double>(i[1]) + static_cast<double>(i[2]);
    };
    provider.add("cube", rampSpec(7, 300, 200, Affine{5, 0, 0, 0, -5, 0}, "EPSG:32610"), place);
    Registry registry;
    registerOperations(registry);
    Chain chain;
    chain.nodes.push_back({"cube", "open", {}, Json{{"path", "cube"}}, false});
    chain.nodes.push_back({"twice", "calc", {"cube"}, Json{{"expression", "2 * x"}}, false});
    const auto graph = bindChain(chain, registry, provider).value();
    const Region region{IndexSet::list({6, 0, 0, 3}), IndexSet::range(299, 150, -2), IndexSet::range(0, 67, 3)};
    for (const double budget : {3 * kMiB, 64 * kMiB}) {
      ReadResources resources(2, budget);
      Pace pace;
      const auto pixels = readRegion(*graph, 1, region, {}, resources, pace);
      QVERIFY2(pixels.has_value(), pixels ? "" : pixels.error().text().c_str());
      const auto* value = pixels->block.view.as<float>();
      for (std::int64_t b = 0; b < 4; ++b)
        for (std::int64_t y = 0; y < 150; ++y)
          for (std::int64_t x = 0; x < 67; ++x)
            QCOMPARE(*value++, static_cast<float>(2 * place({region[0].at(b), region[1].at(y), region[2].at(x)})));
    }
    ReadResources small(1, 1 * kMiB);
    Pace pace;
    const auto refused = readRegion(*graph, 1, fullRegion({7, 300, 200}), {}, small, pace);
    QVERIFY(!refused && refused.error().code == ErrorCode::OverBudget);
    QVERIFY(refused.error().message.find("MiB") != std::string::npos);
    QVERIFY(small.memory().take(1 * kMiB, {}).has_value());  // nothing was kept
  }

  void aCanceledReadGivesItsMemoryBack() {
    RampProvider provider;
    provider.add("cube", rampSpec(0, 30, 20, Affine{5, 0, 0, 0, -5, 0}, "EPSG:32610"),
                 [](const std::vector<std::int64_t>&) { return 1.0; });
    Registry registry;
    registerOperations(registry);
    Chain chain;
    chain.nodes.push_back({"cube", "open", {}, Json{{"path", "cube"}}, false});
    const auto graph = bindChain(chain, registry, provider).value();
    ReadResources resources(1, kMiB);
    Pace pace;
    const CancelToken cancel;
    cancel.cancel();
    const auto pixels = readRegion(*graph, 0, fullRegion({30, 20}), cancel, resources, pace);
    QVERIFY(!pixels && pixels.error().code == ErrorCode::Canceled);
    QVERIFY(resources.memory().take(kMiB, {}).has_value());
  }
};

QTEST_APPLESS_MAIN(TestServedReads)
#include "tst_served_reads.moc"
