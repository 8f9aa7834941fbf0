// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a box of a row-major array that lies in a file: raw cubes, and uncompressed tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/io/part_file.h"

namespace cubeloom {

/// Most that writeBox() takes from the pool at once.
inline constexpr std::size_t kRawScratchBytes = std::size_t{1} << 20;

/// Writes `view` to the box from `offset` (elements) of an array of `shape` whose first element is at byte `start` of `file`. Rows that
/// lie together in the file go in one call. Thread-safe for disjoint boxes.
Result<void> writeBox(const PartFile& file, std::int64_t start, const std::vector<std::int64_t>& shape,
                      const std::vector<std::int64_t>& offset, const BlockView& view, BufferPool& pool);

}  // namespace cubeloom
