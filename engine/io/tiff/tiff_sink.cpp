// SPDX-License-Identifier: GPL-3.0-or-later
// GeoTIFF and COG. The file depends on the array alone: blocks are cut by the output grid, encoded by themselves, and laid down in
// canonical order, so any number of workers and any chunks give the same bytes.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/gdal/sink_template.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/sink/early_flush.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_metadata.h"
#include "engine/io/sink/sink_target.h"
#include "engine/io/tiff/tiff_blocks.h"
#include "engine/io/tiff/tiff_directory.h"
#include "engine/io/tiff/tiff_side_file.h"

namespace cubeloom {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;
constexpr std::size_t kMostFrameBytes = 4;
constexpr const char* kSideName = "names";
/// Of a directory in memory, per block: offset, size and both again as bytes of the head.
constexpr double kDirectoryBytesPerBlock = 40;

/// Room for blocks up to kCopyBytes, and one more.
std::size_t copyBufferBytes(const TiffLayout& layout) {
  return kCopyBytes + encodedBound(layout.compression, static_cast<std::size_t>(layout.mostBlockBytes())) + 2 * kMostFrameBytes;
}

class TiffSink : public Sink {
 public:
  TiffSink(const SinkRequest& request, TiffLayout layout, TiffIfd shared, BufferPool pool)
      : m_request(request),
        m_layout(std::move(layout)),
        m_shared(std::move(shared)),
        m_pool(std::move(pool)),
        m_arrived(request.spec.count()) {}

  /// Makes the temporary files, or finds those of an earlier run.
  Result<void> begin() {
    auto part = ResumablePart::open(m_request);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    if (m_part->isPublished()) return {};
    if (isCompressed()) {
      if (m_part->isResumed() && !m_part->hasFile("blocks")) CUBELOOM_TRY(m_part->startOver());
      auto blocks = TiffBlocks::compressed(m_layout, m_request.spec.nodata, m_pool, *m_part);
      if (!blocks) return fail(std::move(blocks.error()));
      m_blocks = std::move(*blocks);
      return {};
    }
    const TiffDirectory directory = tiffDirectory(m_layout, m_shared, rawBlockBytes(m_layout));
    CUBELOOM_TRY(createOutput());
    if (m_part->isResumed() && m_output.sizeBytes() != directory.fileBytes) {
      m_output.remove();
      CUBELOOM_TRY(m_part->startOver());
      CUBELOOM_TRY(createOutput());
    }
    if (!m_part->isResumed()) CUBELOOM_TRY(m_output.reserve(directory.fileBytes));
    m_blocks = std::make_unique<TiffBlocks>(m_layout, m_request.spec.nodata, m_pool, *m_part, m_output, directory.levelStart);
    return {};
  }

  std::vector<std::int64_t> done(const CancelToken& cancel) override {
    if (!m_part->isResumed()) return {};
    const ChunkGrid chunks(m_request.spec.shape(), m_request.identity.chunk);
    if (!m_part->isPublished()) m_blocks->restore(cancel);
    std::vector<std::int64_t> positions = m_part->isPublished() ? everyPosition(chunks) : m_blocks->doneChunks(m_request.spec, chunks);
    for (const std::int64_t position : positions) count(regionCount(chunks.region(position)));
    return positions;
  }

  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_request.spec, region, chunk));
    TiffBlocks::Notes notes;
    if (m_layout.bandsTogether()) {
      CUBELOOM_TRY(checkBandsWhole(region));
      CUBELOOM_TRY(m_blocks->accept(pieceOfAllBands(m_layout.raster, region, chunk), notes));
    } else {
      for (const BandPiece& piece : bandPieces(m_request.spec, m_layout.raster, region, chunk))
        CUBELOOM_TRY(m_blocks->accept(piece, notes));
    }
    CUBELOOM_TRY(m_blocks->commit(notes));
    if (!isCompressed()) m_earlyFlush.wrote(chunk.count() * static_cast<std::int64_t>(pixelTypeBytes(m_layout.type)));
    count(chunk.count());
    return m_part->recordChunk(position);
  }

  void stopJournal() override { m_part->stopJournal(); }

  Result<void> publish(const CancelToken& cancel) override {
    CUBELOOM_TRY(m_arrived.checkComplete(m_request.path));
    if (m_part->isPublished()) return publishSideFile();  // the earlier run may have ended between its two renames
    TiffDirectory directory;
    if (isCompressed()) {
      std::vector<std::uint32_t> sizes(static_cast<std::size_t>(m_layout.blocks()));
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        sizes[i] = static_cast<std::uint32_t>(m_blocks->encodedBytes(i));
        if (sizes[i] == 0)
          return fail(ErrorCode::Internal, "block " + std::to_string(i) + " of '" + m_request.path + "' was never finished");
      }
      directory = tiffDirectory(m_layout, m_shared, sizes);
      CUBELOOM_TRY(createOutput());
      CUBELOOM_TRY(m_output.reserve(directory.fileBytes));
      CUBELOOM_TRY(copyBlocks(directory, cancel));
    } else {
      const std::vector<std::uint32_t> sizes = rawBlockBytes(m_layout);
      directory = tiffDirectory(m_layout, m_shared, sizes);
      CUBELOOM_TRY(frameBlocks(directory, sizes, cancel));
    }
    CUBELOOM_TRY(m_output.write(0, directory.head.data(), directory.head.size()));
    CUBELOOM_TRY(m_output.finish(cancel));
    CUBELOOM_TRY(verifyRaster(m_output.path(), m_request.path, "GTiff",
                              {m_layout.raster.bands, m_layout.raster.rows, m_layout.raster.cols, m_layout.type}));
    const std::string side = tiffSideText(m_request.spec, m_layout.raster.bands);
    if (!side.empty()) CUBELOOM_TRY(writeSideFile(side));
    CUBELOOM_TRY(m_part->recordPublishing(m_output.path()));
    CUBELOOM_TRY(m_output.moveTo(m_request.path, m_request.overwrite));
    if (m_request.overwrite) removeStaleSidecars(m_request.path);
    if (auto moved = publishSideFile(); !moved) {
      ::unlink(m_request.path.c_str());
      return moved;
    }
    m_blocks->discard();
    m_finalBytes = directory.fileBytes;
    return {};
  }

  void discard() override {
    if (m_blocks) m_blocks->discard();
    m_output.remove();
    if (m_part) m_part->remove();
  }

  std::string keep() override {
    if (m_blocks) m_blocks->leave();
    // Of a compressed file it is but a copy of what lies in the other files.
    if (isCompressed()) m_output.remove();
    m_output.leave();
    return m_part ? m_part->keep() : std::string();
  }

  std::int64_t bytesWritten() const override {
    if (m_finalBytes > 0) return m_finalBytes;
    return isCompressed() && m_blocks ? m_blocks->spooledBytes() : m_rawBytes.load();
  }
  std::optional<std::uint32_t> writtenSum(std::int64_t segment, std::int64_t fileBytes) const override {
    return m_sums.of(segment, fileBytes);
  }

 private:
  bool isCompressed() const { return m_layout.compression != TiffCompression::None; }

  void count(std::int64_t elements) {
    m_arrived.add(elements);
    if (!isCompressed()) m_rawBytes += elements * static_cast<std::int64_t>(pixelTypeBytes(m_layout.type));
  }

  Result<void> checkBandsWhole(const Region& region) const {
    for (const int d : m_layout.raster.bandDims) {
      const Dim& dim = m_request.spec.dims[static_cast<std::size_t>(d)];
      if (region[static_cast<std::size_t>(d)].count() != dim.size)
        return fail(ErrorCode::Internal, "a chunk has not all of dim '" + dim.name + "', whose elements share the file's blocks");
    }
    return {};
  }

  Result<void> writeSideFile(const std::string& text) {
    auto file = m_part->file(kSideName);
    if (!file) return fail(std::move(file.error()));
    CUBELOOM_TRY(file->resize(0));
    CUBELOOM_TRY(file->write(0, reinterpret_cast<const std::byte*>(text.data()), text.size()));
    CUBELOOM_TRY(file->finish());
    file->leave();
    return {};
  }

  Result<void> publishSideFile() {
    if (!m_part->hasFile(kSideName)) return {};
    return PartFile::inside(m_part->pathOf(kSideName), m_request.path).moveTo(tiffSidePath(m_request.path), true);
  }

  Result<void> createOutput() {
    auto file = m_part->file("output");
    if (!file) return fail(std::move(file.error()));
    m_output = std::move(*file);
    m_output.sumUp(m_sums);
    return {};
  }

  /// From the spool, where blocks lie as they came, to the output.
  Result<void> copyBlocks(const TiffDirectory& directory, const CancelToken& cancel) {
    const Buffer buffer = m_pool.take(copyBufferBytes(m_layout));
    const auto frame = static_cast<std::size_t>(m_layout.frameBytes());
    std::size_t number = 0;
    for (std::size_t level = 0; level < m_layout.levels.size(); ++level) {
      const std::size_t end = number + blocksOf(level);
      std::int64_t at = directory.levelStart[level];
      std::size_t held = 0;
      for (; number < end; ++number) {
        CUBELOOM_TRY(checkNotCanceled(cancel, m_request.path));
        const auto bytes = static_cast<std::uint32_t>(m_blocks->encodedBytes(number));
        std::byte* block = buffer.data() + held + frame;
        CUBELOOM_TRY(m_blocks->readEncoded(number, block));
        std::memcpy(block - frame, &bytes, frame);
        std::memcpy(block + bytes, block + bytes - frame, frame);
        held += bytes + 2 * frame;
        if (held < kCopyBytes && number + 1 < end) continue;
        CUBELOOM_TRY(m_output.write(at, buffer.data(), held));
        m_earlyFlush.wrote(static_cast<std::int64_t>(held));
        at += static_cast<std::int64_t>(held);
        held = 0;
      }
    }
    return {};
  }

  /// Around blocks that were written in place.
  Result<void> frameBlocks(const TiffDirectory& directory, const std::vector<std::uint32_t>& sizes, const CancelToken& cancel) {
    const auto frame = static_cast<std::size_t>(m_layout.frameBytes());
    if (frame == 0) return {};
    std::size_t number = 0;
    for (std::size_t level = 0; level < m_layout.levels.size(); ++level) {
      std::int64_t at = directory.levelStart[level];
      for (const std::size_t end = number + blocksOf(level); number < end; ++number) {
        CUBELOOM_TRY(checkNotCanceled(cancel, m_request.path));
        std::array<std::byte, kMostFrameBytes> leader{}, trailer{};
        std::memcpy(leader.data(), &sizes[number], frame);
        CUBELOOM_TRY(m_output.write(at, leader.data(), frame));
        at += static_cast<std::int64_t>(sizes[number] + frame);
        CUBELOOM_TRY(m_output.read(at - static_cast<std::int64_t>(frame), trailer.data(), frame));
        CUBELOOM_TRY(m_output.write(at, trailer.data(), frame));
        at += static_cast<std::int64_t>(frame);
      }
    }
    return {};
  }

  std::size_t blocksOf(std::size_t level) const { return static_cast<std::size_t>(m_layout.levels[level].blocks()); }

  SinkRequest m_request;
  TiffLayout m_layout;
  TiffIfd m_shared;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  WrittenSums m_sums{kSumSegmentBytes};
  std::unique_ptr<ResumablePart> m_part;  // outlives the files in it
  PartFile m_output;
  EarlyFlush m_earlyFlush{m_output};
  std::unique_ptr<TiffBlocks> m_blocks;
  std::atomic<std::int64_t> m_rawBytes{0}, m_finalBytes{0};
};

/// How the file is cut, and the tags that GDAL gives it.
struct TiffPreparation : SinkPreparation {
  TiffLayout layout;
  TiffIfd tags;
};

/// What the request brings, or made anew.
Result<std::shared_ptr<const TiffPreparation>> prepareTiff(const SinkRequest& request) {
  if (auto already = std::dynamic_pointer_cast<const TiffPreparation>(request.prepared)) return already;
  auto layout = tiffLayout(request);
  if (!layout) return fail(std::move(layout.error()));
  auto file = tiffTemplate(request, layout->raster);
  if (!file) return fail(std::move(file.error()));
  auto tags = TiffIfd::parseFirst(*file);
  if (!tags) return fail(std::move(tags.error()));
  auto prepared = std::make_shared<TiffPreparation>();
  prepared->layout = std::move(*layout);
  prepared->tags = std::move(*tags);
  return prepared;
}

/// Whole blocks need no assembly; uncompressed ones take any rows as they are.
std::vector<std::int64_t> preferredUnit(const ArraySpec& spec, const TiffLayout& layout) {
  std::vector<std::int64_t> unit(spec.dims.size(), 1);
  const TiffLevel& level = layout.levels.front();
  const bool needsWholeRows = layout.compression != TiffCompression::None || layout.hasOverviews();
  const auto set = [&unit](int dim, std::int64_t size, std::int64_t whole) {
    if (dim >= 0) unit[static_cast<std::size_t>(dim)] = std::min(size, whole);
  };
  set(layout.raster.yDim, needsWholeRows ? level.blockRows : 1, layout.raster.rows);
  set(layout.raster.xDim, level.blockCols, layout.raster.cols);
  if (layout.bandsTogether())
    for (std::size_t i = 0; i < layout.samples.size(); ++i) set(layout.raster.bandDims[i], layout.samples[i], layout.samples[i]);
  return unit;
}

/// Upper estimate of the blocks' size on disk: noise does not shrink, and LZW lets it grow.
double blockBytesEstimate(const TiffLayout& layout) {
  switch (layout.compression) {
    case TiffCompression::Lzw: return layout.rawBytes() * 1.4;
    case TiffCompression::Deflate:
    case TiffCompression::Zstd: return layout.rawBytes() * 1.01;
    case TiffCompression::Lerc:
    case TiffCompression::LercDeflate:
    case TiffCompression::LercZstd: return layout.rawBytes() * 1.14 + 4096.0 * static_cast<double>(layout.blocks());
    case TiffCompression::None: break;
  }
  return layout.rawBytes();
}

}  // namespace

Result<SinkPlan> planTiff(const SinkRequest& request) {
  auto prepared = prepareTiff(request);
  if (!prepared) return fail(std::move(prepared.error()));
  const TiffLayout& layout = (*prepared)->layout;

  SinkPlan plan;
  plan.prepared = *prepared;
  if (std::string lost = coordinatesLeftOut(request.spec, "GeoTIFF"); !lost.empty()) plan.warnings.push_back(std::move(lost));
  plan.format = request.format;
  plan.unit = preferredUnit(request.spec, layout);
  if (!request.overwrite && !tiffSideText(request.spec, 1).empty()) {  // which otherwise goes with the file before
    plan.besideIt = {tiffSidePath(request.path)};
    struct stat found {};
    if (::lstat(plan.besideIt.front().c_str(), &found) == 0)
      return invalidParameter("path", "the side file '" + plan.besideIt.front() + "', for the names of classes, exists; set overwrite=true",
                              "or write to another path");
  }
  if (layout.bandsTogether()) plan.wholeDims = layout.raster.bandDims;
  const double tags = static_cast<double>((*prepared)->tags.sizeBytes(true)) * static_cast<double>(layout.levels.size());
  const double directory = static_cast<double>(layout.blocks()) * kDirectoryBytesPerBlock + tags;
  const double copying = layout.compression == TiffCompression::None ? 0 : static_cast<double>(copyBufferBytes(layout));
  plan.bytesToWrite = blockBytesEstimate(layout) + directory;
  plan.temporaryBytes = layout.compression == TiffCompression::None ? 0 : blockBytesEstimate(layout);
  // While publishing no chunk is in flight, yet the plan cannot know it: counted as if both were at once.
  plan.fixedMemoryBytes = TiffBlocks::indexBytes(layout) + directory + copying;
  plan.chunkScratchBytes = TiffBlocks::scratchBytes(layout);
  return plan;
}

Result<std::unique_ptr<Sink>> openTiff(const SinkRequest& request, BufferPool pool) {
  auto prepared = prepareTiff(request);
  if (!prepared) return fail(std::move(prepared.error()));
  auto sink = std::make_unique<TiffSink>(request, (*prepared)->layout, (*prepared)->tags, std::move(pool));
  if (auto begun = guarded([&] { return sink->begin(); }); !begun) {
    sink->keep();  // what an earlier run has left is not lost with it
    return fail(std::move(begun.error()));
  }
  return sink;
}

}  // namespace cubeloom
