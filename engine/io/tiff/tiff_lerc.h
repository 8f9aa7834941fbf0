// SPDX-License-Identifier: GPL-3.0-or-later
// LERC blocks, as libtiff makes them.
#pragma once

#include <memory>

#include "engine/base/pixel_type.h"
#include "engine/base/result.h"
#include "engine/io/tiff/tiff_codec.h"

namespace cubeloom {

/// InvalidParameter on `compress`: this machine's libtiff cannot do it, or LERC has no form for the type (64-bit integers, complex).
Result<void> checkLerc(TiffCompression compression, PixelType type);

/// Lossless: an error of 0 is allowed. NaN is kept; of zeros the sign may be lost. `bands` is how many the file has, since libtiff
/// treats NaN in files of one band in a way of its own.
std::unique_ptr<TiffEncoder> lercEncoder(TiffCompression compression, PixelType type, std::int64_t bands);

}  // namespace cubeloom
