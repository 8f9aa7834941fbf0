// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/chunk_assembly.h"

#include <algorithm>
#include <map>

#include "engine/io/sink/raw_box.h"

namespace cubeloom {

ChunkAssembly::ChunkAssembly(ChunkGrid grid, PixelType type, double fill, BufferPool pool, ResumablePart& part, ChunkStore& store)
    : m_grid(std::move(grid)),
      m_type(type),
      m_fill(fill),
      m_pool(std::move(pool)),
      m_part(part),
      m_store(store),
      m_chunkBytes(static_cast<std::size_t>(regionCount(fullRegion(m_grid.chunkShape()))) * pixelTypeBytes(type)),
      m_missing(static_cast<std::size_t>(m_grid.count())) {
  for (std::int64_t i = 0; i < m_grid.count(); ++i) m_missing[static_cast<std::size_t>(i)] = regionCount(m_grid.region(i));
}

/// Row-major.
std::vector<ChunkAssembly::Piece> ChunkAssembly::piecesOf(const Region& region) const {
  std::vector<Piece> pieces(1);
  for (std::size_t d = 0; d < region.size(); ++d) {
    const std::int64_t side = m_grid.chunkShape()[d], first = region[d].min(), end = region[d].max() + 1;
    std::vector<Piece> longer;
    for (const Piece& piece : pieces) {
      for (std::int64_t at = first / side; at * side < end; ++at) {
        Piece next = piece;
        const std::int64_t low = std::max(at * side, first), high = std::min((at + 1) * side, end);
        next.inside.push_back(low - at * side);
        next.from.push_back(low - first);
        next.size.push_back(high - low);
        next.number = next.number * m_grid.gridShape()[d] + at;
        longer.push_back(std::move(next));
      }
    }
    pieces = std::move(longer);
  }
  return pieces;
}

bool ChunkAssembly::isRestored(std::int64_t chunk, std::int64_t position) const {
  return !m_restored.empty() && std::binary_search(m_restored.begin(), m_restored.end(), PartKey(chunk, position));
}

Result<const PartFile*> ChunkAssembly::waitingFile() {
  const std::lock_guard lock(m_mutex);
  if (!m_waiting.isOpen()) {
    auto file = m_part.file("partial");
    if (!file) return fail(std::move(file.error()));
    CUBELOOM_TRY(file->resize(waitingOffset(m_grid.count())));
    m_waiting = std::move(*file);
  }
  return &m_waiting;
}

Result<void> ChunkAssembly::write(std::int64_t position, const Region& region, const BlockView& values) {
  if (values.count() == 0) return {};
  Notes notes;
  for (const Piece& piece : piecesOf(region))
    if (!isDone(piece.number) && !isRestored(piece.number, position)) CUBELOOM_TRY(accept(piece, position, values, notes));
  CUBELOOM_TRY(m_part.record(notes.records));
  // Only now: should the process have ended before, the pieces would still be needed.
  for (const std::int64_t chunk : notes.used) m_waiting.release(waitingOffset(chunk), static_cast<std::int64_t>(m_chunkBytes));
  return {};
}

Result<void> ChunkAssembly::accept(const Piece& piece, std::int64_t position, const BlockView& values, Notes& notes) {
  const std::int64_t number = piece.number;
  const BlockView part = values.sub(piece.from, piece.size);
  std::atomic<std::int64_t>& missing = m_missing[static_cast<std::size_t>(number)];
  const std::int64_t count = part.count();
  if (count == regionCount(m_grid.region(number))) {
    missing -= count;
    const Buffer raw = m_pool.take(m_chunkBytes);
    copyBlock(part, denseView(raw.data(), m_type, m_grid.chunkShape()).sub(piece.inside, piece.size));
    return finish(number, raw, notes);
  }
  auto file = waitingFile();
  if (!file) return fail(std::move(file.error()));
  std::uint32_t checksum = 0;
  CUBELOOM_TRY(writeBox(**file, waitingOffset(number), m_grid.chunkShape(), piece.inside, part, m_pool, &checksum));
  if (missing.fetch_sub(count) != count) {
    notes.records.push_back({JournalRecord::Part, checksum, static_cast<std::uint64_t>(number), position, 0});
    return {};
  }
  const Buffer raw = m_pool.take(m_chunkBytes);
  CUBELOOM_TRY((*file)->read(waitingOffset(number), raw.data(), m_chunkBytes));
  notes.used.push_back(number);
  return finish(number, raw, notes);
}

Result<void> ChunkAssembly::finish(std::int64_t chunk, const Buffer& raw, Notes& notes) {
  padBeyond(chunk, raw);
  auto record = m_store.store(chunk, raw);
  if (!record) return fail(std::move(record.error()));
  notes.records.push_back(*record);
  return {};
}

void ChunkAssembly::padBeyond(std::int64_t chunk, const Buffer& raw) const {
  const BlockView whole = denseView(raw.data(), m_type, m_grid.chunkShape());
  const std::vector<std::int64_t> valid = regionShape(m_grid.region(chunk));
  for (std::size_t d = 0; d < valid.size(); ++d) {
    if (valid[d] == whole.shape[d]) continue;
    std::vector<std::int64_t> offset(valid.size(), 0), size = whole.shape;
    offset[d] = valid[d];
    size[d] = whole.shape[d] - valid[d];
    fillBlock(whole.sub(offset, size), m_fill);
  }
}

std::vector<std::int64_t> ChunkAssembly::done(const ChunkGrid& runChunks, const CancelToken& cancel) {
  restore(runChunks, cancel);
  std::vector<std::int64_t> positions;
  for (std::int64_t position = 0; position < runChunks.count(); ++position) {
    const std::vector<Piece> pieces = piecesOf(runChunks.region(position));
    if (std::all_of(pieces.begin(), pieces.end(),
                    [&](const Piece& piece) { return isDone(piece.number) || isRestored(piece.number, position); }))
      positions.push_back(position);
  }
  return positions;
}

/// Takes over what the journal names, as far as its checksums agree; the newest record of each piece counts.
void ChunkAssembly::restore(const ChunkGrid& runChunks, const CancelToken& cancel) {
  m_done.assign(m_missing.size(), 0);
  std::map<PartKey, JournalRecord> parts;
  std::map<std::int64_t, JournalRecord> chunks;
  for (const JournalRecord& record : m_part.records()) {
    const auto number = static_cast<std::int64_t>(record.number);
    if (number < 0 || number >= m_grid.count()) continue;
    if (record.kind == JournalRecord::Block) chunks[number] = record;
    if (record.kind == JournalRecord::Part && record.a >= 0 && record.a < runChunks.count()) parts[{number, record.a}] = record;
  }
  m_part.forgetRecords();
  for (const auto& [number, record] : chunks) {
    if (cancel.isCanceled()) return;
    if (!m_store.takeOver(record)) continue;
    m_done[static_cast<std::size_t>(number)] = 1;
    m_missing[static_cast<std::size_t>(number)] = 0;
  }
  for (auto part = parts.begin(); part != parts.end() && !cancel.isCanceled();) {
    const std::int64_t number = part->first.first;
    std::vector<PartKey> found;
    std::int64_t elements = 0;
    for (; part != parts.end() && part->first.first == number; ++part) {
      if (isDone(number)) continue;
      for (const Piece& piece : piecesOf(runChunks.region(part->first.second))) {
        if (piece.number != number || !isPartIntact(piece, part->second)) continue;
        found.push_back(part->first);
        elements += regionCount(fullRegion(piece.size));
      }
    }
    // A chunk that has all of its values and yet was not finished: better made again than believed.
    if (elements >= m_missing[static_cast<std::size_t>(number)]) continue;
    m_missing[static_cast<std::size_t>(number)] -= elements;
    m_restored.insert(m_restored.end(), found.begin(), found.end());
  }
}

bool ChunkAssembly::isPartIntact(const Piece& piece, const JournalRecord& record) {
  auto file = waitingFile();
  if (!file) return false;
  const auto checksum = boxChecksum(**file, waitingOffset(piece.number), m_grid.chunkShape(), piece.inside, piece.size, m_type, m_pool);
  return checksum && *checksum == record.checksum;
}

}  // namespace cubeloom
