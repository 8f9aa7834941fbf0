// SPDX-License-Identifier: GPL-3.0-or-later
// Assembly, halving and encoding of TIFF blocks.
#include "engine/io/tiff/tiff_blocks.h"

#include <algorithm>
#include <cstring>

#include "engine/base/guard.h"
#include "engine/io/file/crc32.h"
#include "engine/io/file/pooled_bytes.h"
#include "engine/io/sink/raw_box.h"
#include "engine/io/tiff/cog_overview.h"

namespace cubeloom {
namespace {

/// Two lengths inside a block in one number of a record.
std::int64_t packed(std::int64_t high, std::int64_t low) { return high << 32 | low; }

/// Of equal shape, [rows, cols] or [rows, cols, samples...], `to` with the samples of a pixel side by side. Where they come from apart, row
/// by row and band by band: what is read is consecutive then, and a row of pixels stays in the cache.
void copyPixels(const BlockView& from, const BlockView& to) {
  const std::size_t dims = from.shape.size();
  if (dims == 2) return copyBlock(from, to);
  std::vector<int> bandsFirst;
  for (std::size_t d = 1; d + 1 < dims; ++d) bandsFirst.push_back(static_cast<int>(d));
  bandsFirst.push_back(0);
  for (std::int64_t r = 0; r < from.shape[0]; ++r) {
    const BlockView row = from.at(0, r), target = to.at(0, r);
    row.isDense() ? copyBlock(row, target) : copyBlock(row.permuted(bandsFirst), target.permuted(bandsFirst));
  }
}

}  // namespace

/// An encoder for the length of a block: contexts are expensive, so they are handed around.
class TiffBlocks::EncoderLease {
 public:
  explicit EncoderLease(TiffBlocks& blocks) : m_blocks(blocks) {
    const std::lock_guard lock(blocks.m_mutex);
    if (!blocks.m_encoders.empty()) {
      m_encoder = std::move(blocks.m_encoders.back());
      blocks.m_encoders.pop_back();
    }
    const TiffLayout& layout = blocks.m_layout;
    if (!m_encoder) m_encoder = TiffEncoder::create(layout.compression, layout.type, layout.bandsTogether() ? layout.raster.bands : 1);
  }
  ~EncoderLease() {
    const std::lock_guard lock(m_blocks.m_mutex);
    (void)guarded([this] { m_blocks.m_encoders.push_back(std::move(m_encoder)); });  // without a place it ends here
  }
  EncoderLease(const EncoderLease&) = delete;
  EncoderLease& operator=(const EncoderLease&) = delete;
  TiffEncoder& operator*() const { return *m_encoder; }

 private:
  TiffBlocks& m_blocks;
  std::unique_ptr<TiffEncoder> m_encoder;
};

TiffBlocks::TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool, ResumablePart& part)
    : m_layout(layout), m_nodata(nodata), m_pool(std::move(pool)), m_part(part) {
  std::size_t first = 0;
  for (const TiffLevel& level : m_layout.levels) {
    m_levelFirst.push_back(first);
    first += static_cast<std::size_t>(level.blocks());
  }
  if (!isCompressed() && !m_layout.hasOverviews()) return;
  m_missing = std::vector<std::atomic<std::uint32_t>>(first);
  std::size_t number = 0;
  for (const TiffLevel& level : m_layout.levels)
    for (std::int64_t plane = 0; plane < level.planes; ++plane)
      for (std::int64_t r = 0; r < level.down(); ++r)
        for (std::int64_t c = 0; c < level.across(); ++c)
          m_missing[number++] = static_cast<std::uint32_t>(level.validRows(r) * level.validCols(c));
}

TiffBlocks::TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool, ResumablePart& part, const PartFile& file,
                       std::vector<std::int64_t> levelStart)
    : TiffBlocks(layout, nodata, std::move(pool), part) {
  m_output = &file;
  m_levelStart = std::move(levelStart);
}

Result<std::unique_ptr<TiffBlocks>> TiffBlocks::compressed(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool,
                                                           ResumablePart& part) {
  std::unique_ptr<TiffBlocks> blocks(new TiffBlocks(layout, nodata, std::move(pool), part));
  auto spool = part.file("blocks");
  if (!spool) return fail(std::move(spool.error()));
  blocks->m_spool = std::move(*spool);
  blocks->m_spoolEnd = blocks->m_spool.sizeBytes();
  blocks->m_places.resize(blocks->m_missing.size());
  std::int64_t start = 0;
  for (const TiffLevel& level : layout.levels) {
    blocks->m_levelStart.push_back(start);
    start += level.planeBytes() * level.planes;
  }
  return blocks;
}

std::int64_t TiffBlocks::waitingOffset(const BlockId& block) const {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t pixelsBefore =
      level.strips ? block.row * level.blockRows * level.cols : (block.row * level.across() + block.col) * level.blockPixels();
  const std::int64_t raw = m_levelStart[block.level] + block.plane * level.planeBytes() + pixelsBefore * level.pixelBytes;
  if (isCompressed()) return raw;
  const auto blocksBefore = static_cast<std::int64_t>(block.number - m_levelFirst[block.level]);
  return raw + (2 * blocksBefore + 1) * m_layout.frameBytes();
}

Result<const PartFile*> TiffBlocks::waitingFile() {
  if (m_output) return m_output;
  const std::lock_guard lock(m_mutex);
  if (!m_waiting.isOpen()) {
    auto file = m_part.file("partial");
    if (!file) return fail(std::move(file.error()));
    const TiffLevel& last = m_layout.levels.back();
    CUBELOOM_TRY(file->resize(m_levelStart.back() + last.planeBytes() * last.planes));
    m_waiting = std::move(*file);
  }
  return &m_waiting;
}

std::vector<std::int64_t> TiffBlocks::shapeOf(std::int64_t rows, std::int64_t cols) const {
  std::vector<std::int64_t> shape{rows, cols};
  shape.insert(shape.end(), m_layout.samples.begin(), m_layout.samples.end());
  return shape;
}

std::vector<std::int64_t> TiffBlocks::placeOf(std::int64_t row, std::int64_t col) const {
  std::vector<std::int64_t> place{row, col};
  place.resize(2 + m_layout.samples.size(), 0);
  return place;
}

std::vector<std::int64_t> TiffBlocks::storedShape(const BlockId& block) const {
  const TiffLevel& level = m_layout.levels[block.level];
  return shapeOf(level.storedRows(block.row), level.blockCols);
}

std::size_t TiffBlocks::storedBytes(const BlockId& block) const {
  const TiffLevel& level = m_layout.levels[block.level];
  return static_cast<std::size_t>(level.storedRows(block.row) * level.blockCols * level.pixelBytes);
}

std::vector<TiffBlocks::Part> TiffBlocks::partsOf(std::size_t levelIndex, std::int64_t plane, std::int64_t firstRow, std::int64_t firstCol,
                                                  std::int64_t rowCount, std::int64_t colCount) const {
  const TiffLevel& level = m_layout.levels[levelIndex];
  const std::int64_t endRow = firstRow + rowCount, endCol = firstCol + colCount;
  std::vector<Part> parts;
  for (std::int64_t r = firstRow / level.blockRows; r * level.blockRows < endRow; ++r) {
    for (std::int64_t c = firstCol / level.blockCols; c * level.blockCols < endCol; ++c) {
      Part part;
      part.block = {levelIndex, plane, r, c,
                    m_levelFirst[levelIndex] + static_cast<std::size_t>(plane * level.blocksPerPlane() + r * level.across() + c)};
      const std::int64_t row = std::max(firstRow, r * level.blockRows), col = std::max(firstCol, c * level.blockCols);
      part.rows = std::min(endRow, (r + 1) * level.blockRows) - row;
      part.cols = std::min(endCol, (c + 1) * level.blockCols) - col;
      part.row = row - r * level.blockRows;
      part.col = col - c * level.blockCols;
      part.pieceRow = row - firstRow;
      part.pieceCol = col - firstCol;
      parts.push_back(part);
    }
  }
  return parts;
}

std::vector<TiffBlocks::Part> TiffBlocks::heirs(const BlockId& block) const {
  if (block.level + 1 >= m_layout.levels.size()) return {};
  const TiffLevel& level = m_layout.levels[block.level];
  return partsOf(block.level + 1, block.plane, block.row * level.blockRows / 2, block.col * level.blockCols / 2,
                 (level.validRows(block.row) + 1) / 2, (level.validCols(block.col) + 1) / 2);
}

Result<void> TiffBlocks::accept(std::size_t level, const BandPiece& piece, Notes& notes) {
  for (const Part& part : partsOf(level, piece.band, piece.row, piece.col, piece.rows(), piece.cols())) {
    if (isDone(part.block.number) || isRestored(part)) continue;
    CUBELOOM_TRY(acceptPart(part, piece.view.sub(placeOf(part.pieceRow, part.pieceCol), shapeOf(part.rows, part.cols)), notes));
  }
  return {};
}

Result<void> TiffBlocks::acceptPart(const Part& part, const BlockView& pixels, Notes& notes) {
  const BlockId& block = part.block;
  const TiffLevel& level = m_layout.levels[block.level];
  const std::vector<std::int64_t> stored = storedShape(block);
  const std::size_t bytes = storedBytes(block);
  const bool isTracked = !m_missing.empty();
  const auto count = static_cast<std::uint32_t>(part.rows * part.cols);

  if (isTracked && part.rows == level.validRows(block.row) && part.cols == level.validCols(block.col)) {
    Buffer raw = m_pool.take(bytes);
    if (part.rows * part.cols < stored[0] * stored[1]) std::memset(raw.data(), 0, bytes);
    copyPixels(pixels, denseView(raw.data(), m_layout.type, stored).sub(placeOf(0, 0), pixels.shape));
    m_missing[block.number] -= count;
    return finishBlock(block, std::move(raw), false, notes);
  }

  auto file = waitingFile();
  if (!file) return fail(std::move(file.error()));
  std::uint32_t checksum = 0;
  {
    BlockView box = pixels;
    Buffer turned;
    if (m_layout.bandsTogether()) {
      turned = m_pool.take(static_cast<std::size_t>(part.rows * part.cols * level.pixelBytes));
      box = denseView(turned.data(), m_layout.type, pixels.shape);
      copyPixels(pixels, box);
    }
    CUBELOOM_TRY(writeBox(**file, waitingOffset(block), stored, placeOf(part.row, part.col), box, m_pool, &checksum));
  }
  if (!isTracked || m_missing[block.number].fetch_sub(count) != count) {
    notes.records.push_back({JournalRecord::Part, checksum, block.number, packed(part.row, part.col), packed(part.rows, part.cols)});
    return {};
  }
  Buffer raw = m_pool.take(bytes);
  CUBELOOM_TRY((*file)->read(waitingOffset(block), raw.data(), bytes));
  clearPadding(block, raw.data());  // no piece covers it, so no checksum did
  if (isCompressed()) notes.used.emplace_back(waitingOffset(block), static_cast<std::int64_t>(bytes));
  return finishBlock(block, std::move(raw), !isCompressed(), notes);
}

Result<void> TiffBlocks::finishBlock(const BlockId& block, Buffer raw, bool isInPlace, Notes& notes) {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t rows = level.validRows(block.row), cols = level.validCols(block.col);
  Block half;
  if (block.level + 1 < m_layout.levels.size()) {
    const BlockView pixels = denseView(raw.data(), m_layout.type, storedShape(block)).sub(placeOf(0, 0), shapeOf(rows, cols));
    half = makeBlock(m_pool, m_layout.type, shapeOf((rows + 1) / 2, (cols + 1) / 2));
    if (m_layout.isClasses) {
      halveClasses(pixels, half.view);
    } else {
      halveBlock(pixels, half.view, m_nodata);
    }
  }
  JournalRecord record{JournalRecord::Block, 0, block.number, waitingOffset(block), static_cast<std::int64_t>(raw.size())};
  if (isCompressed()) {
    auto spooled = spool(block, raw.data());
    if (!spooled) return fail(std::move(spooled.error()));
    record = *spooled;
  } else {
    record.checksum = crc32(0, raw.data(), raw.size());
    if (!isInPlace) CUBELOOM_TRY(m_output->write(waitingOffset(block), raw.data(), raw.size()));
  }
  // Given back before the next level takes its own.
  { const Buffer done = std::move(raw); }
  if (half.buffer)
    CUBELOOM_TRY(
        accept(block.level + 1, {block.plane, block.row * level.blockRows / 2, block.col * level.blockCols / 2, half.view}, notes));
  notes.records.push_back(record);
  return {};
}

Result<JournalRecord> TiffBlocks::spool(const BlockId& block, std::byte* raw) {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t rows = level.storedRows(block.row);
  const std::size_t room = encodedBound(m_layout.compression, storedBytes(block));
  const Buffer encoded = m_pool.take(room);
  const EncoderLease encoder(*this);
  auto bytes = (*encoder).encode(raw, rows, level.blockCols, encoded.data(), room);
  if (!bytes) return fail(std::move(bytes.error()));
  const std::int64_t offset = m_spoolEnd.fetch_add(static_cast<std::int64_t>(*bytes));
  m_places[block.number] = {offset, *bytes};
  CUBELOOM_TRY(m_spool.write(offset, encoded.data(), *bytes));
  return JournalRecord{JournalRecord::Block, crc32(0, encoded.data(), *bytes), block.number, offset, static_cast<std::int64_t>(*bytes)};
}

Result<void> TiffBlocks::commit(const Notes& notes) {
  CUBELOOM_TRY(m_part.record(notes.records));
  // Only now: should the process have ended before, the pieces would still be needed.
  for (const auto& [offset, bytes] : notes.used) m_waiting.release(offset, bytes);
  return {};
}

void TiffBlocks::discard() {
  m_spool.remove();
  m_waiting.remove();
}

void TiffBlocks::leave() {
  m_spool.leave();
  m_waiting.leave();
}

double TiffBlocks::scratchBytes(const TiffLayout& layout) {
  const auto rawBytes = static_cast<std::size_t>(layout.mostBlockBytes());
  const auto raw = static_cast<double>(rawBytes);
  if (layout.compression == TiffCompression::None && !layout.hasOverviews())
    return std::max(layout.bandsTogether() ? pooledBytes(raw) : 0.0, static_cast<double>(kRawScratchBytes));
  const double halves = static_cast<double>(layout.levels.size() - 1) * pooledBytes(raw / 4);
  const auto encoding = static_cast<double>(encodedBound(layout.compression, rawBytes) + encoderBytes(layout.compression, rawBytes));
  return std::max(pooledBytes(raw) + pooledBytes(encoding), static_cast<double>(kRawScratchBytes)) + halves;
}

double TiffBlocks::indexBytes(const TiffLayout& layout) {
  constexpr double kPerBlock = sizeof(std::uint32_t) + sizeof(Place);
  return static_cast<double>(layout.blocks()) * kPerBlock;
}

}  // namespace cubeloom
