// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/raw_source.h"

#include <algorithm>

#include "engine/io/io_error.h"
#include "engine/io/raw_selection.h"
#include "engine/io/strided_copy.h"
#include "engine/io/touched_lines.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kScratchBytes = std::int64_t{256} << 10;
/// Between looks at the cancel flag while whole stretches go straight to their place.
constexpr std::int64_t kDirectBytes = std::int64_t{8} << 20;

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

  if (const auto stretch = selection.directStretch()) {
    selection.forEachDirect([&](std::int64_t first, std::int64_t targetByte) {
      const std::int64_t end = first + *stretch;
      std::byte* place = to.data + targetByte;
      for (std::int64_t at = first; at < end; at += kDirectBytes / m_elementBytes) {
        const std::int64_t count = std::min(end - at, kDirectBytes / m_elementBytes);
        if (!fetch(place, at, count, end)) return false;
        if (m_swapped) swapInPlace(place, count * m_elementBytes, m_unitBytes);
        place += count * m_elementBytes;
      }
      return true;
    });
    return outcome;
  }

  const Buffer scratch = context.pool.take(static_cast<std::size_t>(kScratchBytes));
  selection.forEachExtent([&](std::int64_t first, std::int64_t count) {
    const std::int64_t end = first + count;
    const std::int64_t step = kScratchBytes / m_elementBytes;
    for (std::int64_t at = first; at < end; at += step) {
      const std::int64_t held = std::min(step, end - at);
      if (!fetch(scratch.data(), at, held, end)) return false;
      selection.gather(scratch.data(), at, held, to.data, m_swapped, m_unitBytes);
    }
    return true;
  });
  return outcome;
}

ReadCost RawSource::cost(const Region& region) const {
  ReadCost cost;
  const std::vector<std::int64_t> strides = denseStrides(regionShape(region), pixelTypeBytes(m_spec.type));
  const auto total = RawSelection(m_shape, region, pixelTypeBytes(m_spec.type), strides).total();
  cost.bytes = static_cast<double>(total.elements * m_elementBytes);
  cost.extents = static_cast<double>(total.extents);
  cost.scratchBytes = cost.extents > 0 ? static_cast<double>(kScratchBytes) : 0;
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
