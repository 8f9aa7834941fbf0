// SPDX-License-Identifier: GPL-3.0-or-later
// One large chunk is worked on by several threads: cut into shares, read once, every byte as if one thread had made it.
#include <QTest>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <thread>

#include "engine/base/shell_words.h"
#include "engine/ops/register_operations.h"
#include "engine/run/worker_pool.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"
#include "tests/support/engine.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;

namespace {

constexpr std::int64_t kBands = 3, kRows = 210, kCols = 190;

/// Calls one after another, and counts.
class CountingWorkers : public Workers {
 public:
  void each(int count, int /*most*/, const std::function<void(int)>& work) override {
    calls += count;
    for (int i = 0; i < count; ++i) work(i);
  }
  int calls = 0;
};

}  // namespace

class TestShares : public QObject {
  Q_OBJECT
 private:
  Registry m_registry;
  test::RampProvider m_sources;
  WorkerPool m_workers;

  std::shared_ptr<const Graph> bind(const QString& steps) {
    auto chain = chainFromPipeline(shellWords("! open ramp ! " + steps.toStdString()), m_registry);
    if (!chain) qFatal("%s", chain.error().text().c_str());
    auto graph = bindChain(*chain, m_registry, m_sources);
    if (!graph) qFatal("%s", graph.error().text().c_str());
    if (const Error* error = (*graph)->firstError()) qFatal("%s", error->text().c_str());
    return *graph;
  }

  /// The bytes of all of the last node.
  static QByteArray make(const Graph& graph, const Sharing& sharing, EvaluateContext& context) {
    const ArraySpec& spec = graph.nodes.back().operation->spec();
    QByteArray bytes(static_cast<qsizetype>(spec.bytes()), '\xee');
    context.sharing = sharing;
    const auto made = evaluate(graph, static_cast<int>(graph.nodes.size()) - 1, fullRegion(spec.shape()),
                               denseView(reinterpret_cast<std::byte*>(bytes.data()), spec.type, spec.shape()), context);
    if (!made) qFatal("%s", made.error().text().c_str());
    return bytes;
  }

 private slots:
  void initTestCase() {
    registerOperations(m_registry);
    m_sources.add(
        "ramp", test::rampSpec(kBands, kRows, kCols, {5, 0, 717720, 0, -5, 3865865}, "EPSG:32610"),
        [](const std::vector<std::int64_t>& at) { return 300 + 100 * std::sin(static_cast<double>(at[1] * 31 + at[2] * 17 + at[0] * 7)); });
    QVERIFY(m_workers.grow(3).has_value());
  }

  void sameBytesReadOnce_data() {
    QTest::addColumn<QString>("steps");
    QTest::addColumn<bool>("isCut");
    QTest::addRow("whole-image warp") << "reproject crs=EPSG:4326 resampling=cubic" << true;
    QTest::addRow("nearest, rotated") << "reproject crs=EPSG:32611 resampling=nearest" << true;
    QTest::addRow("mode, shrinking") << "reproject resolution=37 resampling=mode" << true;
    QTest::addRow("neighbourhood") << "focal statistic=median size=7" << true;
    QTest::addRow("pixel by pixel") << "calc expression='sqrt(b1) + b2 * b3'" << true;
    QTest::addRow("pencils") << "reduce dims=band statistic=median" << true;
    QTest::addRow("pencils under a warp") << "reduce dims=band statistic=median ! reproject resolution=11 resampling=average" << true;
    QTest::addRow("only reading") << "isel band=1" << true;
    QTest::addRow("a scalar: its reading alone") << "reduce dims=band,y,x statistic=mean ! calc expression=x*2" << true;
    QTest::addRow("too little to share") << "isel band=1 y=3" << false;
  }
  void sameBytesReadOnce() {
    QFETCH(QString, steps);
    QFETCH(bool, isCut);
    const auto graph = bind(steps);
    const Region all = fullRegion(graph->nodes.back().operation->spec().shape());
    const int last = static_cast<int>(graph->nodes.size()) - 1;
    EvaluateContext alone;
    const QByteArray expected = make(*graph, {}, alone);
    CountingWorkers counting;
    EvaluateContext counted;
    QVERIFY(make(*graph, {8, 2, &counting}, counted) == expected);
    QCOMPARE(counting.calls > 0, isCut);
    for (const int threads : {2, 3}) {
      const Sharing sharing{4 * threads, threads, &m_workers};
      EvaluateContext context;
      QVERIFY(make(*graph, sharing, context) == expected);
      QCOMPARE(context.bytesRead, alone.bytesRead);
      const auto promised = evaluateCost(*graph, last, all, sharing);
      QVERIFY(promised.has_value());
      QCOMPARE(promised->bytesToRead, static_cast<double>(context.bytesRead));
      QVERIFY2(static_cast<double>(context.pool.peakBytes()) <= promised->peakBytes,
               qPrintable(QString("%1 bytes of %2").arg(context.pool.peakBytes()).arg(promised->peakBytes)));
    }
  }

  // A source that decodes blocks of 64 rows is cut between them, so that no block is decoded twice.
  void cutsLieBetweenBlocks() {
    const Region region{IndexSet::range(10, 180), IndexSet::all(50)};
    const std::vector<Share> shares = sharesAlong(region, 0, 64, 8);
    std::vector<std::int64_t> firstRows;
    std::int64_t rows = 0;
    for (const Share& share : shares) {
      firstRows.push_back(share.region[0].first());
      QCOMPARE(share.first, rows);
      rows += share.count;
    }
    QCOMPARE(firstRows, (std::vector<std::int64_t>{10, 64, 128}));
    QCOMPARE(rows, std::int64_t{180});
    QVERIFY(sharesAlong({IndexSet::range(70, 20)}, 0, 64, 8).empty());  // one block
  }

  // The error is that of the first share, and an exception inside one is an error, too.
  void firstErrorIsTold() {
    const std::vector<Share> shares = sharesAlong({IndexSet::all(40)}, 0, 1, 8);
    const Sharing sharing{8, 3, &m_workers};
    const auto outcome = forEachShare(shares, sharing, [](std::size_t i) -> Result<void> {
      if (i == 6) return fail(ErrorCode::ReadFailed, "share 6");
      if (i == 2) throw std::bad_alloc();
      return {};
    });
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::OverBudget);
  }

  // Every call once, on no more threads than allowed, from inside a task and from outside.
  void poolCallsEachOnce() {
    const auto check = [this](int most) {
      std::vector<std::atomic<int>> calls(100);
      std::mutex mutex;
      std::set<std::thread::id> threads;
      m_workers.each(100, most, [&](int i) {
        ++calls[static_cast<std::size_t>(i)];
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      });
      for (const auto& count : calls)
        if (count != 1) return false;
      return static_cast<int>(threads.size()) <= most;
    };
    QVERIFY(check(2));
    std::atomic<bool> isGood{false};
    m_workers.start([&](int worker) { isGood = check(2) && worker >= 0 && worker < 3; });
    m_workers.wait();
    QVERIFY(isGood);
  }

  // Tasks may start tasks; numbers of workers that are at work at the same time differ.
  void workersHaveNumbersOfTheirOwn() {
    std::array<std::atomic<int>, 3> inside{};
    std::atomic<int> left{200}, clashes{0};
    std::function<void(int)> task = [&](int worker) {
      if (++inside[static_cast<std::size_t>(worker)] != 1) ++clashes;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      --inside[static_cast<std::size_t>(worker)];
      if (--left > 0) m_workers.start(task);
    };
    for (int i = 0; i < 3; ++i) m_workers.start(task);
    m_workers.wait();
    QVERIFY(left <= 0);
    QCOMPARE(clashes.load(), 0);
  }
};

QTEST_GUILESS_MAIN(TestShares)
#include "tst_shares.moc"
