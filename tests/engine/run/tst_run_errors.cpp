// SPDX-License-Identifier: GPL-3.0-or-later
// Runs whose inputs fail, change or are slow: retry, skip, cancel, pause, and a budget that changes meanwhile.
#include <QElapsedTimer>
#include <QFile>
#include <QSemaphore>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <atomic>
#include <functional>
#include <limits>
#include <thread>

#include "engine/io/file/raw_file.h"
#include "engine/run/awaited_reads.h"
#include "tests/support/engine.h"
#include "tests/support/ramp_source.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

constexpr double kNodata = -9999;

/// [y 64, x 32] whose value is 100 y + x, in chunks of 4 lines.
struct World {
  Engine engine;
  std::shared_ptr<RampProvider> sources = std::make_shared<RampProvider>();
  explicit World(PixelType type = PixelType::Float32, std::optional<double> nodata = kNodata) {
    ArraySpec spec = rampSpec(0, 64, 32, Affine{5, 0, 700000, 0, -5, 3800000}, "EPSG:32610");
    spec.type = type;
    spec.nodata = nodata;
    sources->add("ramp", spec,
                 [](const std::vector<std::int64_t>& i) { return 100.0 * static_cast<double>(i[0]) + static_cast<double>(i[1]); });
    engine.sources = sources;
  }
  RampSource& source() const { return *sources->at("ramp"); }
  Plan plan(int workers = 2) const {
    auto made = engine.plan("open ramp ! isel y=0:64", {workers, 0, "isel", false});
    made->stages[0].chunks = ChunkGrid({64, 32}, {4, 32});
    made->chunks = 16;
    return *made;
  }
  std::unique_ptr<Run> start(const RunOptions& options = {}, int workers = 2) const {
    return Run::start(plan(workers), engine.sinks, options);
  }
};

Result<void> readError(const std::string& message) { return fail(ErrorCode::ReadFailed, message); }

/// Sinks that take ten seconds to put their output together, unless they are told to stop.
struct SlowSinks : SinkProvider {
  explicit SlowSinks(std::shared_ptr<SinkProvider> of) : sinks(std::move(of)) {}
  struct SlowSink : Sink {
    SlowSink(std::unique_ptr<Sink> of, std::atomic<bool>& publishing) : sink(std::move(of)), isPublishing(publishing) {}
    Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
      return sink->write(position, region, chunk);
    }
    Result<void> publish(const CancelToken& cancel) override {
      isPublishing = true;
      for (int i = 0; i < 1000 && !cancel.isCanceled(); ++i) QThread::msleep(10);
      if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
      return sink->publish(cancel);
    }
    void discard() override { sink->discard(); }
    std::int64_t bytesWritten() const override { return sink->bytesWritten(); }
    std::unique_ptr<Sink> sink;
    std::atomic<bool>& isPublishing;
  };
  Result<SinkPlan> plan(const SinkRequest& request) override { return sinks->plan(request); }
  Result<std::unique_ptr<Sink>> open(const SinkRequest& request, BufferPool pool) override {
    auto sink = sinks->open(request, std::move(pool));
    if (!sink) return sink;
    return std::make_unique<SlowSink>(std::move(*sink), isPublishing);
  }
  std::shared_ptr<SinkProvider> sinks;
  std::atomic<bool> isPublishing{false};
};

bool isLines(const Region& region, std::int64_t line) { return region[0].min() <= line && line <= region[0].max(); }

double valueAt(const RunReport& report, std::int64_t y, std::int64_t x) { return report.outputs[0].memory.as<float>()[y * 32 + x]; }

/// Milliseconds from cancel() to the end of a run that `start` began and is busy; the quickest of five, since other programs may keep the
/// processors busy. -1 if one of them did not end as a canceled run does.
qint64 quickestCancel(const std::function<std::unique_ptr<Run>()>& start) {
  qint64 quickest = std::numeric_limits<qint64>::max();
  for (int i = 0; i < 5; ++i) {
    const auto run = start();
    QElapsedTimer clock;
    clock.start();
    run->cancel();
    const RunReport report = run->wait();
    quickest = std::min(quickest, clock.elapsed());
    if (report.status != RunStatus::Canceled || !report.errors.empty()) return -1;
  }
  return quickest;
}

}  // namespace

class TestRunErrors : public QObject {
  Q_OBJECT
 private slots:
  void aReadThatFailsNowAndThenIsTriedAgain() {
    World world;
    world.source().onRead = [](int number, const Region&, const ReadContext&) {
      return number % 5 == 2 ? readError("the drive was away") : Result<void>();
    };
    const RunReport report = world.start()->wait();
    QVERIFY2(report.status == RunStatus::Finished, report.errors.empty() ? "" : report.errors[0].text().c_str());
    QVERIFY(report.errors.empty());
    for (std::int64_t y = 0; y < 64; ++y) QCOMPARE(valueAt(report, y, 7), 100.0 * static_cast<double>(y) + 7);
  }

  void aReadThatAlwaysFailsEndsTheRun() {
    World world;
    std::atomic<int> tries{0};
    world.source().onRead = [&tries](int, const Region& region, const ReadContext&) {
      if (!isLines(region, 21)) return Result<void>();
      ++tries;
      return readError("line 21 cannot be read");
    };
    const RunReport report = world.start({}, 1)->wait();
    QVERIFY(report.status == RunStatus::Failed);
    QCOMPARE(tries.load(), 4);  // once, and three times again
    QCOMPARE(report.errors.size(), std::size_t{1});
    QCOMPARE(report.errors[0].chunk, std::string("5"));
    QCOMPARE(report.errors[0].node, std::string("open"));
    QVERIFY(report.outputs.empty());
  }

  void otherErrorsAreNotTriedAgain() {
    World world;
    std::atomic<int> tries{0};
    world.source().onRead = [&tries](int, const Region&, const ReadContext&) -> Result<void> {
      ++tries;
      return fail(ErrorCode::Internal, "a mistake");
    };
    QVERIFY(world.start({}, 1)->wait().status == RunStatus::Failed);
    QCOMPARE(tries.load(), 1);
  }

  void theyMayBecomeNodataAndAreListed() {
    World world;
    world.source().onRead = [](int, const Region& region, const ReadContext&) {
      return isLines(region, 21) || isLines(region, 60) ? readError("a scratch on the disk") : Result<void>();
    };
    RunOptions options;
    options.onDataError = DataErrorPolicy::Nodata;
    options.retries = 0;
    const RunReport report = world.start(options)->wait();
    QVERIFY(report.status == RunStatus::Finished);
    QCOMPARE(report.errors.size(), std::size_t{2});
    QCOMPARE(report.errors[0].chunk, std::string("5"));
    QCOMPARE(report.errors[1].chunk, std::string("15"));
    for (std::int64_t y = 0; y < 64; ++y)
      QCOMPARE(valueAt(report, y, 3), y / 4 == 5 || y / 4 == 15 ? kNodata : 100.0 * static_cast<double>(y) + 3);
  }

  void withoutNodataAnIntegerHasNoStandIn() {
    World world(PixelType::Int32, std::nullopt);
    world.source().onRead = [](int, const Region& region, const ReadContext&) {
      return isLines(region, 21) ? readError("a scratch on the disk") : Result<void>();
    };
    RunOptions options;
    options.onDataError = DataErrorPolicy::Nodata;
    options.retries = 0;
    QVERIFY(world.start(options)->wait().status == RunStatus::Failed);
  }

  void skippedChunksAreTriedAgainByAResume() {
    const QTemporaryDir folder;
    const std::string pipeline = "open ramp ! write " + folder.filePath("o.img").toStdString();
    World world;
    const auto whole = world.engine.run(pipeline, {1, 0, {}, true});
    QVERIFY(whole && whole->status == RunStatus::Finished);
    const QByteArray content = contentOf(whole->outputs[0].path);
    for (const char* name : {"o.img", "o.hdr"}) QVERIFY(QFile::remove(folder.filePath(name)));
    // Chunk 5 is skipped; then a file of someone else stands where the output should go, so that nothing is published.
    const QString target = folder.filePath("o.img");
    world.source().onRead = [&target](int, const Region& region, const ReadContext&) {
      QFile other(target);
      if (!other.open(QIODevice::WriteOnly)) qCritical("no file");
      return isLines(region, 21) ? readError("a scratch on the disk") : Result<void>();
    };
    auto plan = world.engine.plan(pipeline, {1, 0, {}, false});
    QVERIFY(plan.has_value());
    plan->stages[0].chunks = ChunkGrid({64, 32}, {4, 32});
    plan->stages[0].sinkRequest.identity.chunk = {4, 32};
    plan->chunks = 16;
    RunOptions options;
    options.onDataError = DataErrorPolicy::Nodata;
    options.retries = 0;
    options.keepUnfinished = true;
    const RunReport blocked = Run::start(*plan, world.engine.sinks, options)->wait();
    QVERIFY(blocked.status == RunStatus::Failed);
    QCOMPARE(blocked.kept.size(), std::size_t{1});
    QVERIFY(QFile::remove(target));
    world.source().onRead = nullptr;
    world.source().reads = 0;
    const auto again = world.engine.run(pipeline, {1, 0, {}, false, true});
    QVERIFY(again && again->status == RunStatus::Finished);
    QCOMPARE(world.source().reads.load(), 1);
    QCOMPARE(contentOf(again->outputs[0].path), content);
  }

  void cancelIsHeardWhileReading() {
    World world;
    world.source().onRead = [](int, const Region&, const ReadContext& context) -> Result<void> {
      for (int i = 0; i < 1000 && !context.cancel.isCanceled(); ++i) QThread::msleep(5);
      if (context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
      return {};
    };
    for (const bool paused : {false, true}) {
      const qint64 quickest = quickestCancel([&] {
        auto run = world.start();
        QThread::msleep(30);
        run->setPaused(paused);
        return run;
      });
      QVERIFY2(quickest >= 0 && quickest <= 100, qPrintable(QString::number(quickest)));
    }
  }

  // A source that hears nothing: no chunk begins any more, and the workers are idle when its read returns.
  void cancelBeginsNoNewChunk() {
    World world;
    world.source().onRead = [](int, const Region&, const ReadContext&) -> Result<void> {
      QThread::msleep(200);
      return {};
    };
    int most = 0;
    const qint64 quickest = quickestCancel([&] {
      most = std::max(most, world.source().reads.exchange(0));
      auto run = world.start();
      while (world.source().reads < 1) QThread::msleep(1);
      return run;
    });
    QVERIFY(std::max(most, world.source().reads.load()) <= 2);
    QVERIFY2(quickest >= 0 && quickest <= 1000, qPrintable(QString::number(quickest)));
  }

  // What stands still is named: which file, on which worker, for how long.
  void whatItWaitsForIsNamed() {
    World world;
    world.source().fileNames = {CUBELOOM_SOURCE_DIR "/README.md"};
    QSemaphore disk;
    world.source().onRead = [&disk](int, const Region&, const ReadContext&) -> Result<void> {
      disk.acquire();
      return {};
    };
    const auto run = world.start({}, 1);
    while (world.source().reads < 1) QThread::msleep(1);
    QThread::msleep(300);
    const Snapshot now = run->snapshot();
    QCOMPARE(now.states[static_cast<std::size_t>(ChunkState::Reading)], std::int64_t{1});
    const auto reads = awaitedReads(run->plan(), now);
    QCOMPARE(reads.size(), std::size_t{1});
    QCOMPARE(reads[0].file, world.source().files().front());
    QCOMPARE(reads[0].worker, now.inHand[0].worker);
    QVERIFY2(reads[0].seconds > 0.25 && reads[0].seconds <= now.t, qPrintable(QString::number(reads[0].seconds)));
    disk.release(1000);
    QVERIFY(run->wait().status == RunStatus::Finished);
    QVERIFY(awaitedReads(run->plan(), run->snapshot()).empty());
  }
  // Putting the output together is work, too: it is called off, and counts as canceled, not as failed.
  void cancelIsHeardWhileTheOutputIsPutTogether() {
    World world;
    const auto sinks = std::make_shared<SlowSinks>(world.engine.sinks);
    const qint64 quickest = quickestCancel([&] {
      auto run = Run::start(world.plan(), sinks, {.keepUnfinished = true});
      while (!sinks->isPublishing) QThread::msleep(1);
      sinks->isPublishing = false;
      return run;
    });
    QVERIFY2(quickest >= 0 && quickest <= 250, qPrintable(QString::number(quickest)));
  }
  void cancelEndsTheWaitBeforeARetry() {
    World world;
    world.source().onRead = [](int, const Region&, const ReadContext&) { return readError("always"); };
    RunOptions options;
    options.retries = 1000;
    const qint64 quickest = quickestCancel([&] {
      auto run = world.start(options);
      QThread::msleep(200);
      return run;
    });
    QVERIFY2(quickest >= 0 && quickest <= 100, qPrintable(QString::number(quickest)));
  }

  void pausedRunsReadNothing() {
    World world;
    world.source().onRead = [](int, const Region&, const ReadContext&) -> Result<void> {
      QThread::msleep(5);
      return {};
    };
    const auto run = world.start();
    run->setPaused(true);
    QThread::msleep(50);
    const int held = world.source().reads;
    QThread::msleep(100);
    QCOMPARE(world.source().reads.load(), held);
    QVERIFY(!run->isFinished());
    run->setPaused(false);
    QVERIFY(run->wait().status == RunStatus::Finished);
  }

  void memoryBudgetChangesWhileRunning() {
    World world;
    QSemaphore permits;
    std::atomic<int> inside{0};
    world.source().onRead = [&](int, const Region&, const ReadContext&) -> Result<void> {
      ++inside;
      permits.acquire();
      --inside;
      return {};
    };
    const auto run = world.start();
    QTRY_COMPARE(inside.load(), 2);
    run->setMemoryBudget(1);  // less than a chunk: one at a time from now on
    permits.release(2);
    for (int reads = 3; reads < 8; ++reads) {
      QTRY_COMPARE(world.source().reads.load(), reads);
      QThread::msleep(20);  // time for another to come, if it could
      QCOMPARE(world.source().reads.load(), reads);
      QCOMPARE(inside.load(), 1);
      permits.release();
    }
    run->setMemoryBudget(run->plan().memoryBudgetBytes);
    QTRY_COMPARE(inside.load(), 2);
    permits.release(100);
    const RunReport report = run->wait();
    QVERIFY(report.status == RunStatus::Finished);
    QCOMPARE(report.memoryBudgetBytes, static_cast<double>(run->plan().memoryBudgetBytes));
  }

  void anInputThatChangesIsCaught_data() {
    QTest::addColumn<QString>("change");
    for (const char* change : {"written", "longer", "replaced", "removed", "same size and time"}) QTest::newRow(change) << change;
  }
  void anInputThatChangesIsCaught() {
    QFETCH(QString, change);
    const QTemporaryDir folder;
    const QString path = folder.filePath("input");
    const auto put = [](const QString& name, const QByteArray& bytes) {
      QFile file(name);
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    };
    put(path, "abcd");
    World world;
    world.source().fileNames = {path.toStdString()};
    const auto time = QFileInfo(path).lastModified();
    const Plan plan = world.plan();
    if (change == "written") put(path, "abce");
    if (change == "longer") put(path, "abcdef");
    if (change == "removed") QVERIFY(QFile::remove(path));
    if (change == "replaced" || change == "same size and time") {
      put(path + "2", "abce");
      QVERIFY(QFile::remove(path) && QFile::rename(path + "2", path));
    }
    if (change == "same size and time") {
      QFile file(path);
      QVERIFY(file.open(QIODevice::ReadWrite) && file.setFileTime(time, QFileDevice::FileModificationTime));
    }
    const RunReport report = Run::start(plan, world.engine.sinks)->wait();
    QVERIFY(report.status == RunStatus::Failed);
    QVERIFY2(report.errors[0].message.find("changed") != std::string::npos, report.errors[0].message.c_str());
    QCOMPARE(report.errors[0].path, path.toStdString());
    QVERIFY(report.outputs.empty());
  }

  // A network drive that came back: the old descriptor is dead, the path leads to the file again.
  void aRawFileIsOpenedAnewAfterAFailure() {
    const QTemporaryDir folder;
    const QString path = folder.filePath("raw");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(1000, 'a')) == 1000);
    file.close();
    const auto raw = RawFile::open(path.toStdString());
    QVERIFY(raw.has_value());
    QVERIFY(QFile::rename(path, path + ".gone"));
    QVERIFY(QFile::resize(path + ".gone", 10));
    std::byte buffer[100];
    QVERIFY(!(*raw)->read(buffer, 100, 500, 600));
    QFile back(path);
    QVERIFY(back.open(QIODevice::WriteOnly) && back.write(QByteArray(1000, 'b')) == 1000);
    back.close();
    QVERIFY(!(*raw)->read(buffer, 100, 500, 600));  // notices, and opens the path again
    QVERIFY((*raw)->read(buffer, 100, 500, 600).has_value());
    QVERIFY(buffer[0] == std::byte{'b'});
  }
};

QTEST_APPLESS_MAIN(TestRunErrors)
#include "tst_run_errors.moc"
