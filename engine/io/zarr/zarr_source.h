// SPDX-License-Identifier: GPL-3.0-or-later
// An array of a Zarr hierarchy as a Source: compressed chunks are decoded once per read, plain ones are read by the ranges that are needed.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"
#include "engine/array/chunk_parts.h"
#include "engine/io/source/value_decoder.h"
#include "engine/io/zarr/zarr_chunks.h"

namespace cubeloom {

/// Thread-safe. A read holds one chunk at a time: as it is in the file, decoded, and unpacked where values are packed; of plain chunks at
/// most 256 KiB. Chunks that are missing read as the array's fill value.
class ZarrSource final : public Source {
 public:
  /// `spec` has the array's shape and the decoder's type. Cheap: nothing is looked at before it is asked for.
  ZarrSource(std::shared_ptr<const ZarrStore> store, ZarrArray array, ArraySpec spec, ValueDecoder decoder);

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  /// Exact, from the sizes of the chunks' files; an upper bound for regions of more than two million chunks.
  ReadCost cost(const Region& region) const override;
  std::vector<std::int64_t> decodedBlock() const override { return isPlain() ? std::vector<std::int64_t>{} : m_array.chunks; }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override;

 private:
  struct Reading;

  bool isPlain() const { return m_array.steps.empty(); }
  std::size_t valueBytes() const { return pixelTypeBytes(m_spec.type); }
  double touchedCount(const Region& region) const;
  /// Null when there are too many chunks to remember their sizes.
  std::atomic<std::int64_t>* sizes() const;
  std::int64_t sizeOf(const std::vector<std::int64_t>& chunk) const;
  double scratchBytes(double encodedBytes) const;

  Result<void> readChunk(Reading& reading, const std::vector<const ChunkPart*>& place) const;
  Result<void> readEncoded(Reading& reading, const ZarrChunks::Place& chunk, const class RawSelection& selection, bool& found) const;
  Result<void> readPlain(Reading& reading, const ZarrPlace& place, const class RawSelection& selection) const;
  Result<void> checkUnchanged(const std::vector<std::int64_t>& chunk, std::int64_t bytes) const;

  std::shared_ptr<const ZarrStore> m_store;
  ZarrArray m_array;
  ZarrChunks m_chunks;
  ArraySpec m_spec;
  ValueDecoder m_decoder;
  mutable std::once_flag m_filesListed;
  mutable std::vector<std::string> m_files;
  std::vector<std::int64_t> m_grid;
  std::vector<std::int64_t> m_chunkOrder;  ///< the chunk's sizes in the order in which they lie in it, slowest first
  std::vector<std::byte> m_fill;           ///< one value
  double m_chunkCount = 1;
  mutable std::once_flag m_sizesMade;
  mutable std::unique_ptr<std::atomic<std::int64_t>[]> m_sizes;  ///< per chunk in row-major order, once asked for
};

}  // namespace cubeloom
