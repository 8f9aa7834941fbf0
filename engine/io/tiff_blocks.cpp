// SPDX-License-Identifier: GPL-3.0-or-later
// Assembly, halving and encoding of TIFF blocks.
#include "engine/io/tiff_blocks.h"

#include <algorithm>
#include <cstring>

#include "engine/io/cog_overview.h"
#include "engine/io/raw_box.h"

namespace cubeloom {
namespace {

/// The pool rounds up: small buffers to pages, large ones to 2 MiB.
double pooled(double bytes) { return bytes + (bytes >= 2097152 ? 2097152 : 4096); }

}  // namespace

/// An encoder for the length of a block: contexts are dear, so they are handed around.
class TiffBlocks::EncoderLease {
 public:
  explicit EncoderLease(TiffBlocks& blocks) : m_blocks(blocks) {
    const std::lock_guard lock(blocks.m_mutex);
    if (!blocks.m_encoders.empty()) {
      m_encoder = std::move(blocks.m_encoders.back());
      blocks.m_encoders.pop_back();
    }
    if (!m_encoder) m_encoder = TiffEncoder::create(blocks.m_layout.compression, blocks.m_layout.type);
  }
  ~EncoderLease() {
    const std::lock_guard lock(m_blocks.m_mutex);
    m_blocks.m_encoders.push_back(std::move(m_encoder));
  }
  EncoderLease(const EncoderLease&) = delete;
  EncoderLease& operator=(const EncoderLease&) = delete;
  TiffEncoder& operator*() const { return *m_encoder; }

 private:
  TiffBlocks& m_blocks;
  std::unique_ptr<TiffEncoder> m_encoder;
};

TiffBlocks::TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool)
    : m_layout(layout), m_nodata(nodata), m_pool(std::move(pool)), m_elementBytes(pixelTypeBytes(layout.type)) {
  std::size_t first = 0;
  for (const TiffLevel& level : m_layout.levels) {
    m_levelFirst.push_back(first);
    first += static_cast<std::size_t>(level.blocksPerBand() * m_layout.raster.bands);
  }
  if (!isCompressed() && !m_layout.hasOverviews()) return;
  m_missing = std::vector<std::atomic<std::uint32_t>>(first);
  std::size_t number = 0;
  for (const TiffLevel& level : m_layout.levels)
    for (std::int64_t band = 0; band < m_layout.raster.bands; ++band)
      for (std::int64_t r = 0; r < level.down(); ++r)
        for (std::int64_t c = 0; c < level.across(); ++c)
          m_missing[number++] = static_cast<std::uint32_t>(level.validRows(r) * level.validCols(c));
}

TiffBlocks::TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool, const PartFile& file,
                       std::vector<std::int64_t> levelStart)
    : TiffBlocks(layout, nodata, std::move(pool)) {
  m_output = &file;
  m_levelStart = std::move(levelStart);
}

Result<std::unique_ptr<TiffBlocks>> TiffBlocks::compressed(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool,
                                                           const std::string& target) {
  std::unique_ptr<TiffBlocks> blocks(new TiffBlocks(layout, nodata, std::move(pool)));
  auto spool = PartFile::create(target, ".blocks");
  if (!spool) return fail(std::move(spool.error()));
  blocks->m_spool = std::move(*spool);
  blocks->m_target = target;
  blocks->m_places.resize(blocks->m_missing.size());
  std::int64_t start = 0;
  for (const TiffLevel& level : layout.levels) {
    blocks->m_levelStart.push_back(start);
    start += level.bandBytes(blocks->m_elementBytes) * layout.raster.bands;
  }
  return blocks;
}

std::int64_t TiffBlocks::waitingOffset(const BlockId& block) const {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t pixelsBefore =
      level.strips ? block.row * level.blockRows * level.cols : (block.row * level.across() + block.col) * level.blockPixels();
  const auto elementBytes = static_cast<std::int64_t>(m_elementBytes);
  const std::int64_t raw = m_levelStart[block.level] + block.band * level.bandBytes(m_elementBytes) + pixelsBefore * elementBytes;
  if (isCompressed()) return raw;
  const auto blocksBefore = static_cast<std::int64_t>(block.number - m_levelFirst[block.level]);
  return raw + (2 * blocksBefore + 1) * m_layout.frameBytes();
}

Result<const PartFile*> TiffBlocks::waitingFile() {
  if (m_output) return m_output;
  const std::lock_guard lock(m_mutex);
  if (!m_waiting.isOpen()) {
    auto file = PartFile::create(m_target, ".partial");
    if (!file) return fail(std::move(file.error()));
    const TiffLevel& last = m_layout.levels.back();
    CUBELOOM_TRY(file->resize(m_levelStart.back() + last.bandBytes(m_elementBytes) * m_layout.raster.bands));
    m_waiting = std::move(*file);
  }
  return &m_waiting;
}

Result<void> TiffBlocks::accept(std::size_t levelIndex, const BandPiece& piece) {
  const TiffLevel& level = m_layout.levels[levelIndex];
  const std::int64_t endRow = piece.row + piece.rows(), endCol = piece.col + piece.cols();
  for (std::int64_t r = piece.row / level.blockRows; r * level.blockRows < endRow; ++r) {
    for (std::int64_t c = piece.col / level.blockCols; c * level.blockCols < endCol; ++c) {
      BlockId block{levelIndex, piece.band, r, c, 0};
      block.number = m_levelFirst[levelIndex] + static_cast<std::size_t>(piece.band * level.blocksPerBand() + r * level.across() + c);
      const std::int64_t row = std::max(piece.row, r * level.blockRows), col = std::max(piece.col, c * level.blockCols);
      const std::int64_t rows = std::min(endRow, (r + 1) * level.blockRows) - row;
      const std::int64_t cols = std::min(endCol, (c + 1) * level.blockCols) - col;
      const BlockView part = piece.view.sub({row - piece.row, col - piece.col}, {rows, cols});
      CUBELOOM_TRY(acceptPart(block, row - r * level.blockRows, col - c * level.blockCols, part));
    }
  }
  return {};
}

Result<void> TiffBlocks::acceptPart(const BlockId& block, std::int64_t row, std::int64_t col, const BlockView& part) {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::vector<std::int64_t> stored{level.storedRows(block.row), level.blockCols};
  const std::size_t bytes = static_cast<std::size_t>(stored[0] * stored[1]) * m_elementBytes;
  const bool isTracked = !m_missing.empty();

  if (isTracked && part.shape[0] == level.validRows(block.row) && part.shape[1] == level.validCols(block.col)) {
    Buffer raw = m_pool.take(bytes);
    if (part.count() < stored[0] * stored[1]) std::memset(raw.data(), 0, bytes);
    copyBlock(part, denseView(raw.data(), m_layout.type, stored).sub({0, 0}, part.shape));
    m_missing[block.number] -= static_cast<std::uint32_t>(part.count());
    return finishBlock(block, std::move(raw), false);
  }

  auto file = waitingFile();
  if (!file) return fail(std::move(file.error()));
  CUBELOOM_TRY(writeBox(**file, waitingOffset(block), stored, {row, col}, part, m_pool));
  if (!isTracked) return {};
  const auto pixels = static_cast<std::uint32_t>(part.count());
  if (m_missing[block.number].fetch_sub(pixels) != pixels) return {};
  Buffer raw = m_pool.take(bytes);
  CUBELOOM_TRY((*file)->read(waitingOffset(block), raw.data(), bytes));
  if (isCompressed()) (*file)->release(waitingOffset(block), static_cast<std::int64_t>(bytes));
  return finishBlock(block, std::move(raw), !isCompressed());
}

Result<void> TiffBlocks::finishBlock(const BlockId& block, Buffer raw, bool isInPlace) {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t rows = level.validRows(block.row), cols = level.validCols(block.col);
  Block half;
  if (block.level + 1 < m_layout.levels.size()) {
    const BlockView pixels = denseView(raw.data(), m_layout.type, {level.storedRows(block.row), level.blockCols}).sub({0, 0}, {rows, cols});
    half = makeBlock(m_pool, m_layout.type, {(rows + 1) / 2, (cols + 1) / 2});
    halveBlock(pixels, half.view, m_nodata);
  }
  if (isCompressed()) {
    CUBELOOM_TRY(spool(block, raw.data()));
  } else if (!isInPlace) {
    CUBELOOM_TRY(m_output->write(waitingOffset(block), raw.data(), raw.size()));
  }
  // Given back before the next level takes its own.
  { const Buffer done = std::move(raw); }
  if (!half.buffer) return {};
  return accept(block.level + 1, {block.band, block.row * level.blockRows / 2, block.col * level.blockCols / 2, half.view});
}

Result<void> TiffBlocks::spool(const BlockId& block, std::byte* raw) {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t rows = level.storedRows(block.row);
  const std::size_t room = encodedBound(m_layout.compression, static_cast<std::size_t>(rows * level.blockCols) * m_elementBytes);
  const Buffer encoded = m_pool.take(room);
  const EncoderLease encoder(*this);
  auto bytes = (*encoder).encode(raw, rows, level.blockCols, encoded.data(), room);
  if (!bytes) return fail(std::move(bytes.error()));
  const std::int64_t offset = m_spoolEnd.fetch_add(static_cast<std::int64_t>(*bytes));
  m_places[block.number] = {offset, *bytes};
  return m_spool.write(offset, encoded.data(), *bytes);
}

void TiffBlocks::discard() {
  m_spool.remove();
  m_waiting.remove();
}

double TiffBlocks::scratchBytes(const TiffLayout& layout) {
  const TiffLevel& level = layout.levels.front();
  const double raw = static_cast<double>(level.blockPixels()) * static_cast<double>(pixelTypeBytes(layout.type));
  if (layout.compression == TiffCompression::None && !layout.hasOverviews()) return static_cast<double>(kRawScratchBytes);
  const double halves = static_cast<double>(layout.levels.size() - 1) * pooled(raw / 4);
  const auto rawBytes = static_cast<std::size_t>(raw);
  const auto encoding = static_cast<double>(encodedBound(layout.compression, rawBytes) + encoderBytes(layout.compression, rawBytes));
  return std::max(pooled(raw) + pooled(encoding), static_cast<double>(kRawScratchBytes)) + halves;
}

double TiffBlocks::indexBytes(const TiffLayout& layout) {
  constexpr double kPerBlock = sizeof(std::uint32_t) + sizeof(Place);
  return static_cast<double>(layout.blocks()) * kPerBlock;
}

}  // namespace cubeloom
