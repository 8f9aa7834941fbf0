// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/chunked_source.h"

#include <algorithm>

#include "engine/io/io_error.h"
#include "engine/io/selected_runs.h"
#include "engine/io/strided_copy.h"
#include "engine/io/touched_lines.h"

namespace cubeloom {
namespace {

/// What of one dim lies in one chunk: where that chunk begins, and the wanted indices in it.
struct DimPart {
  std::int64_t origin = 0;
  std::vector<SelectedRun> runs;  ///< sources relative to `origin`
};

std::vector<DimPart> partsOf(const IndexSet& set, std::int64_t chunk, std::int64_t size, std::int64_t targetStride) {
  const std::vector<SelectedRun> runs = selectedRuns(set, 1, targetStride);
  std::vector<DimPart> parts;
  for (const auto& [first, count] : touchedLineExtents(set, chunk, size))
    for (std::int64_t origin = first; origin < first + count; origin += chunk) {
      DimPart part{origin, {}};
      for (const SelectedRun& run : runs) {
        if (run.source >= origin + chunk) break;
        SelectedRun inside = clippedRun(run, origin, origin + chunk);
        if (inside.count <= 0) continue;
        inside.source -= origin;
        part.runs.push_back(inside);
      }
      parts.push_back(std::move(part));
    }
  return parts;
}

/// Copies the wanted elements of one chunk: loops over all dims but the last two, and planes of those.
class ChunkCopy {
 public:
  ChunkCopy(const StridedCopy& copy, const std::vector<std::int64_t>& chunkStrides) : m_copy(copy), m_strides(chunkStrides) {}

  void run(const std::vector<const DimPart*>& parts, const std::byte* from, std::byte* to, std::size_t d = 0) const {
    if (parts.size() - d == 1) {
      for (const SelectedRun& run : parts[d]->runs)
        m_copy.line(from + run.source * m_strides[d], run.sourceStep * m_strides[d], to + run.target, run.targetStep, run.count);
      return;
    }
    for (const SelectedRun& run : parts[d]->runs) {
      const std::byte* source = from + run.source * m_strides[d];
      std::byte* target = to + run.target;
      if (parts.size() - d == 2) {
        for (const SelectedRun& inner : parts[d + 1]->runs)
          m_copy.plane(source + inner.source * m_strides[d + 1], run.sourceStep * m_strides[d], inner.sourceStep * m_strides[d + 1],
                       target + inner.target, run.targetStep, inner.targetStep, run.count, inner.count);
        continue;
      }
      for (std::int64_t i = 0; i < run.count; ++i, source += run.sourceStep * m_strides[d], target += run.targetStep)
        this->run(parts, source, target, d + 1);
    }
  }

 private:
  StridedCopy m_copy;
  const std::vector<std::int64_t>& m_strides;
};

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
  std::vector<std::vector<DimPart>> dims;
  for (std::size_t d = 0; d < region.size(); ++d) dims.push_back(partsOf(region[d], m_chunk[d], m_shape[d], to.strides[d]));
  const Buffer first = context.pool.take(roomBytes()), second = context.pool.take(roomBytes());
  const std::size_t elementBytes = pixelTypeBytes(m_spec.type);
  const std::vector<std::int64_t> strides = denseStrides(m_chunk, elementBytes);
  const std::size_t swapUnit = m_decoder.swapped && !m_decoder.isScaled && elementBytes > 1 ? elementBytes : 0;
  const ChunkCopy copy({elementBytes, swapUnit}, strides);

  std::vector<std::size_t> index(dims.size(), 0);
  std::vector<std::int64_t> origin(dims.size());
  std::vector<const DimPart*> parts(dims.size());
  while (true) {
    if (context.cancel.isCanceled()) return failAt(ErrorCode::Canceled, m_files.front(), "reading was canceled");
    for (std::size_t d = 0; d < dims.size(); ++d) {
      parts[d] = &dims[d][index[d]];
      origin[d] = parts[d]->origin;
    }
    auto values = m_reader->read(origin, first.data(), second.data());
    if (!values) return fail(std::move(values.error()));
    std::byte* chunk = *values;
    if (m_decoder.isScaled) {
      std::byte* decoded = chunk == first.data() ? second.data() : first.data();
      m_decoder.decode(chunk, product(m_chunk), decoded);
      chunk = decoded;
    }
    copy.run(parts, chunk, to.data);
    std::size_t d = dims.size();
    while (d-- > 0) {
      if (++index[d] < dims[d].size()) break;
      index[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) break;
  }
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
