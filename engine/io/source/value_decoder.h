// SPDX-License-Identifier: GPL-3.0-or-later
// Stored numbers to values by CF's scale_factor, add_offset and fill values, bit for bit as xarray does it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// The true value is stored * scale + offset, computed in `result`, which is float32 or float64; a stored value that equals one of `fills`
/// becomes NaN. Without `isScaled`, `result` is `stored` and values stay as they are, but for those that equal a further one of `fills`:
/// they become the first, so that one value says nodata.
struct ValueDecoder {
  PixelType stored = PixelType::Float32, result = PixelType::Float32;
  bool swapped = false;
  bool isScaled = false;
  double scale = 1, offset = 0;
  std::vector<double> fills;

  /// float32 for floats of four bytes, and for integers of at most two bytes unless they have an offset and no fill; else float64.
  static PixelType resultType(PixelType stored, bool hasOffset, bool hasFill);
  /// Whether decode() does anything but swap bytes.
  bool changesValues() const { return isScaled || fills.size() > 1; }
  /// `count` dense values; `to` has room for them in `result` and is aligned for it. First the product, then the sum, each only where it
  /// changes anything. Only for changesValues(); `stored` is no complex type.
  void decode(const std::byte* from, std::int64_t count, std::byte* to) const;
};

}  // namespace cubeloom
