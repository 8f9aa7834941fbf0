// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/netcdf/chunk_spool.h"

#include <algorithm>

#include "engine/io/file/crc32.h"
#include "engine/io/file/pooled_bytes.h"
#include "engine/io/hdf5/hdf5_encoder.h"
#include "engine/io/sink/raw_box.h"

namespace cubeloom {

Result<std::unique_ptr<ChunkSpool>> ChunkSpool::open(std::int64_t chunks, PixelType type, std::size_t chunkBytes, BufferPool pool,
                                                     const ResumablePart& part) {
  std::unique_ptr<ChunkSpool> spool(new ChunkSpool(chunks, type, chunkBytes, std::move(pool)));
  auto file = part.file("chunks");
  if (!file) return fail(std::move(file.error()));
  spool->m_file = std::move(*file);
  spool->m_end = spool->m_file.sizeBytes();
  return spool;
}

Result<JournalRecord> ChunkSpool::store(std::int64_t chunk, const Buffer& raw) {
  const Buffer shuffled = m_pool.take(m_chunkBytes), encoded = m_pool.take(hdf5EncodedBound(m_chunkBytes));
  auto bytes = hdf5Encode(raw.data(), m_chunkBytes, pixelTypeBytes(m_type), shuffled.data(), encoded.data());
  if (!bytes) return fail(std::move(bytes.error()));
  const std::int64_t offset = m_end.fetch_add(static_cast<std::int64_t>(*bytes));
  m_places[static_cast<std::size_t>(chunk)] = {offset, *bytes};
  CUBELOOM_TRY(m_file.write(offset, encoded.data(), *bytes));
  return JournalRecord{JournalRecord::Block, crc32(0, encoded.data(), *bytes), static_cast<std::uint64_t>(chunk), offset,
                       static_cast<std::int64_t>(*bytes)};
}

bool ChunkSpool::takeOver(const JournalRecord& record) {
  if (record.b < 1 || record.b > static_cast<std::int64_t>(hdf5EncodedBound(m_chunkBytes))) return false;
  if (record.a < 0 || record.a > m_end - record.b) return false;
  const auto bytes = static_cast<std::size_t>(record.b);
  const Buffer encoded = m_pool.take(bytes);
  if (!m_file.read(record.a, encoded.data(), bytes) || crc32(0, encoded.data(), bytes) != record.checksum) return false;
  m_places[static_cast<std::size_t>(record.number)] = {record.a, bytes};
  return true;
}

std::size_t ChunkSpool::mostEncodedBytes() const {
  std::size_t most = 1;
  for (const Place& place : m_places) most = std::max(most, place.bytes);
  return most;
}

Result<void> ChunkSpool::readEncoded(std::int64_t chunk, std::byte* to) const {
  const Place& place = m_places[static_cast<std::size_t>(chunk)];
  return m_file.read(place.offset, to, place.bytes);
}

double ChunkSpool::scratchBytes(std::size_t chunkBytes) {
  const double encoding = 2 * pooledBytes(static_cast<double>(chunkBytes)) +
                          pooledBytes(static_cast<double>(hdf5EncodedBound(chunkBytes))) + static_cast<double>(hdf5EncoderBytes());
  return std::max(encoding, static_cast<double>(kRawScratchBytes));
}

double ChunkSpool::indexBytes(double chunks) { return chunks * sizeof(Place); }

}  // namespace cubeloom
