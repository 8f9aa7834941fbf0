// SPDX-License-Identifier: GPL-3.0-or-later
// Many short runs, one under another, read at once.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// Row r of `rows` begins at from + r * stride (bytes) and is of `count` pixels, `step` bytes apart; it goes to values[r * width ...].
/// `valid[i]` is taken to 0 where pixel i of a row is nodata or NaN. T: float or double.
template <class T>
struct RowLoader {
  PixelType type;
  std::optional<double> nodata;
  void load(const std::byte* from, std::int64_t stride, std::int64_t step, std::size_t rows, std::size_t count, T* values,
            std::size_t width, std::uint8_t* valid) const;
};

}  // namespace cubeloom
