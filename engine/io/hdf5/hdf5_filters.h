// SPDX-License-Identifier: GPL-3.0-or-later
// Undoes the filters that nearly every HDF5 chunk went through, outside the library's lock: shuffle, deflate, fletcher32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// The filters of a dataset, in the order in which they were applied.
class Hdf5Filters {
 public:
  enum class Kind : std::uint8_t { Deflate = 1, Shuffle = 2, Fletcher32 = 3 };

  Hdf5Filters() = default;
  Hdf5Filters(std::vector<Kind> filters, std::size_t elementBytes) : m_filters(std::move(filters)), m_elementBytes(elementBytes) {}
  bool isEmpty() const { return m_filters.empty(); }
  /// Most bytes a stored chunk of `chunkBytes` may have to be believed; deflate makes noise a little larger.
  static std::size_t mostStoredBytes(std::size_t chunkBytes) { return chunkBytes + chunkBytes / 64 + 1024; }

  /// `a` holds `storedBytes`; both buffers have room for mostStoredBytes(chunkBytes). Bit i of `skipped`: filter i was not applied to this
  /// chunk. Returns the buffer that holds the `chunkBytes` of values. The error is one phrase without path.
  Result<std::byte*> undo(std::byte* a, std::byte* b, std::size_t storedBytes, std::size_t chunkBytes, std::uint32_t skipped) const;

 private:
  std::vector<Kind> m_filters;
  std::size_t m_elementBytes = 1;
};

}  // namespace cubeloom
