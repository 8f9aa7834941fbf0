// SPDX-License-Identifier: GPL-3.0-or-later
// The suite that is applied to every sink.
#include "tests/support/sink_conformance.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>
#include <atomic>
#include <complex>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/engine.h"
#include "tests/support/raster_reader.h"

namespace cubeloom::test {
namespace {

template <class T>
T closedForm(std::int64_t i) {
  // A smooth part, so that predictors and compression see what they are made for, and a jump now and then.
  const std::int64_t smooth = i / 3 + (i % 97 == 0 ? 31 * (i % 11) : 0);
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(smooth * 3 + (std::is_signed_v<T> ? -40 : 0));
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(0.125 * static_cast<double>(smooth) - 17.3);
  } else {
    return T(static_cast<typename T::value_type>(smooth) * 0.5F, static_cast<typename T::value_type>(-i % 13));
  }
}

QStringList entries(const std::string& path) {
  return QFileInfo(QString::fromStdString(path))
      .dir()
      .entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden | QDir::System, QDir::Name);
}

/// Of a file, or of all files in a folder.
qint64 sizeOf(const std::string& path) {
  const QFileInfo info(QString::fromStdString(path));
  if (!info.isDir()) return info.size();
  qint64 sum = 0;
  for (QDirIterator at(info.filePath(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); at.hasNext();) {
    at.next();
    sum += at.fileInfo().size();
  }
  return sum;
}

QByteArray bytesOf(Sink& sink, const std::string& path) {
  if (!path.empty()) return contentOf(path);
  const BlockView view = sink.memory();
  const auto bytes = static_cast<qsizetype>(view.count()) * static_cast<qsizetype>(pixelTypeBytes(view.type));
  return {reinterpret_cast<const char*>(view.data), bytes};
}

/// Hands the chunks to `sink` from several threads; the first error's text.
QString deliver(Sink& sink, const BlockView& pixels, const Delivery& delivery) {
  const std::vector<Region> chunks = chunksOf(pixels.shape, delivery.chunk);
  std::vector<std::size_t> order(chunks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (delivery.shuffled) std::shuffle(order.begin(), order.end(), std::mt19937(7));
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  QString problem;
  std::vector<std::thread> threads;
  for (int t = 0; t < delivery.threads; ++t) {
    threads.emplace_back([&] {
      for (std::size_t k = next++; k < order.size(); k = next++) {
        const Region& region = chunks[order[k]];
        std::vector<std::int64_t> offset;
        for (const IndexSet& set : region) offset.push_back(set.first());
        auto written = sink.write(static_cast<std::int64_t>(order[k]), region, pixels.sub(offset, regionShape(region)));
        const std::lock_guard lock(mutex);
        if (!written && problem.isEmpty()) problem = QString::fromStdString(written.error().text());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return problem;
}

std::vector<Delivery> deliveries(const ArraySpec& spec, const SinkPlan& plan) {
  std::vector<std::int64_t> units = plan.unit, odd, lines = spec.shape();
  for (std::size_t d = 0; d < units.size(); ++d) {
    units[d] = std::min(spec.dims[d].size, plan.unit[d] * 2);
    odd.push_back(std::min<std::int64_t>(spec.dims[d].size, 2 * static_cast<std::int64_t>(d) + 61));
  }
  lines[0] = 1;
  for (const int whole : plan.wholeDims) {
    const auto d = static_cast<std::size_t>(whole);
    if (plan.unit[d] != spec.dims[d].size) return {};
    odd[d] = lines[d] = spec.dims[d].size;
    if (d == 0 && spec.dims.size() > 2) lines[spec.dims.size() - 2] = 3;
  }
  return {{spec.shape(), false, 1}, {units, false, 1}, {units, true, 4}, {odd, true, 4}, {lines, true, 3}};
}

QString checkDiscard(SinkProvider& provider, const SinkRequest& request, const BlockView& pixels) {
  const QStringList before = request.path.empty() ? QStringList() : entries(request.path);
  {
    auto sink = provider.open(request, BufferPool());
    if (!sink) return QString::fromStdString(sink.error().text());
    const QString problem = deliver(**sink, pixels, {request.spec.shape(), true, 2});
    if (!problem.isEmpty()) return problem;
    if (!request.path.empty() && QFile::exists(QString::fromStdString(request.path))) return "the final path exists before publishing";
  }
  if (!request.path.empty() && entries(request.path) != before)
    return "files are left after discarding: " + entries(request.path).join(", ");
  return {};
}

QString checkIncomplete(SinkProvider& provider, const SinkRequest& request) {
  const QStringList before = request.path.empty() ? QStringList() : entries(request.path);
  {
    auto sink = provider.open(request, BufferPool());
    if (!sink) return QString::fromStdString(sink.error().text());
    if ((*sink)->publish({})) return "an output without its chunks was published";
  }
  if (!request.path.empty() && entries(request.path) != before) return "files are left after a refused publish";
  return {};
}

}  // namespace

Block closedFormPixels(const ArraySpec& spec) {
  BufferPool pool;
  Block block = makeBlock(pool, spec.type, spec.shape());
  dispatchPixelType(spec.type, [&](auto sample) {
    using T = decltype(sample);
    T* p = block.view.as<T>();
    for (std::int64_t i = 0; i < spec.count(); ++i) {
      p[i] = closedForm<T>(i);
      if constexpr (!std::is_same_v<T, std::complex<float>> && !std::is_same_v<T, std::complex<double>>) {
        if (spec.nodata && i % 29 < 3) p[i] = static_cast<T>(*spec.nodata);
      }
    }
  });
  return block;
}

std::vector<Region> chunksOf(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& chunk) {
  std::vector<Region> chunks;
  std::vector<std::int64_t> at(shape.size(), 0);
  while (true) {
    Region region;
    for (std::size_t d = 0; d < shape.size(); ++d) region.push_back(IndexSet::range(at[d], std::min(chunk[d], shape[d] - at[d])));
    chunks.push_back(std::move(region));
    std::size_t d = shape.size();
    while (d-- > 0) {
      at[d] += chunk[d];
      if (at[d] < shape[d]) break;
      at[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) return chunks;
  }
}

QString writeArray(SinkProvider& provider, const SinkRequest& request, const BlockView& pixels, const Delivery& delivery) {
  auto sink = provider.open(request, BufferPool());
  if (!sink) return QString::fromStdString(sink.error().text());
  const QString problem = deliver(**sink, pixels, delivery);
  if (!problem.isEmpty()) return problem;
  if (auto published = (*sink)->publish({}); !published) return QString::fromStdString(published.error().text());
  return {};
}

std::vector<std::byte> asRaster(const ArraySpec& spec, const BlockView& pixels) {
  std::vector<int> order;
  const int count = static_cast<int>(spec.dims.size());
  const int y = spec.isSpatial() ? spec.yDim : count - 2, x = spec.isSpatial() ? spec.xDim : count - 1;
  for (int d = 0; d < count; ++d)
    if (d != y && d != x) order.push_back(d);
  if (y >= 0) order.push_back(y);
  order.push_back(x);
  const BlockView turned = pixels.permuted(order);
  std::vector<std::byte> bytes(static_cast<std::size_t>(pixels.count()) * pixelTypeBytes(pixels.type));
  copyBlock(turned, denseView(bytes.data(), pixels.type, turned.shape));
  return bytes;
}

QString checkSink(SinkProvider& provider, const SinkRequest& request) {
  auto plan = provider.plan(request);
  if (!plan) return QString::fromStdString(plan.error().text());
  if (plan->unit.size() != request.spec.dims.size()) return "the unit has not one number per dim";
  const Block pixels = closedFormPixels(request.spec);
  if (QString problem = checkIncomplete(provider, request); !problem.isEmpty()) return "incomplete: " + problem;
  if (QString problem = checkDiscard(provider, request, pixels.view); !problem.isEmpty()) return "discard: " + problem;

  QByteArray first;
  int number = 0;
  const std::vector<Delivery> all = deliveries(request.spec, *plan);
  if (all.empty()) return "the unit lets chunks be cut where they must not be";
  for (const Delivery& delivery : all) {
    const QString where = QString("delivery %1: ").arg(++number);
    SinkRequest again = request;
    again.overwrite = number > 1;
    BufferPool pool;
    auto sink = provider.open(again, pool);
    if (!sink) return where + QString::fromStdString(sink.error().text());
    if (QString problem = deliver(**sink, pixels.view, delivery); !problem.isEmpty()) return where + problem;
    const double allowed = plan->fixedMemoryBytes + delivery.threads * plan->chunkScratchBytes;
    if (static_cast<double>(pool.peakBytes()) > allowed + 2097152)
      return where + QString("took %1 bytes from the pool, planned %2").arg(pool.peakBytes()).arg(allowed);
    if (auto published = (*sink)->publish({}); !published) return where + QString::fromStdString(published.error().text());
    const QByteArray bytes = bytesOf(**sink, request.path);
    if (first.isEmpty()) first = bytes;
    if (bytes != first) return where + "the bytes differ from those of the first delivery";
    if (!request.path.empty() && static_cast<double>(sizeOf(request.path)) > plan->bytesToWrite)
      return where + "the file is larger than planned";
    if (!request.path.empty() && (*sink)->bytesWritten() < sizeOf(request.path)) return where + "bytesWritten() is less than the file";
  }
  if (request.path.empty()) return {};

  if (const QStringList left = entries(request.path).filter(QRegularExpression("part-|aux[.]xml")); !left.isEmpty())
    return "left behind: " + left.join(", ");
  // GDAL 3.6 gives each slice of a Zarr array as a raster of its own; other readers are asked in the tests of peers.
  if (plan->format == "Zarr") return {};
  const std::string driver = plan->format == "COG" ? "GTiff" : plan->format;
  const ReadRaster back = readRaster(request.path, driver);
  if (!back.problem.empty()) return "GDAL reads: " + QString::fromStdString(back.problem);
  const std::vector<std::byte> wanted = asRaster(request.spec, pixels.view);
  if (back.pixels.size() != wanted.size())
    return QString("GDAL reads %1 bytes of pixels (%2), not %3")
        .arg(back.pixels.size())
        .arg(QString::fromStdString(back.type))
        .arg(wanted.size());
  const auto differing = std::mismatch(wanted.begin(), wanted.end(), back.pixels.begin());
  if (differing.first != wanted.end()) {
    const auto element = (differing.first - wanted.begin()) / static_cast<std::ptrdiff_t>(pixelTypeBytes(request.spec.type));
    return QString("element %1 of [band, row, col] = [%2, %3, %4] reads back differently")
        .arg(element)
        .arg(back.bands)
        .arg(back.rows)
        .arg(back.cols);
  }
  return {};
}

}  // namespace cubeloom::test
