// SPDX-License-Identifier: GPL-3.0-or-later
// The pixels of an overview: means of 2 x 2, or one of them where values are classes.
#pragma once

#include <optional>

#include "engine/array/block.h"

namespace cubeloom {

/// `from` is [rows, cols]; `to` [ceil(rows / 2), ceil(cols / 2)] of the same type, both with dense rows; either may have equal further
/// dims, the samples of a pixel, each of which is halved by itself. Each pixel is the mean of the valid ones of its 2 x 2 (fewer at an odd
/// edge); nodata where none is valid. NaN is never valid. Integers are rounded half away from zero. A mean that would equal nodata by
/// chance is moved off it. For complex types the real part tells nodata.
void halveBlock(const BlockView& from, const BlockView& to, std::optional<double> nodata);

/// The same shapes; each pixel is the upper left one of its 2 x 2, as GDAL's NEAREST has it where both sides are even.
void halveClasses(const BlockView& from, const BlockView& to);

}  // namespace cubeloom
