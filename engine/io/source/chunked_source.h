// SPDX-License-Identifier: GPL-3.0-or-later
// A variable that is stored in chunks as a Source: each chunk that a region touches is read whole and once, its values decoded, and the
// wanted ones placed.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"
#include "engine/io/source/chunk_reader.h"
#include "engine/io/source/value_decoder.h"

namespace cubeloom {

/// Thread-safe. A read takes two buffers of one chunk each, as stored or as decoded, whichever is larger.
class ChunkedSource final : public Source {
 public:
  /// `spec.storage.block` must be the reader's chunk. `files`: what the variable depends on, the first named in errors.
  ChunkedSource(std::shared_ptr<ChunkReader> reader, ValueDecoder decoder, ArraySpec spec, std::vector<std::string> files);

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  /// Whole chunks at their average size in the file: what a chunk really takes is not known before it is read.
  ReadCost cost(const Region& region) const override;
  std::vector<std::int64_t> decodedBlock() const override { return m_chunk; }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override { return m_files; }

 private:
  std::size_t roomBytes() const;

  std::shared_ptr<ChunkReader> m_reader;
  ValueDecoder m_decoder;
  ArraySpec m_spec;
  std::vector<std::int64_t> m_shape, m_chunk;
  std::vector<std::string> m_files;
};

}  // namespace cubeloom
