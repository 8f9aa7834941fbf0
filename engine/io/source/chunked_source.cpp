// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/chunked_source.h"

#include <algorithm>

#include "engine/array/chunk_parts.h"
#include "engine/array/touched_lines.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/reader_process.h"

namespace cubeloom {
namespace {

double touchedChunks(const IndexSet& set, std::int64_t chunk, std::int64_t size) {
  std::int64_t count = 0;
  for (const auto& extent : touchedLineExtents(set, chunk, size)) count += (extent.second + chunk - 1) / chunk;
  return static_cast<double>(count);
}

/// The pool rounds up: small buffers to pages, large ones to 2 MiB.
double pooled(double bytes) { return bytes + (bytes >= 2097152 ? 2097152 : 4096); }

std::int64_t product(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const std::int64_t size : shape) n *= size;
  return n;
}

}  // namespace

ChunkedSource::ChunkedSource(std::shared_ptr<ChunkReader> reader, ValueDecoder decoder, ArraySpec spec, std::vector<std::string> files)
    : m_reader(std::move(reader)),
      m_decoder(std::move(decoder)),
      m_spec(std::move(spec)),
      m_shape(m_spec.shape()),
      m_chunk(m_reader->chunkShape()),
      m_files(std::move(files)) {}

std::size_t ChunkedSource::roomBytes() const {
  return std::max(m_reader->roomBytes(), static_cast<std::size_t>(product(m_chunk)) * pixelTypeBytes(m_spec.type));
}

Result<void> ChunkedSource::read(const Region& region, const BlockView& to, ReadContext& context) {
  if (regionCount(region) == 0) return {};
  const GivesUpAsking givesUp(context.cancel);
  const Buffer first = context.pool.take(roomBytes()), second = context.pool.take(roomBytes());
  const std::size_t elementBytes = pixelTypeBytes(m_spec.type);
  const std::vector<std::int64_t> strides = denseStrides(m_chunk, elementBytes);
  const StridedCopy copy{elementBytes, m_decoder.swapped && !m_decoder.changesValues() && elementBytes > 1 ? elementBytes : 0};
  std::vector<std::int64_t> origin(region.size());
  Result<void> outcome;
  forEachChunk(chunkParts(region, m_chunk, m_shape, to.strides), [&](const std::vector<const ChunkPart*>& place) {
    if (context.cancel.isCanceled()) {
      outcome = failAt(ErrorCode::Canceled, m_files.front(), "reading was canceled");
      return false;
    }
    for (std::size_t d = 0; d < place.size(); ++d) origin[d] = place[d]->chunk * m_chunk[d];
    auto values = m_reader->read(origin, first.data(), second.data());
    if (!values) {
      outcome = fail(std::move(values.error()));
      return false;
    }
    std::byte* chunk = *values;
    if (m_decoder.changesValues()) {
      std::byte* decoded = chunk == first.data() ? second.data() : first.data();
      m_decoder.decode(chunk, product(m_chunk), decoded);
      chunk = decoded;
    }
    copyChunkPart(copy, place, chunk, strides, to.data);
    return true;
  });
  if (!outcome) return outcome;
  context.bytesRead += static_cast<std::int64_t>(cost(region).bytes);
  return {};
}

ReadCost ChunkedSource::cost(const Region& region) const {
  ReadCost cost;
  if (regionCount(region) == 0) return cost;
  cost.extents = 1;
  for (std::size_t d = 0; d < region.size(); ++d) cost.extents *= touchedChunks(region[d], m_chunk[d], m_shape[d]);
  cost.bytes = cost.extents * m_reader->storedChunkBytes();
  cost.scratchBytes = 2 * pooled(static_cast<double>(roomBytes()));
  return cost;
}

std::vector<std::pair<std::int64_t, std::int64_t>> ChunkedSource::touchedLines(const Region& region) const {
  if (m_spec.yDim < 0 || regionCount(region) == 0) return {};
  const auto y = static_cast<std::size_t>(m_spec.yDim);
  return touchedLineExtents(region[y], m_chunk[y], m_shape[y]);
}

}  // namespace cubeloom
