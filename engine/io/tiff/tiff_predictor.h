// SPDX-License-Identifier: GPL-3.0-or-later
// TIFF's predictors: what makes neighbouring pixels compress.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// In place, row by row, of pixels with `samples` numbers each. `predictor` 2: each integer minus the same sample of the pixel to the left
/// (TIFF 6.0, section 14). 3: the bytes of a row sorted by significance, highest first, then each minus the one `samples` bytes before it
/// (Adobe Photoshop TIFF Technical Note 3, as libtiff reads it). `scratch` is grown to one row. 1: nothing.
void applyPredictor(int predictor, PixelType type, std::int64_t samples, std::byte* pixels, std::int64_t rows, std::int64_t cols,
                    std::vector<std::byte>& scratch);

}  // namespace cubeloom
