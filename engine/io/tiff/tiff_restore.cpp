// SPDX-License-Identifier: GPL-3.0-or-later
// What an earlier run has left of a TIFF's blocks: checked against the journal's checksums, then taken over.
#include <algorithm>
#include <cstddef>

#include "engine/io/file/crc32.h"
#include "engine/io/sink/raw_box.h"
#include "engine/io/tiff/tiff_blocks.h"

namespace cubeloom {
namespace {

constexpr std::int64_t high(std::int64_t packed) { return packed >> 32; }
constexpr std::int64_t low(std::int64_t packed) { return packed & 0xFFFFFFFF; }

}  // namespace

TiffBlocks::BlockId TiffBlocks::blockAt(std::size_t number) const {
  BlockId block;
  while (block.level + 1 < m_levelFirst.size() && m_levelFirst[block.level + 1] <= number) ++block.level;
  const TiffLevel& level = m_layout.levels[block.level];
  const auto rest = static_cast<std::int64_t>(number - m_levelFirst[block.level]);
  block.plane = rest / level.blocksPerPlane();
  block.row = rest % level.blocksPerPlane() / level.across();
  block.col = rest % level.across();
  block.number = number;
  return block;
}

bool TiffBlocks::isRestored(const Part& part) const {
  return !m_restored.empty() && std::binary_search(m_restored.begin(), m_restored.end(), PartKey{part.block.number, part.row, part.col});
}

bool TiffBlocks::isIntact(const BlockId& block, const JournalRecord& record) const {
  const std::size_t most = isCompressed() ? encodedBound(m_layout.compression, storedBytes(block)) : storedBytes(block);
  if (record.b < 1 || record.b > static_cast<std::int64_t>(most)) return false;
  const std::int64_t offset = isCompressed() ? record.a : waitingOffset(block);
  if (offset < 0 || (isCompressed() && offset > m_spoolEnd - record.b)) return false;
  BufferPool pool = m_pool;
  const Buffer bytes = pool.take(static_cast<std::size_t>(record.b));
  const PartFile& file = isCompressed() ? m_spool : *m_output;
  return file.read(offset, bytes.data(), static_cast<std::size_t>(record.b)) &&
         crc32(0, bytes.data(), static_cast<std::size_t>(record.b)) == record.checksum;
}

bool TiffBlocks::isPartIntact(const BlockId& block, const JournalRecord& record) {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t row = high(record.a), col = low(record.a), rows = high(record.b), cols = low(record.b);
  if (row < 0 || rows < 1 || cols < 1 || row + rows > level.validRows(block.row) || col + cols > level.validCols(block.col)) return false;
  auto file = waitingFile();
  if (!file) return false;
  const auto checksum =
      boxChecksum(**file, waitingOffset(block), storedShape(block), placeOf(row, col), shapeOf(rows, cols), m_layout.type, m_pool);
  return checksum && *checksum == record.checksum;
}

bool TiffBlocks::clearPadding(const BlockId& block, std::byte* raw) const {
  const TiffLevel& level = m_layout.levels[block.level];
  const std::int64_t validRows = level.validRows(block.row), validCols = level.validCols(block.col);
  bool wasZero = true;
  const auto clear = [&](std::int64_t firstPixel, std::int64_t pixels) {
    std::byte* begin = raw + static_cast<std::size_t>(firstPixel * level.pixelBytes);
    std::byte* end = begin + static_cast<std::size_t>(pixels * level.pixelBytes);
    wasZero = wasZero && std::all_of(begin, end, [](std::byte b) { return b == std::byte{0}; });
    std::fill(begin, end, std::byte{0});
  };
  if (validCols < level.blockCols)
    for (std::int64_t r = 0; r < validRows; ++r) clear(r * level.blockCols + validCols, level.blockCols - validCols);
  if (const std::int64_t rows = level.storedRows(block.row); validRows < rows)
    clear(validRows * level.blockCols, (rows - validRows) * level.blockCols);
  return !wasZero;
}

/// Of blocks that are written in place: what no checksum of a piece covers is what it was in a new file.
void TiffBlocks::restorePadding() {
  for (std::size_t number = 0; number < m_done.size(); ++number) {
    const BlockId block = blockAt(number);
    const TiffLevel& level = m_layout.levels[block.level];
    const bool isPadded = level.validCols(block.col) < level.blockCols || level.validRows(block.row) < level.storedRows(block.row);
    if (!isPadded || isDone(number)) continue;
    const Buffer raw = m_pool.take(storedBytes(block));
    // What cannot be read or written here fails again, and is told, when the block's pixels come.
    if (m_output->read(waitingOffset(block), raw.data(), raw.size()) && clearPadding(block, raw.data()))
      (void)m_output->write(waitingOffset(block), raw.data(), raw.size());
  }
}

/// Blocks of the level and the pieces that wait for it; the coarser levels are restored already. A block whose means did not arrive there
/// counts as not finished: it has to be made again to hand them on.
void TiffBlocks::restoreLevel(std::size_t level, const std::vector<const JournalRecord*>& blocks, const PartRecords& parts,
                              const CancelToken& cancel) {
  for (const JournalRecord* record : blocks) {
    if (record == nullptr || cancel.isCanceled()) continue;
    const BlockId block = blockAt(record->number);
    const std::vector<Part> all = heirs(block);
    const bool arrived =
        std::all_of(all.begin(), all.end(), [this](const Part& part) { return isDone(part.block.number) || isRestored(part); });
    if (!arrived || !isIntact(block, *record)) continue;
    m_done[block.number] = 1;
    if (isCompressed()) m_places[block.number] = {record->a, static_cast<std::size_t>(record->b)};
    if (!m_missing.empty()) m_missing[block.number] = 0;
  }
  for (auto part = parts.begin(); part != parts.end() && !cancel.isCanceled();) {
    const std::size_t number = part->first.block;
    const BlockId block = blockAt(number);
    std::vector<PartKey> found;
    std::int64_t pixels = 0;
    for (; part != parts.end() && part->first.block == number; ++part) {
      if (isDone(number) || block.level != level || !isPartIntact(block, part->second)) continue;
      found.push_back(part->first);
      pixels += high(part->second.b) * low(part->second.b);
    }
    if (!m_missing.empty()) {
      // A block that has all of its pixels and yet was not finished, or more than all: better made again than believed.
      if (pixels >= static_cast<std::int64_t>(m_missing[number])) continue;
      m_missing[number] -= static_cast<std::uint32_t>(pixels);
    }
    m_restored.insert(m_restored.end(), found.begin(), found.end());
  }
  std::sort(m_restored.begin(), m_restored.end());
}

void TiffBlocks::restore(const CancelToken& cancel) {
  const auto count = static_cast<std::size_t>(m_layout.blocks());
  std::vector<std::vector<const JournalRecord*>> blocks(m_layout.levels.size());
  std::vector<PartRecords> parts(m_layout.levels.size());
  std::vector<const JournalRecord*> last(count, nullptr);
  for (const JournalRecord& record : m_part.records()) {
    if (record.number >= count) continue;
    if (record.kind == JournalRecord::Block && !m_missing.empty()) last[record.number] = &record;
    if (record.kind == JournalRecord::Part)
      parts[blockAt(record.number).level].emplace_back(PartKey{record.number, high(record.a), low(record.a)}, record);
  }
  // In the order of the file, so that checking reads it from one end to the other.
  for (const JournalRecord* record : last)
    if (record) blocks[blockAt(record->number).level].push_back(record);
  m_done.assign(count, 0);
  for (std::size_t level = m_layout.levels.size(); level-- > 0;) {
    std::sort(blocks[level].begin(), blocks[level].end(), [](const JournalRecord* x, const JournalRecord* y) { return x->a < y->a; });
    // The newest record of a piece counts.
    PartRecords& all = parts[level];
    std::stable_sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    const auto newest = std::unique(all.rbegin(), all.rend(), [](const auto& x, const auto& y) { return x.first == y.first; });
    all.erase(all.begin(), newest.base());
    restoreLevel(level, blocks[level], all, cancel);
  }
  if (!isCompressed()) restorePadding();
  m_part.forgetRecords();
}

std::vector<std::int64_t> TiffBlocks::doneChunks(const ArraySpec& spec, const ChunkGrid& chunks) {
  std::vector<std::int64_t> done;
  std::vector<PartKey> needed;
  for (std::int64_t position = 0; position < chunks.count(); ++position) {
    const BandRectangle place = bandRectangle(spec, m_layout.raster, chunks.region(position));
    const std::vector<std::int64_t> planes = m_layout.bandsTogether() ? std::vector<std::int64_t>{0} : place.bands;
    std::vector<PartKey> here;
    bool isWhole = true;
    for (const std::int64_t plane : planes) {
      for (const Part& part : partsOf(0, plane, place.row, place.col, place.rows, place.cols)) {
        if (isDone(part.block.number)) continue;
        if (isRestored(part)) {
          here.push_back({part.block.number, part.row, part.col});
        } else {
          isWhole = false;
        }
      }
    }
    if (isWhole) {
      done.push_back(position);
    } else {
      needed.insert(needed.end(), here.begin(), here.end());
    }
  }
  // Where blocks are not tracked every piece is there for good: those of whole chunks never come again.
  if (m_missing.empty()) {
    std::sort(needed.begin(), needed.end());
    m_restored = std::move(needed);
  }
  return done;
}

}  // namespace cubeloom
