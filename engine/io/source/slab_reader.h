// SPDX-License-Identifier: GPL-3.0-or-later
// Values that lie in a file in one piece, or in one piece per record, as chunks of whole lines.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/io/file/raw_file.h"
#include "engine/io/source/chunk_reader.h"

namespace cubeloom {

struct Slabs {
  std::vector<std::int64_t> shape;
  std::int64_t elementBytes = 1;
  std::int64_t begin = 0;        ///< byte of the first value
  std::int64_t recordBytes = 0;  ///< from one index of the first dim to the next; 0: all in one piece
};

class SlabReader final : public ChunkReader {
 public:
  SlabReader(std::shared_ptr<RawFile> file, Slabs slabs);
  Result<std::byte*> read(const std::vector<std::int64_t>& origin, std::byte* a, std::byte* b) override;

 private:
  std::shared_ptr<RawFile> m_file;
  Slabs m_slabs;
};

/// Whole lines of an array of `shape`, from its dim `inner` on, that make about 1 MiB; 1 in the dims before.
std::vector<std::int64_t> linesAtOnce(const std::vector<std::int64_t>& shape, std::int64_t elementBytes, std::size_t inner = 0);

}  // namespace cubeloom
