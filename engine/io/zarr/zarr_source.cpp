// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_source.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/array/touched_lines.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/source/raw_selection.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kScratchBytes = std::int64_t{256} << 10;
/// Between looks at the cancel flag while whole stretches go straight to their place.
constexpr std::int64_t kDirectBytes = std::int64_t{8} << 20;
constexpr double kMostCounted = 2e6;
constexpr std::int64_t kMostSizesKept = 4'000'000;
constexpr std::int64_t kUnknown = -2;

/// The pool rounds up: small buffers to pages, large ones to 2 MiB.
double pooled(double bytes) { return bytes + (bytes >= 2097152 ? 2097152 : 4096); }

/// Sets every selected place from `to` on to `element`.
void fillRuns(const std::vector<std::vector<SelectedRun>>& runs, std::size_t d, std::byte* to, const std::vector<std::byte>& element) {
  for (const SelectedRun& run : runs[d]) {
    if (d + 1 == runs.size()) {
      StridedCopy{element.size(), 0}.plane(element.data(), 0, 0, to + run.target, 0, run.targetStep, 1, run.count);
      continue;
    }
    for (std::int64_t k = 0; k < run.count; ++k) fillRuns(runs, d + 1, to + run.target + k * run.targetStep, element);
  }
}

}  // namespace

/// One read() at work.
struct ZarrSource::Reading {
  std::byte* to;
  ReadContext& context;
  Buffer raw, values;  ///< a decoded chunk or a piece of a plain one; its unpacked values

  Buffer& grown(Buffer& buffer, std::int64_t bytes) const {
    if (static_cast<std::int64_t>(buffer.size()) < bytes) {
      buffer = Buffer();
      buffer = context.pool.take(static_cast<std::size_t>(bytes));
    }
    return buffer;
  }
};

ZarrSource::ZarrSource(std::shared_ptr<const ZarrStore> store, ZarrArray array, ArraySpec spec, ValueDecoder decoder)
    : m_store(store),
      m_array(std::move(array)),
      m_chunks(std::move(store), m_array),
      m_spec(std::move(spec)),
      m_decoder(std::move(decoder)),
      m_grid(m_array.grid()),
      m_chunkOrder(m_array.inOrder(m_array.chunks)),
      m_fill(valueBytes()) {
  if (m_array.fill.empty()) {
    if (m_spec.nodata) fillBlock({m_fill.data(), m_spec.type, {}, {}}, *m_spec.nodata);
  } else if (m_decoder.changesValues()) {
    ValueDecoder plain = m_decoder;
    plain.swapped = false;
    plain.decode(m_array.fill.data(), 1, m_fill.data());
  } else {
    m_fill = m_array.fill;
  }
  for (const std::int64_t n : m_grid) m_chunkCount *= static_cast<double>(n);
}

std::atomic<std::int64_t>* ZarrSource::sizes() const {
  if (m_chunkCount > static_cast<double>(kMostSizesKept)) return nullptr;
  std::call_once(m_sizesMade, [this] {
    const auto count = static_cast<std::size_t>(m_chunkCount);
    m_sizes = std::make_unique<std::atomic<std::int64_t>[]>(count);
    for (std::size_t i = 0; i < count; ++i) m_sizes[i] = kUnknown;
  });
  return m_sizes.get();
}

std::vector<std::string> ZarrSource::files() const {
  std::call_once(m_filesListed, [this] { m_files = m_store->files(m_array.folder); });
  return m_files;
}

double ZarrSource::touchedCount(const Region& region) const {
  double count = 1;
  for (std::size_t d = 0; d < region.size(); ++d) {
    const IndexSet& set = region[d];
    const std::int64_t span = set.max() / m_array.chunks[d] - set.min() / m_array.chunks[d] + 1;
    count *= static_cast<double>(std::min(span, set.count()));
  }
  return count;
}

std::int64_t ZarrSource::sizeOf(const std::vector<std::int64_t>& chunk) const {
  std::atomic<std::int64_t>* all = sizes();
  if (all == nullptr) return m_chunks.size(chunk);
  std::int64_t number = 0;
  for (std::size_t d = 0; d < chunk.size(); ++d) number = number * m_grid[d] + chunk[d];
  std::atomic<std::int64_t>& known = all[number];
  if (known == kUnknown) known = m_chunks.size(chunk);
  return known;
}

double ZarrSource::scratchBytes(double encodedBytes) const {
  const double raw = isPlain() ? static_cast<double>(kScratchBytes) : static_cast<double>(m_array.chunkBytes());
  const double values = m_decoder.changesValues() ? raw / static_cast<double>(m_array.elementBytes) * static_cast<double>(valueBytes()) : 0;
  const ZarrDecodeNeed need = zarrDecodeNeed(m_array.steps, m_array.chunkBytes());
  double between = static_cast<double>(need.decoderBytes);
  for (const std::size_t bytes : need.buffers) between += pooled(static_cast<double>(bytes));
  return pooled(raw) + between + (isPlain() ? 0 : pooled(encodedBytes)) + (m_decoder.changesValues() ? pooled(values) : 0);
}

ReadCost ZarrSource::cost(const Region& region) const {
  ReadCost cost;
  if (regionCount(region) == 0) return cost;
  const double count = touchedCount(region);
  const std::int64_t limit = isPlain() ? m_array.chunkBytes() : zarrEncodedLimit(m_array.steps, m_array.chunkBytes());
  if (count > kMostCounted) {
    cost.extents = count;
    cost.bytes = count * static_cast<double>(limit);
    cost.scratchBytes = scratchBytes(static_cast<double>(limit));
    return cost;
  }
  const auto axes = chunkParts(region, m_array.chunks, m_array.shape, denseStrides(regionShape(region), valueBytes()));
  std::map<std::vector<int>, std::pair<double, double>> ofPattern;  // bytes and extents of plain chunks
  std::vector<std::int64_t> chunk(axes.size());
  std::vector<int> pattern(axes.size());
  std::int64_t largest = 0;
  forEachChunk(axes, [&](const std::vector<const ChunkPart*>& place) {
    for (std::size_t d = 0; d < place.size(); ++d) chunk[d] = place[d]->chunk;
    const std::int64_t size = sizeOf(chunk);
    if (size < 0) return true;
    if (!isPlain()) {
      cost.bytes += static_cast<double>(size);
      cost.extents += 1;
      largest = std::max(largest, size);
      return true;
    }
    for (std::size_t d = 0; d < place.size(); ++d) pattern[d] = place[d]->pattern;
    auto [known, isNew] = ofPattern.try_emplace(pattern);
    if (isNew) {
      std::vector<std::vector<SelectedRun>> runs;
      runs.reserve(place.size());
      for (const ChunkPart* axis : place) runs.push_back(axis->runs);
      RawSelection(m_chunkOrder, m_array.inOrder(runs), valueBytes())
          .forEachExtent([&, entry = known](std::int64_t, std::int64_t elements) {
            entry->second.first += static_cast<double>(elements) * static_cast<double>(m_array.elementBytes);
            entry->second.second += 1;
            return true;
          });
    }
    cost.bytes += known->second.first;
    cost.extents += known->second.second;
    return true;
  });
  if (cost.extents > 0) cost.scratchBytes = scratchBytes(static_cast<double>(largest));
  return cost;
}

Result<void> ZarrSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  if (regionCount(region) == 0) return {};
  Reading reading{to.data, context, {}, {}};
  Result<void> outcome;
  forEachChunk(chunkParts(region, m_array.chunks, m_array.shape, to.strides), [&](const std::vector<const ChunkPart*>& place) {
    if (context.cancel.isCanceled()) {
      outcome = failAt(ErrorCode::Canceled, m_store->path(), "reading was canceled");
    } else {
      outcome = readChunk(reading, place);
    }
    return outcome.has_value();
  });
  return outcome;
}

Result<void> ZarrSource::readChunk(Reading& reading, const std::vector<const ChunkPart*>& place) const {
  std::vector<std::int64_t> chunk;
  std::vector<std::vector<SelectedRun>> runs;
  for (const ChunkPart* axis : place) {
    chunk.push_back(axis->chunk);
    runs.push_back(axis->runs);
  }
  const auto selection = [&] { return RawSelection(m_chunkOrder, m_array.inOrder(runs), valueBytes()); };
  bool found = false;
  if (isPlain()) {
    auto at = m_chunks.place(chunk);
    if (!at) return fail(std::move(at.error()));
    found = at->has_value();
    CUBELOOM_TRY(checkUnchanged(chunk, found ? (*at)->bytes : -1));
    if (found && (*at)->bytes != m_array.chunkBytes())
      return failAt(ErrorCode::ReadFailed, m_store->path(),
                    "chunk " + m_chunks.name(chunk) + " of " + m_store->path() + " has " + formatCount((*at)->bytes) + " bytes, not " +
                        formatCount(m_array.chunkBytes()),
                    "the file is cut off, or its metadata belong to another one");
    if (found) return readPlain(reading, **at, selection());
  } else {
    const std::int64_t before = reading.context.bytesRead;
    CUBELOOM_TRY(readEncoded(reading, chunk, selection(), found));
    CUBELOOM_TRY(checkUnchanged(chunk, found ? reading.context.bytesRead - before : -1));
  }
  if (!found) fillRuns(runs, 0, reading.to, m_fill);
  return {};
}

Result<void> ZarrSource::checkUnchanged(const std::vector<std::int64_t>& chunk, std::int64_t bytes) const {
  if (sizes() == nullptr) return {};
  const std::int64_t planned = sizeOf(chunk);
  if (planned == bytes) return {};
  const auto told = [](std::int64_t size) { return size < 0 ? std::string("missing") : formatCount(size) + " bytes"; };
  return failAt(ErrorCode::ReadFailed, m_store->path(),
                "chunk " + m_chunks.name(chunk) + " of " + m_store->path() + " changed while it was open: it was " + told(planned) +
                    " and is " + told(bytes),
                "open it again");
}

Result<void> ZarrSource::readEncoded(Reading& reading, const ZarrChunks::Place& chunk, const RawSelection& selection, bool& found) const {
  const std::int64_t bytes = m_array.chunkBytes(), elements = bytes / static_cast<std::int64_t>(m_array.elementBytes);
  Buffer& raw = reading.grown(reading.raw, bytes);
  auto read = m_chunks.read(chunk, raw.data(), reading.context.pool, reading.context.bytesRead);
  if (!read) return fail(std::move(read.error()));
  found = *read;
  if (!found) return {};
  if (!m_decoder.changesValues()) {
    const std::size_t unit = m_array.elementBytes / (isComplex(m_spec.type) ? 2 : 1);
    selection.gather(raw.data(), 0, elements, reading.to, m_array.swapped, unit);
    return {};
  }
  Buffer& values = reading.grown(reading.values, elements * static_cast<std::int64_t>(valueBytes()));
  m_decoder.decode(raw.data(), elements, values.data());
  selection.gather(values.data(), 0, elements, reading.to, false, valueBytes());
  return {};
}

Result<void> ZarrSource::readPlain(Reading& reading, const ZarrPlace& place, const RawSelection& selection) const {
  const auto elementBytes = static_cast<std::int64_t>(m_array.elementBytes);
  const std::size_t unit = m_array.elementBytes / (isComplex(m_spec.type) ? 2 : 1);
  ReadContext& context = reading.context;
  Result<void> outcome;
  /// Reads elements [first, first + count) and says whether to go on.
  const auto fetch = [&](std::byte* to, std::int64_t first, std::int64_t count, std::int64_t expectedEnd) {
    if (context.cancel.isCanceled()) {
      outcome = failAt(ErrorCode::Canceled, m_store->path(), "reading was canceled");
    } else {
      outcome = place.read(to, count * elementBytes, first * elementBytes, expectedEnd * elementBytes);
    }
    if (outcome) context.bytesRead += count * elementBytes;
    return outcome.has_value();
  };
  if (const auto stretch = selection.directStretch(); stretch && !m_decoder.changesValues()) {
    selection.forEachDirect([&](std::int64_t first, std::int64_t targetByte) {
      const std::int64_t end = first + *stretch, step = kDirectBytes / elementBytes;
      std::byte* to = reading.to + targetByte;
      for (std::int64_t at = first; at < end; at += step) {
        const std::int64_t count = std::min(end - at, step);
        if (!fetch(to, at, count, end)) return false;
        if (m_array.swapped) swapInPlace(to, count * elementBytes, unit);
        to += count * elementBytes;
      }
      return true;
    });
    return outcome;
  }
  Buffer& raw = reading.grown(reading.raw, kScratchBytes);
  const std::int64_t step = kScratchBytes / elementBytes;
  if (m_decoder.changesValues()) reading.grown(reading.values, step * static_cast<std::int64_t>(valueBytes()));
  selection.forEachExtent([&](std::int64_t first, std::int64_t count) {
    const std::int64_t end = first + count;
    for (std::int64_t at = first; at < end; at += step) {
      const std::int64_t held = std::min(step, end - at);
      if (!fetch(raw.data(), at, held, end)) return false;
      if (m_decoder.changesValues()) {
        m_decoder.decode(raw.data(), held, reading.values.data());
        selection.gather(reading.values.data(), at, held, reading.to, false, valueBytes());
      } else {
        selection.gather(raw.data(), at, held, reading.to, m_array.swapped, unit);
      }
    }
    return true;
  });
  return outcome;
}

std::vector<std::pair<std::int64_t, std::int64_t>> ZarrSource::touchedLines(const Region& region) const {
  if (m_spec.yDim < 0 || regionCount(region) == 0) return {};
  const auto y = static_cast<std::size_t>(m_spec.yDim);
  // Of plain chunks with whole lines inside, only the lines are read.
  return touchedLineExtents(region[y], isPlain() && m_array.isRowMajor() && y == 0 ? 1 : m_array.chunks[y], m_array.shape[y]);
}

}  // namespace cubeloom
