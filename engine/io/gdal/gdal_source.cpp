// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_source.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/array/selected_runs.h"
#include "engine/array/strided_copy.h"
#include "engine/array/touched_lines.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/reader_process.h"
#include "engine/io/gdal/gdal_module.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kScratchBytes = std::int64_t{4} << 20;

/// First and one past the last of something.
struct Span {
  std::int64_t begin = 0, end = 0;
  std::int64_t count() const { return end - begin; }
};

/// The blocks of `block` indices each, cut to `size`, that hold an index of `set`, increasing.
std::vector<Span> touchedBlocks(const IndexSet& set, std::int64_t block, std::int64_t size) {
  std::vector<Span> blocks;
  for (const auto& [first, count] : touchedLineExtents(set, block, size))
    for (std::int64_t begin = first; begin < first + count; begin += block) blocks.push_back({begin, std::min(begin + block, size)});
  return blocks;
}

std::vector<SelectedRun> runsWithin(const std::vector<SelectedRun>& runs, const Span& span) {
  std::vector<SelectedRun> parts;
  for (const SelectedRun& run : runs) {
    if (run.source >= span.end) break;
    if (const SelectedRun part = clippedRun(run, span.begin, span.end); part.count > 0) parts.push_back(part);
  }
  return parts;
}

Span cover(const std::vector<SelectedRun>& runs) {
  Span all{runs.front().source, runs.front().lastSource() + 1};
  for (const SelectedRun& run : runs) all.end = std::max(all.end, run.lastSource() + 1);
  return all;
}

/// Neighbours in the file that go forward in memory: what RasterIO can place itself.
bool isOneStretch(const std::vector<SelectedRun>& runs) {
  return runs.size() == 1 && (runs[0].count == 1 || (runs[0].sourceStep == 1 && runs[0].targetStep > 0));
}

/// GDAL's spacing of a run; 0, its default, where there is nothing to space.
std::int64_t spacing(const SelectedRun& run) { return run.count > 1 ? run.targetStep : 0; }

std::int64_t distinctCount(const IndexSet& set) {
  std::int64_t count = 0;
  for (const auto& extent : touchedLineExtents(set, 1, set.max() + 1)) count += extent.second;
  return count;
}

/// The fill as a pixel; complex ones have no imaginary part.
template <class T>
T filling(double fill) {
  if constexpr (std::is_arithmetic_v<T>) {
    return convertPixel<T>(fill);
  } else {
    return T(static_cast<typename T::value_type>(fill));
  }
}

/// One read() at work: its handle, region, destination and scratch.
struct Reading {
  const GdalService& gdal;
  const GdalFile& file;
  PixelType type;
  Buffer scratch, maskScratch;
  BufferPool pool;
  std::vector<GdalWindow> waiting = {};  ///< are read together: each request may go to another process
  std::int64_t waitingBytes = 0;

  std::int64_t pixelBytes() const { return static_cast<std::int64_t>(pixelTypeBytes(type)); }

  GdalWindow window(int band, const Span& rows, const Span& cols, std::byte* to, std::int64_t rowStep, std::int64_t colStep) const {
    return {band, false, rows.begin, cols.begin, rows.count(), cols.count(), type, to, rowStep, colStep};
  }

  Result<void> decode(const GdalWindow& part) const {
    const auto done = gdal.read(file, {part});
    if (done) return {};
    if (GivesUpAsking::hasGivenUp()) return failAt(ErrorCode::Canceled, file.path, "reading was canceled");
    return gdalFailure(ErrorCode::ReadFailed, file.path,
                       "reading band " + std::to_string(part.band) + ", lines " + std::to_string(part.row) + " to " +
                           std::to_string(part.row + part.rows - 1) + " of " + file.path + " failed",
                       done.error());
  }

  Result<void> decodeLater(const GdalWindow& part) {
    waiting.push_back(part);
    waitingBytes += part.rows * part.cols * pixelBytes();
    return waitingBytes < kScratchBytes ? Result<void>() : decodeWaiting();
  }

  Result<void> decodeWaiting() {
    if (waiting.empty()) return {};
    const std::vector<GdalWindow> parts = std::exchange(waiting, {});
    waitingBytes = 0;
    if (gdal.read(file, parts)) return {};
    if (GivesUpAsking::hasGivenUp()) return failAt(ErrorCode::Canceled, file.path, "reading was canceled");
    // Which one it was.
    for (const GdalWindow& part : parts) CUBELOOM_TRY(decode(part));
    return {};
  }

  /// The pixels of one band within one block, by runs of rows and columns.
  Result<void> readBlock(int band, const std::vector<SelectedRun>& rows, const std::vector<SelectedRun>& cols, std::byte* to) {
    const Span rowCover = cover(rows), colCover = cover(cols);
    if (isOneStretch(rows) && isOneStretch(cols))
      return decodeLater(window(band, rowCover, colCover, to + rows[0].target + cols[0].target, spacing(rows[0]), spacing(cols[0])));
    const std::int64_t rowBytes = colCover.count() * pixelBytes();
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, kScratchBytes / rowBytes);
    const auto need = static_cast<std::size_t>(std::min(rowsAtOnce, rowCover.count()) * rowBytes);
    if (scratch.size() < need) scratch = pool.take(need);
    const StridedCopy copy{pixelTypeBytes(type), 0};
    for (Span part{rowCover.begin, 0}; part.begin < rowCover.end; part.begin = part.end) {
      part.end = std::min(part.begin + rowsAtOnce, rowCover.end);
      const std::vector<SelectedRun> held = runsWithin(rows, part);
      if (held.empty()) continue;
      CUBELOOM_TRY(decode(window(band, part, colCover, scratch.data(), rowBytes, pixelBytes())));
      for (const SelectedRun& r : held)
        for (const SelectedRun& c : cols)
          copy.plane(scratch.data() + (r.source - part.begin) * rowBytes + (c.source - colCover.begin) * pixelBytes(),
                     r.sourceStep * rowBytes, c.sourceStep * pixelBytes(), to + r.target + c.target, r.targetStep, c.targetStep, r.count,
                     c.count);
    }
    return {};
  }

  /// Puts `fill` where the mask of `band` is 0, into the pixels of all `planes` (bytes from `to`) within one block.
  Result<void> fillMasked(int band, const std::vector<SelectedRun>& rows, const std::vector<SelectedRun>& cols, std::byte* to,
                          const std::vector<std::int64_t>& planes, double fill) {
    const Span rowCover = cover(rows), colCover = cover(cols);
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, kScratchBytes / colCover.count());
    const auto need = static_cast<std::size_t>(std::min(rowsAtOnce, rowCover.count()) * colCover.count());
    if (maskScratch.size() < need) maskScratch = pool.take(need);
    return dispatchPixelType(type, [&]<class T>(T) -> Result<void> {
      const T value = filling<T>(fill);
      for (Span part{rowCover.begin, 0}; part.begin < rowCover.end; part.begin = part.end) {
        part.end = std::min(part.begin + rowsAtOnce, rowCover.end);
        const std::vector<SelectedRun> held = runsWithin(rows, part);
        if (held.empty()) continue;
        const GdalWindow mask{band, true, part.begin, colCover.begin, part.count(), colCover.count(), PixelType::UInt8, maskScratch.data(),
                              0,    0};
        if (const auto done = gdal.read(file, {mask}); !done)
          return gdalFailure(ErrorCode::ReadFailed, file.path, "reading the mask of " + file.path + " failed", done.error());
        for (const SelectedRun& r : held)
          for (const SelectedRun& c : cols)
            for (std::int64_t i = 0; i < r.count; ++i) {
              const std::byte* valid = maskScratch.data() + (r.source + i * r.sourceStep - part.begin) * colCover.count() - colCover.begin;
              std::byte* line = to + r.target + i * r.targetStep + c.target;
              for (std::int64_t k = 0; k < c.count; ++k)
                if (valid[c.source + k * c.sourceStep] == std::byte{0})
                  for (const std::int64_t plane : planes) std::memcpy(line + k * c.targetStep + plane, &value, sizeof(T));
            }
      }
      return {};
    });
  }
};

/// Which bands of a read are masked by one mask: the band that has it, and where their pixels go.
std::vector<std::pair<int, std::vector<std::int64_t>>> maskedPlanes(const GdalMask& mask, const IndexSet& bands, std::int64_t stride) {
  std::vector<std::pair<int, std::vector<std::int64_t>>> planes;
  if (!mask.isApplied) return planes;
  for (std::int64_t k = 0; k < bands.count(); ++k) {
    if (!mask.bands[static_cast<std::size_t>(bands.at(k))]) continue;
    if (planes.empty() || !mask.isShared) planes.push_back({static_cast<int>(bands.at(k)) + 1, {}});
    planes.back().second.push_back(k * stride);
  }
  return planes;
}

}  // namespace

GdalSource::GdalSource(std::shared_ptr<GdalHandles> handles, ArraySpec spec, GdalStorage storage, GdalMask mask,
                       std::vector<std::string> files)
    : m_handles(std::move(handles)), m_spec(std::move(spec)), m_storage(storage), m_mask(std::move(mask)), m_files(std::move(files)) {}

Result<void> GdalSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  if (regionCount(region) == 0) return {};
  const GivesUpAsking givesUp(context.cancel);
  auto loan = m_handles->borrow();
  if (!loan) {
    loan.error().code = ErrorCode::ReadFailed;
    return fail(std::move(loan.error()));
  }
  Reading reading{m_handles->gdal(), loan->file(), m_spec.type, {}, {}, context.pool, {}, 0};
  const IndexSet& bands = region[0];
  const std::vector<SelectedRun> rows = selectedRuns(region[1], 1, to.strides[1]);
  const std::vector<SelectedRun> cols = selectedRuns(region[2], 1, to.strides[2]);
  const std::vector<Span> colBlocks = touchedBlocks(region[2], m_storage.blockCols, m_spec.dims[2].size);
  const auto masked = maskedPlanes(m_mask, bands, to.strides[0]);
  // Bands innermost: where one block holds them all, it is decoded once and the others come from GDAL's cache.
  for (const Span& rowBlock : touchedBlocks(region[1], m_storage.blockRows, m_spec.dims[1].size)) {
    const std::vector<SelectedRun> blockRows = runsWithin(rows, rowBlock);
    for (const Span& colBlock : colBlocks) {
      const std::vector<SelectedRun> blockCols = runsWithin(cols, colBlock);
      for (std::int64_t k = 0; k < bands.count(); ++k) {
        if (context.cancel.isCanceled()) return failAt(ErrorCode::Canceled, m_handles->path(), "reading was canceled");
        if (auto done = reading.readBlock(static_cast<int>(bands.at(k)) + 1, blockRows, blockCols, to.data + k * to.strides[0]); !done) {
          loan->spoil();
          return done;
        }
      }
      if (masked.empty()) continue;
      if (auto done = reading.decodeWaiting(); !done) {
        loan->spoil();
        return done;
      }
      for (const auto& [band, planes] : masked) CUBELOOM_TRY(reading.fillMasked(band, blockRows, blockCols, to.data, planes, m_mask.fill));
    }
  }
  if (auto done = reading.decodeWaiting(); !done) {
    loan->spoil();
    return done;
  }
  context.bytesRead += static_cast<std::int64_t>(cost(region).bytes);
  return {};
}

ReadCost GdalSource::cost(const Region& region) const {
  ReadCost cost;
  if (regionCount(region) == 0) return cost;
  const auto blockCount = [](const IndexSet& set, std::int64_t block, std::int64_t size) {
    std::int64_t count = 0;
    for (const auto& extent : touchedLineExtents(set, block, size)) count += (extent.second + block - 1) / block;
    return static_cast<double>(count);
  };
  cost.extents = blockCount(region[1], m_storage.blockRows, m_spec.dims[1].size) *
                 blockCount(region[2], m_storage.blockCols, m_spec.dims[2].size) *
                 (m_storage.bandsTogether ? 1.0 : static_cast<double>(distinctCount(region[0])));
  cost.bytes = cost.extents * m_storage.blockBytes;
  const auto rowBytes = static_cast<std::int64_t>(pixelTypeBytes(m_spec.type)) * m_storage.blockCols;
  cost.scratchBytes = static_cast<double>(std::max(rowBytes, std::min(kScratchBytes, rowBytes * m_storage.blockRows)));
  if (m_mask.isApplied)
    cost.scratchBytes +=
        static_cast<double>(std::max(m_storage.blockCols, std::min(kScratchBytes, m_storage.blockCols * m_storage.blockRows)));
  return cost;
}

double GdalSource::sharedCacheBytes() const { return std::min(m_spec.bytes(), static_cast<double>(kGdalCacheBytes)); }

std::vector<std::int64_t> GdalSource::decodedBlock() const {
  const std::int64_t bands = m_spec.dims[0].size;
  return {m_storage.bandsTogether ? bands : 1, m_storage.blockRows, m_storage.blockCols};
}

std::vector<std::pair<std::int64_t, std::int64_t>> GdalSource::touchedLines(const Region& region) const {
  if (regionCount(region) == 0) return {};
  return touchedLineExtents(region[1], m_storage.blockRows, m_spec.dims[1].size);
}

}  // namespace cubeloom
