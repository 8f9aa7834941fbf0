// SPDX-License-Identifier: GPL-3.0-or-later
// CF's packing: integers in the file that stand for value = stored * scale_factor + add_offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// How stored numbers become values.
struct PackedValues {
  PixelType stored = PixelType::Int16;
  PixelType value = PixelType::Float32;  ///< float32 or float64
  double scale = 1, offset = 0;
  std::vector<std::byte> missing;  ///< the stored element that means "no data", it becomes NaN; empty: none

  /// `count` dense elements; `swapped`: the stored bytes are not in this machine's order. Computes in the type of the value, first the
  /// product, then the sum, each only where it changes anything: the bits that xarray gives.
  void unpack(const std::byte* from, std::int64_t count, bool swapped, std::byte* to) const;
};

}  // namespace cubeloom
