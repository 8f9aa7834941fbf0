// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/raw_source.h"

#include <algorithm>
#include <cstring>

#include "engine/array/strided_copy.h"
#include "engine/array/touched_lines.h"
#include "engine/io/file/io_error.h"
#include "engine/io/source/raw_selection.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kScratchBytes = std::int64_t{256} << 10;
/// Between looks at the cancel flag while whole stretches go straight to their place.
constexpr std::int64_t kDirectBytes = std::int64_t{8} << 20;
/// Extents that are asked for together: disks and networks answer many requests in the time of one.
constexpr std::size_t kTogether = 64;
/// Longer ones keep the disk busy by themselves.
constexpr std::int64_t kMostFetched = std::int64_t{64} << 10;

struct Extent {
  std::int64_t first, count;
};

}  // namespace

RawSource::RawSource(std::shared_ptr<RawFile> file, ArraySpec spec, std::int64_t offsetBytes, bool swapped,
                     std::vector<std::string> otherFiles)
    : m_file(std::move(file)),
      m_spec(std::move(spec)),
      m_shape(m_spec.shape()),
      m_offsetBytes(offsetBytes),
      m_elementBytes(static_cast<std::int64_t>(pixelTypeBytes(m_spec.type))),
      m_unitBytes(pixelTypeBytes(m_spec.type) / (isComplex(m_spec.type) ? 2 : 1)),
      m_swapped(swapped),
      m_otherFiles(std::move(otherFiles)) {}

Result<void> RawSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  const RawSelection selection(m_shape, region, pixelTypeBytes(m_spec.type), to.strides);
  if (selection.isEmpty()) return {};
  Result<void> outcome;
  /// Reads elements [first, first + count) and says whether to go on.
  const auto fetch = [&](std::byte* place, std::int64_t first, std::int64_t count, std::int64_t expectedEnd) {
    if (context.cancel.isCanceled()) {
      outcome = failAt(ErrorCode::Canceled, m_file->path(), "reading was canceled");
      return false;
    }
    const std::int64_t bytes = count * m_elementBytes;
    outcome = m_file->read(place, bytes, m_offsetBytes + first * m_elementBytes, m_offsetBytes + expectedEnd * m_elementBytes);
    if (outcome) context.bytesRead += bytes;
    return outcome.has_value();
  };

  Buffer window;
  /// Elements of [first, end) from `at` on, read past the cache where that is possible and pays; how many, and where they lie.
  const auto fetchPastCache = [&](std::int64_t first, std::int64_t at, std::int64_t end) -> std::pair<std::int64_t, const std::byte*> {
    if (!context.isOnlyRead || (end - first) * m_elementBytes < RawFile::kLeastPastCache || context.cancel.isCanceled()) return {};
    if (!window) window = context.pool.take(static_cast<std::size_t>(RawFile::kWindowBytes));
    const auto held = m_file->readPastCache(window.data(), m_offsetBytes + at * m_elementBytes, m_offsetBytes + end * m_elementBytes);
    if (!held) return {};
    const std::int64_t count = held->bytes / m_elementBytes;
    context.bytesRead += count * m_elementBytes;
    return {count, held->data};
  };

  if (const auto stretch = selection.directStretch()) {
    selection.forEachDirect([&](std::int64_t first, std::int64_t targetByte) {
      const std::int64_t end = first + *stretch;
      std::byte* place = to.data + targetByte;
      for (std::int64_t at = first, count = 0; at < end; at += count) {
        const auto [held, values] = fetchPastCache(first, at, end);
        count = held > 0 ? held : std::min(end - at, kDirectBytes / m_elementBytes);
        if (held > 0)
          std::memcpy(place, values, static_cast<std::size_t>(count * m_elementBytes));
        else if (!fetch(place, at, count, end))
          return false;
        if (m_swapped) swapInPlace(place, count * m_elementBytes, m_unitBytes);
        place += count * m_elementBytes;
      }
      return true;
    });
    return outcome;
  }

  const Buffer scratch = context.pool.take(static_cast<std::size_t>(kScratchBytes));
  const auto readExtent = [&](const Extent& extent) {
    const std::int64_t end = extent.first + extent.count;
    const std::int64_t step = kScratchBytes / m_elementBytes;
    for (std::int64_t at = extent.first, count = 0; at < end; at += count) {
      const auto [held, values] = fetchPastCache(extent.first, at, end);
      count = held > 0 ? held : std::min(step, end - at);
      if (held == 0 && !fetch(scratch.data(), at, count, end)) return false;
      selection.gather(held > 0 ? values : scratch.data(), at, count, to.data, m_swapped, m_unitBytes);
    }
    return true;
  };
  std::vector<Extent> extents;
  const auto readTogether = [&] {
    if (extents.size() > 1 && !m_file->isAtHand(m_offsetBytes + extents[0].first * m_elementBytes))
      for (const Extent& extent : extents)
        if (extent.count * m_elementBytes <= kMostFetched)
          m_file->fetch(m_offsetBytes + extent.first * m_elementBytes, extent.count * m_elementBytes);
    const bool goesOn = std::all_of(extents.begin(), extents.end(), readExtent);
    extents.clear();
    return goesOn;
  };
  selection.forEachExtent([&](std::int64_t first, std::int64_t count) {
    extents.push_back({first, count});
    return extents.size() < kTogether || readTogether();
  });
  if (outcome) readTogether();
  return outcome;
}

ReadCost RawSource::cost(const Region& region) const {
  ReadCost cost;
  const std::vector<std::int64_t> strides = denseStrides(regionShape(region), pixelTypeBytes(m_spec.type));
  const auto total = RawSelection(m_shape, region, pixelTypeBytes(m_spec.type), strides).total();
  cost.bytes = static_cast<double>(total.elements * m_elementBytes);
  cost.extents = static_cast<double>(total.extents);
  if (cost.extents > 0) cost.scratchBytes = static_cast<double>(kScratchBytes);
  if (cost.bytes >= static_cast<double>(RawFile::kLeastPastCache)) cost.scratchBytes += static_cast<double>(RawFile::kWindowBytes);
  return cost;
}

std::vector<std::pair<std::int64_t, std::int64_t>> RawSource::touchedLines(const Region& region) const {
  if (m_spec.yDim < 0 || regionCount(region) == 0) return {};
  const auto y = static_cast<std::size_t>(m_spec.yDim);
  return touchedLineExtents(region[y], 1, m_shape[y]);
}

std::vector<std::string> RawSource::files() const {
  std::vector<std::string> all{m_file->path()};
  all.insert(all.end(), m_otherFiles.begin(), m_otherFiles.end());
  return all;
}

}  // namespace cubeloom
