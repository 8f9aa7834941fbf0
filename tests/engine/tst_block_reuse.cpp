// SPDX-License-Identifier: GPL-3.0-or-later
// Stored blocks that several chunks need: decoded once, in memory or through the disk, with the same bytes and within the plan.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "engine/io/sample_cube.h"
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

}  // namespace

class TestBlockReuse : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  test::Engine m_engine;

  std::string path(const QString& name) const { return m_folder.filePath(name).toStdString(); }
  QStringList files() const { return QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }

  /// Runs, checks the report against the plan and the process, and returns the output's hash.
  QByteArray run(const std::string& pipeline, PlanOptions options, RunReport& report) {
    options.overwrite = true;
    const double before = bytesReadByProcess();
    auto done = m_engine.run(pipeline, options);
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
    // Reading the output back before it is published is no part of the plan.
    const double verified = static_cast<double>(QFileInfo(QString::fromStdString(report.outputs[0].path)).size()) + (1 << 20);
    if (std::abs(report.bytesRead - report.plannedReadBytes) > 0.02 * report.plannedReadBytes || read < 0.98 * report.bytesRead ||
        read > 1.02 * report.bytesRead + verified) {
      qWarning("planned %g, reported %g, read %g", report.plannedReadBytes, report.bytesRead, read);
      return {};
    }
    return test::hashOf(report.outputs[0].path);
  }

 private slots:
  void initTestCase() {
    const auto cube = writeSyntheticCube(SyntheticCube({700, 650, 24, 0, 5}), m_folder.path().toStdString(), "cube");
    QVERIFY2(cube.has_value(), cube ? "" : cube.error().text().c_str());
    RunReport report;
    for (const std::string target : {"cube.zarr compress=zstd", "cube.nc", "tiles.tif compress=deflate"})
      QVERIFY(m_engine.run("open " + *cube + " ! write " + path(QString::fromStdString(target)), {2, 0, {}, true}).has_value());
    Store{40, 192, 256, 1, 64, 64}.write(path("planes.zarr"));
  }

  void aTurnedGridReadsItsStoreOnce_data() {
    QTest::addColumn<QString>("source");
    QTest::newRow("Zarr") << "cube.zarr";
    QTest::newRow("HDF5") << "cube.nc";
    QTest::newRow("GeoTIFF") << "tiles.tif";
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
      const QByteArray hash = run(pipeline, {workers, 0, {}}, report);
      QVERIFY(!hash.isEmpty());
      QVERIFY2(report.bytesRead <= 1.01 * stored, qPrintable(QString("read %1 of %2").arg(report.bytesRead).arg(stored)));
      if (first.isEmpty()) first = hash;
      QCOMPARE(hash, first);
    }
  }

  /// Pixels after bands: every chunk of the output needs a part of every plane. With memory for it, and with as little as there can be.
  void aTransposedStoreIsDecodedOnce() {
    const Store store{40, 192, 256, 1, 64, 64};
    const std::string in = path("planes.zarr"), out = path("pixels.img");
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
        const QByteArray hash = run(pipeline, options, report);
        QVERIFY(!hash.isEmpty());
        if (first.isEmpty()) first = hash;
        QCOMPARE(hash, first);
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
