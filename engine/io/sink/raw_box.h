// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a box of a row-major array that lies in a file: raw cubes, and uncompressed tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {

/// Most that writeBox() takes from the pool at once.
inline constexpr std::size_t kRawScratchBytes = std::size_t{1} << 20;

/// Writes `view` to the box from `offset` (elements) of an array of `shape` whose first element is at byte `start` of `file`. Rows that
/// lie together in the file go in one call. Thread-safe for disjoint boxes.
/// `checksum` (not null): set to the CRC-32 of the box's elements in row-major order.
Result<void> writeBox(const PartFile& file, std::int64_t start, const std::vector<std::int64_t>& shape,
                      const std::vector<std::int64_t>& offset, const BlockView& view, BufferPool& pool, std::uint32_t* checksum = nullptr);

/// The same CRC-32 of the box of `size` elements as it lies in the file.
Result<std::uint32_t> boxChecksum(const PartFile& file, std::int64_t start, const std::vector<std::int64_t>& shape,
                                  const std::vector<std::int64_t>& offset, const std::vector<std::int64_t>& size, PixelType type,
                                  BufferPool& pool);

}  // namespace cubeloom
