// SPDX-License-Identifier: GPL-3.0-or-later
// Copies pixels between strided places, reversing their bytes on the way when the file's order is not the machine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cubeloom {

/// Row-major strides in elements.
std::vector<std::int64_t> denseStridesOf(const std::vector<std::int64_t>& shape);

/// Elements of 1, 2, 4, 8 or 16 bytes; `swapUnit` 0: as they are, else bytes are reversed within each unit (half an element for complex).
/// Steps are in bytes and may be any. Nothing needs to be aligned.
struct StridedCopy {
  std::size_t elementBytes = 1;
  std::size_t swapUnit = 0;

  void line(const std::byte* from, std::int64_t fromStep, std::byte* to, std::int64_t toStep, std::int64_t count) const;
  /// `rows` x `columns`; walks along the side on which memory is written closest together.
  void plane(const std::byte* from, std::int64_t fromRowStep, std::int64_t fromColumnStep, std::byte* to, std::int64_t toRowStep,
             std::int64_t toColumnStep, std::int64_t rows, std::int64_t columns) const;
};

/// Reverses the bytes of each of `bytes / unitBytes` units in place.
void swapInPlace(std::byte* data, std::int64_t bytes, std::size_t unitBytes);

}  // namespace cubeloom
