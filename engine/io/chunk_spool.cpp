// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/chunk_spool.h"

#include <algorithm>
#include <cstring>

#include "engine/io/hdf5_encoder.h"
#include "engine/io/raw_box.h"

namespace cubeloom {
namespace {

/// The pool rounds up: small buffers to pages, large ones to 2 MiB.
double pooled(double bytes) { return bytes + (bytes >= 2097152 ? 2097152 : 4096); }

std::size_t bytesOf(const std::vector<std::int64_t>& shape, PixelType type) {
  std::size_t bytes = pixelTypeBytes(type);
  for (const std::int64_t size : shape) bytes *= static_cast<std::size_t>(size);
  return bytes;
}

}  // namespace

ChunkSpool::ChunkSpool(ChunkGrid grid, PixelType type, BufferPool pool, std::string target)
    : m_grid(std::move(grid)),
      m_type(type),
      m_pool(std::move(pool)),
      m_target(std::move(target)),
      m_chunkBytes(bytesOf(m_grid.chunkShape(), type)),
      m_missing(static_cast<std::size_t>(m_grid.count())),
      m_places(static_cast<std::size_t>(m_grid.count())) {
  for (std::int64_t i = 0; i < m_grid.count(); ++i) m_missing[static_cast<std::size_t>(i)] = regionCount(m_grid.region(i));
}

Result<std::unique_ptr<ChunkSpool>> ChunkSpool::create(ChunkGrid grid, PixelType type, BufferPool pool, const std::string& target) {
  std::unique_ptr<ChunkSpool> spool(new ChunkSpool(std::move(grid), type, std::move(pool), target));
  auto file = PartFile::create(target, ".chunks");
  if (!file) return fail(std::move(file.error()));
  spool->m_spool = std::move(*file);
  return spool;
}

Result<const PartFile*> ChunkSpool::waitingFile() {
  const std::lock_guard lock(m_mutex);
  if (!m_waiting.isOpen()) {
    auto file = PartFile::create(m_target, ".partial");
    if (!file) return fail(std::move(file.error()));
    CUBELOOM_TRY(file->resize(m_grid.count() * static_cast<std::int64_t>(m_chunkBytes)));
    m_waiting = std::move(*file);
  }
  return &m_waiting;
}

Result<void> ChunkSpool::accept(const std::vector<std::int64_t>& offset, const BlockView& view) {
  if (view.count() == 0) return {};
  const std::vector<std::int64_t>& chunk = m_grid.chunkShape();
  const std::size_t rank = chunk.size();
  std::vector<std::int64_t> first(rank), last(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    first[d] = offset[d] / chunk[d];
    last[d] = (offset[d] + view.shape[d] - 1) / chunk[d];
  }
  std::vector<std::int64_t> at = first;
  while (true) {
    std::int64_t number = 0;
    for (std::size_t d = 0; d < rank; ++d) number = number * m_grid.gridShape()[d] + at[d];
    std::vector<std::int64_t> from(rank), size(rank), inside(rank);
    for (std::size_t d = 0; d < rank; ++d) {
      const std::int64_t begin = std::max(offset[d], at[d] * chunk[d]);
      size[d] = std::min(offset[d] + view.shape[d], (at[d] + 1) * chunk[d]) - begin;
      from[d] = begin - offset[d];
      inside[d] = begin - at[d] * chunk[d];
    }
    CUBELOOM_TRY(acceptPart(number, m_grid.region(number), inside, view.sub(from, size)));
    std::size_t d = rank;
    while (d-- > 0) {
      if (++at[d] <= last[d]) break;
      at[d] = first[d];
    }
    if (d == static_cast<std::size_t>(-1)) return {};
  }
}

Result<void> ChunkSpool::acceptPart(std::int64_t chunk, const Region& valid, const std::vector<std::int64_t>& offset,
                                    const BlockView& part) {
  std::atomic<std::int64_t>& missing = m_missing[static_cast<std::size_t>(chunk)];
  if (part.count() == regionCount(valid)) {
    const Buffer raw = m_pool.take(m_chunkBytes);
    const BlockView whole = denseView(raw.data(), m_type, m_grid.chunkShape());
    if (part.count() < whole.count()) std::memset(raw.data(), 0, m_chunkBytes);
    copyBlock(part, whole.sub(offset, part.shape));
    missing -= part.count();
    return finish(chunk, raw.data());
  }
  auto file = waitingFile();
  if (!file) return fail(std::move(file.error()));
  const std::int64_t start = chunk * static_cast<std::int64_t>(m_chunkBytes);
  CUBELOOM_TRY(writeBox(**file, start, m_grid.chunkShape(), offset, part, m_pool));
  if (missing.fetch_sub(part.count()) != part.count()) return {};
  const Buffer raw = m_pool.take(m_chunkBytes);
  CUBELOOM_TRY((*file)->read(start, raw.data(), m_chunkBytes));
  (*file)->release(start, static_cast<std::int64_t>(m_chunkBytes));
  return finish(chunk, raw.data());
}

Result<void> ChunkSpool::finish(std::int64_t chunk, const std::byte* raw) {
  const Buffer shuffled = m_pool.take(m_chunkBytes), encoded = m_pool.take(hdf5EncodedBound(m_chunkBytes));
  auto bytes = hdf5Encode(raw, m_chunkBytes, pixelTypeBytes(m_type), shuffled.data(), encoded.data());
  if (!bytes) return fail(std::move(bytes.error()));
  const std::int64_t offset = m_spoolEnd.fetch_add(static_cast<std::int64_t>(*bytes));
  m_places[static_cast<std::size_t>(chunk)] = {offset, *bytes};
  return m_spool.write(offset, encoded.data(), *bytes);
}

Result<void> ChunkSpool::readEncoded(std::int64_t chunk, std::byte* to) const {
  const Place& place = m_places[static_cast<std::size_t>(chunk)];
  return m_spool.read(place.offset, to, place.bytes);
}

void ChunkSpool::discard() {
  m_spool.remove();
  m_waiting.remove();
}

double ChunkSpool::scratchBytes(const std::vector<std::int64_t>& chunk, PixelType type) {
  const std::size_t raw = bytesOf(chunk, type);
  const double encoding =
      2 * pooled(static_cast<double>(raw)) + pooled(static_cast<double>(hdf5EncodedBound(raw))) + static_cast<double>(hdf5EncoderBytes());
  return std::max(encoding, static_cast<double>(kRawScratchBytes));
}

double ChunkSpool::indexBytes(std::int64_t chunks) {
  constexpr double kPerChunk = sizeof(std::int64_t) + sizeof(Place);
  return kPerChunk * static_cast<double>(chunks);
}

}  // namespace cubeloom
