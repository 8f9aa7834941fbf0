// SPDX-License-Identifier: GPL-3.0-or-later
// Stored blocks that several chunks need: decoded once, in memory or through the disk, with the same bytes and within the plan.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <atomic>
#include <cstring>
#include <thread>

#include "engine/io/sample/sample_cube.h"
#include "engine/plan/block_reuse.h"
#include "engine/run/block_cache.h"
#include "tests/support/engine.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using cubeloom::test::writeFile;

namespace {

/// 256 values of 16 bits that hardly compress.
std::uint16_t noise(std::uint32_t at) {
  at = (at ^ 61U ^ (at >> 16U)) * 9U;
  at = (at ^ (at >> 4U)) * 0x27d4eb2dU;
  return static_cast<std::uint16_t>(at ^ (at >> 15U));
}

/// A Zarr store (band, y, x) of uint16 in zlib chunks, value = noise(position).
struct Store {
  std::int64_t bands, lines, columns;
  std::int64_t chunkBands, chunkLines, chunkColumns;

  std::uint16_t at(std::int64_t b, std::int64_t y, std::int64_t x) const {
    return noise(static_cast<std::uint32_t>((b * lines + y) * columns + x));
  }
  void write(const std::string& path) const {
    QDir().mkpath(QString::fromStdString(path + "/a"));
    writeFile(path + "/.zgroup", R"({"zarr_format": 2})");
    writeFile(path + "/a/.zattrs", R"({"_ARRAY_DIMENSIONS": ["band", "y", "x"]})");
    const auto numbers = [](std::int64_t a, std::int64_t b, std::int64_t c) {
      return "[" + std::to_string(a) + ", " + std::to_string(b) + ", " + std::to_string(c) + "]";
    };
    writeFile(path + "/a/.zarray", R"({"zarr_format": 2, "order": "C", "filters": null, "fill_value": null, "dtype": "<u2", )"
                                   R"("compressor": {"id": "zlib", "level": 1}, "shape": )" +
                                       numbers(bands, lines, columns) + R"(, "chunks": )" + numbers(chunkBands, chunkLines, chunkColumns) +
                                       "}");
    for (std::int64_t b = 0; b < bands; b += chunkBands)
      for (std::int64_t y = 0; y < lines; y += chunkLines)
        for (std::int64_t x = 0; x < columns; x += chunkColumns) {
          std::vector<std::uint16_t> values;
          for (std::int64_t i = 0; i < chunkBands; ++i)
            for (std::int64_t j = 0; j < chunkLines; ++j)
              for (std::int64_t k = 0; k < chunkColumns; ++k) values.push_back(at(b + i, y + j, x + k));
          const QByteArray raw(reinterpret_cast<const char*>(values.data()), static_cast<int>(values.size() * 2));
          writeFile(
              path + "/a/" + std::to_string(b / chunkBands) + "." + std::to_string(y / chunkLines) + "." + std::to_string(x / chunkColumns),
              qCompress(raw, 1).mid(4).toStdString());
        }
  }
};

double bytesOfChunks(const std::string& store) {
  double bytes = 0;
  for (QDirIterator it(QString::fromStdString(store), QDir::Files, QDirIterator::Subdirectories); it.hasNext();) {
    it.next();
    if (it.fileName()[0].isDigit()) bytes += static_cast<double>(it.fileInfo().size());
  }
  return bytes;
}

/// What the process has read so far, of whatever file.
double bytesReadByProcess() {
  QFile file("/proc/self/io");
  if (!file.open(QIODevice::ReadOnly)) return -1;
  return file.readAll().split('\n')[0].split(' ')[1].toDouble();
}

/// Counts how often each block of another source is read.
class CountingSource : public Source {
 public:
  CountingSource(std::shared_ptr<Source> source, std::int64_t blocks)
      : m_source(std::move(source)), m_counts(static_cast<std::size_t>(blocks)) {}
  const ArraySpec& spec() const override { return m_source->spec(); }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    const std::vector<std::int64_t> block = decodedBlock();
    std::size_t number = 0;
    for (std::size_t d = 0; d < block.size(); ++d)
      number = number * static_cast<std::size_t>((spec().dims[d].size + block[d] - 1) / block[d]) +
               static_cast<std::size_t>(region[d].first() / block[d]);
    ++m_counts[number];
    return m_source->read(region, to, context);
  }
  ReadCost cost(const Region& region) const override { return m_source->cost(region); }
  std::vector<std::int64_t> decodedBlock() const override { return m_source->decodedBlock(); }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return m_source->touchedLines(region);
  }
  std::vector<std::string> files() const override { return m_source->files(); }
  std::vector<int> counts() const { return {m_counts.begin(), m_counts.end()}; }

 private:
  std::shared_ptr<Source> m_source;
  std::vector<std::atomic<int>> m_counts;
};

}  // namespace

class TestBlockReuse : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string path(const QString& name) const { return m_folder.filePath(name).toStdString(); }
  QStringList files() const { return QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }

  /// The plan for the first of ever smaller budgets that takes to the disk. What the process holds changes from plan to plan: this one is
  /// run.
  Result<Plan> planThroughTheDisk(const std::string& pipeline, PlanOptions options) const {
    for (int step = 0;; ++step) {
      auto plan = m_engine.plan(pipeline, options);
      if (!plan || !plan->fits() || plan->passes == 2) return plan;
      options.memoryBudgetBytes = static_cast<std::int64_t>(plan->processBytes + 12 * (1 << 20) - step * (1 << 18));
    }
  }
  QByteArray run(const std::string& pipeline, PlanOptions options, RunReport& report) {
    options.overwrite = true;
    return run(pipeline, m_engine.plan(pipeline, options), report);
  }
  /// Runs, checks the report against the plan and the process, and returns the output. GeoTIFF is read by a process of its own.
  QByteArray run(const std::string& pipeline, Result<Plan> plan, RunReport& report) {
    const double before = bytesReadByProcess();
    const auto done = plan ? Run::start(std::move(*plan), m_engine.sinks)->wait() : Result<RunReport>(fail(plan.error()));
    const double read = bytesReadByProcess() - before;
    if (!done || done->status != RunStatus::Finished) {
      qWarning("%s", !done ? done.error().text().c_str() : done->errors.empty() ? "?" : done->errors[0].text().c_str());
      return {};
    }
    report = *done;
    if (report.measuredPeakBytes > report.projectedPeakBytes || report.projectedPeakBytes > report.memoryBudgetBytes) {
      qWarning("peak %g, projected %g, budget %g", report.measuredPeakBytes, report.projectedPeakBytes, report.memoryBudgetBytes);
      return {};
    }
    const bool isReadHere = pipeline.find(".tif ") == std::string::npos;
    // Reading the output back before it is published is no part of the plan.
    const double verified = static_cast<double>(QFileInfo(QString::fromStdString(report.outputs[0].path)).size()) + (1 << 20);
    if (std::abs(report.bytesRead - report.plannedReadBytes) > 0.02 * report.plannedReadBytes ||
        (isReadHere && read < 0.98 * report.bytesRead) || read > 1.02 * report.bytesRead + verified) {
      qWarning("planned %g, reported %g, read %g", report.plannedReadBytes, report.bytesRead, read);
      return {};
    }
    return test::contentOf(report.outputs[0].path);
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({420, 400, 8, 0, 5}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    RunReport report;
    for (const std::string target :
         {"cube.zarr compress=zstd", "cube.nc", "tiles.tif compress=deflate", "pixels.tif compress=deflate interleave=pixel"})
      QVERIFY(m_engine.run("open " + *cube + " ! write " + path(QString::fromStdString(target)), {2, 0, {}, true}).has_value());
    Store{40, 192, 256, 1, 64, 64}.write(path("tiles.zarr"));
    Store{40, 192, 256, 1, 192, 256}.write(path("planes.zarr"));
  }

  void aTurnedGridReadsItsStoreOnce_data() {
    QTest::addColumn<QString>("source");
    QTest::newRow("Zarr") << "cube.zarr";
    QTest::newRow("HDF5") << "cube.nc";
    QTest::newRow("GeoTIFF") << "tiles.tif";
    QTest::newRow("few large rows of tiles") << "pixels.tif";  // neighbours in flight come to the row they share first, and last
  }
  /// UTM to geographic coordinates: every line of the output cuts across the lines of the source.
  void aTurnedGridReadsItsStoreOnce() {
    QFETCH(QString, source);
    const std::string in = path(source);
    const std::string pipeline = "open " + in + " ! reproject crs=EPSG:4326 resampling=bilinear ! write " + path("out.img");
    const double stored = source.endsWith(".zarr") ? bytesOfChunks(in) : static_cast<double>(QFileInfo(QString::fromStdString(in)).size());
    QByteArray first;
    for (const int workers : {1, 2, 7}) {
      RunReport report;
      const QByteArray content = run(pipeline, {workers, 0, {}}, report);
      QVERIFY(!content.isEmpty());
      QVERIFY2(report.bytesRead <= 1.01 * stored, qPrintable(QString("read %1 of %2").arg(report.bytesRead).arg(stored)));
      if (first.isEmpty()) first = content;
      QCOMPARE(content, first);
    }
  }

  /// Seven threads that all want all of it: nobody decodes what another one has, or is at.
  void threadsShareWhatTheyDecode() {
    const auto graph = m_engine.bind("open " + path("tiles.zarr"));
    QVERIFY(graph.has_value());
    const std::shared_ptr<Source> source = (*graph)->nodes[0].operation->source();
    CountingSource counting(source, 40 * 3 * 4);
    BlockCache cache(**graph, {{{0}}, 40 * 3 * 4 * 8192.0, 0, {}, 0});
    const Region region{IndexSet::range(39, 40, -1), IndexSet::range(3, 60, 3), IndexSet::list({200, 7, 7, 130})};
    BufferPool pool;
    std::vector<Block> blocks;
    for (int t = 0; t < 8; ++t) blocks.push_back(makeBlock(pool, PixelType::UInt16, regionShape(region)));
    std::vector<std::thread> threads;
    for (int t = 0; t < 7; ++t)
      threads.emplace_back([&, t] {
        ReadContext context{pool, {}, 0};
        if (!cache.read(0, counting, region, blocks[static_cast<std::size_t>(t)].view, context)) qWarning("reading failed");
      });
    for (std::thread& thread : threads) thread.join();
    ReadContext context{pool, {}, 0};
    QVERIFY(source->read(region, blocks[7].view, context).has_value());
    for (int t = 0; t < 7; ++t)
      QCOMPARE(std::memcmp(blocks[static_cast<std::size_t>(t)].buffer.data(), blocks[7].buffer.data(), 40 * 60 * 4 * 2), 0);
    // x 7, 130 and 200 lie in columns 0, 2 and 3 of blocks; y 3 to 180 in all rows.
    const std::vector<int> counts = counting.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) QCOMPARE(counts[i], i % 4 == 1 ? 0 : 1);
  }

  /// Memory for five blocks: others are given up, and the pixels are the same.
  void littleMemoryDecodesAgain() {
    const auto graph = m_engine.bind("open " + path("tiles.zarr"));
    QVERIFY(graph.has_value());
    const std::shared_ptr<Source> source = (*graph)->nodes[0].operation->source();
    CountingSource counting(source, 40 * 3 * 4);
    BlockCache cache(**graph, {{{0}}, 5 * 8192.0, 0, {}, 0});
    BufferPool pool;
    const Region region{IndexSet::single(4), IndexSet::range(0, 192), IndexSet::range(0, 64)};
    const Block first = makeBlock(pool, PixelType::UInt16, regionShape(region)),
                again = makeBlock(pool, PixelType::UInt16, regionShape(region));
    ReadContext context{pool, {}, 0};
    QVERIFY(cache.read(0, counting, region, first.view, context).has_value());
    QVERIFY(cache.read(0, counting, region, again.view, context).has_value());
    QCOMPARE(counting.counts()[4 * 12], 1);
    const Region other{IndexSet::range(5, 5), IndexSet::single(0), IndexSet::single(0)};
    const Block five = makeBlock(pool, PixelType::UInt16, regionShape(other));
    QVERIFY(cache.read(0, counting, other, five.view, context).has_value());
    QVERIFY(cache.read(0, counting, region, again.view, context).has_value());
    QCOMPARE(counting.counts()[4 * 12], 2);
    QCOMPARE(std::memcmp(first.buffer.data(), again.buffer.data(), 192 * 64 * 2), 0);
  }

  /// Through the disk: shown in the plan, and nothing with a name lies anywhere, so that nothing can be left.
  void scratchSpaceHasNoName() {
    const std::string pipeline = "open " + path("planes.zarr") + " ! reduce dims=band statistic=std ! write " + path("canceled.tif");
    PlanOptions options{2, 0, {}, true};
    auto plan = m_engine.plan(pipeline, options);
    QVERIFY(plan.has_value());
    QCOMPARE(plan->passes, 1);
    plan = planThroughTheDisk(pipeline, options);
    QVERIFY(plan.has_value());
    QVERIFY(plan->fits());
    QCOMPARE(plan->passes, 2);
    QVERIFY(!plan->warnings.empty() &&
            plan->warnings[0].message.find("go through a file in " + m_folder.path().toStdString()) != std::string::npos);
    const QStringList before = files();
    auto run = Run::start(*plan, m_engine.sinks);
    while (run->snapshot().bytesRead <= 0 && !run->isFinished()) QThread::msleep(1);
    for (const QString& name : files()) QVERIFY2(before.contains(name) || name.contains("canceled.tif"), qPrintable(name));
    run->cancel();
    run->wait();
    run.reset();
    if (!QFile::exists(m_folder.filePath("canceled.tif"))) QCOMPARE(files(), before);
  }

  /// A strip of every plane for each strip of the answer: with memory for one strip only, through the disk.
  void aSeriesOfEachPixelIsDecodedOnce() {
    const std::string in = path("planes.zarr"), out = path("series.tif");
    const std::string pipeline = "open " + in + " ! reduce dims=band statistic=std ! write " + out;
    const double stored = bytesOfChunks(in), decoded = 40.0 * 192 * 256 * 2;
    QByteArray first;
    for (const int workers : {1, 2, 7})
      for (const bool isTight : {false, true}) {
        const PlanOptions options{workers, 0, {}, true};
        auto plan = isTight ? planThroughTheDisk(pipeline, options) : m_engine.plan(pipeline, options);
        QVERIFY(plan.has_value() && plan->passes == (isTight ? 2 : 1));
        RunReport report;
        const QByteArray content = run(pipeline, std::move(plan), report);
        QVERIFY(!content.isEmpty());
        if (first.isEmpty()) first = content;
        QCOMPARE(content, first);
        QVERIFY2(report.bytesRead <= 1.02 * stored + (isTight ? 1.02 * decoded : 0),
                 qPrintable(QString("read %1 of %2").arg(report.bytesRead).arg(stored)));
      }
  }

  void aTransposedStoreIsDecodedOnce_data() {
    QTest::addColumn<QString>("source");
    QTest::newRow("tiles") << "tiles.zarr";
    QTest::newRow("planes") << "planes.zarr";
  }
  /// Pixels after bands: every chunk of the output needs a part of every plane. With memory for it, and with as little as there can be.
  void aTransposedStoreIsDecodedOnce() {
    QFETCH(QString, source);
    const Store store{40, 192, 256, 1, 64, 64};
    const std::string in = path(source), out = path("pixels.img");
    const std::string pipeline = "open " + in + " ! transpose dims=y,x,band ! write " + out;
    QByteArray first;
    for (const int workers : {1, 2, 7})
      for (const bool isTight : {false, true}) {
        PlanOptions options{workers, 0, {}, true};
        if (isTight) {
          const auto plan = m_engine.plan(pipeline, options);
          QVERIFY(plan.has_value());
          options.memoryBudgetBytes = static_cast<std::int64_t>(plan->leastBudgetBytes * 1.02) + (1 << 20);
        }
        RunReport report;
        const QByteArray content = run(pipeline, options, report);
        QVERIFY(!content.isEmpty());
        if (first.isEmpty()) first = content;
        QCOMPARE(content, first);
        const double stored = bytesOfChunks(in), decoded = static_cast<double>(store.bands * store.lines * store.columns * 2);
        QVERIFY2(report.bytesRead <= 1.02 * stored + (isTight ? 1.5 * decoded : 0),
                 qPrintable(QString("read %1 of %2").arg(report.bytesRead).arg(stored)));
      }
    QFile file(QString::fromStdString(out));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QCOMPARE(bytes.size(), static_cast<int>(store.bands * store.lines * store.columns * 2));
    const auto* values = reinterpret_cast<const std::uint16_t*>(bytes.constData());
    for (std::int64_t y = 0; y < store.lines; ++y)
      for (std::int64_t x = 0; x < store.columns; ++x)
        for (std::int64_t b = 0; b < store.bands; ++b)
          if (values[(y * store.columns + x) * store.bands + b] != store.at(b, y, x)) QFAIL("a pixel is another one");
  }
};

QTEST_GUILESS_MAIN(TestBlockReuse)
#include "tst_block_reuse.moc"
