// SPDX-License-Identifier: GPL-3.0-or-later
// LERC blocks, as liblerc makes them and libtiff reads them.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/base/pixel_type.h"
#include "engine/base/result.h"
#include "engine/io/tiff/tiff_codec.h"

namespace cubeloom {

/// InvalidParameter on `compress`: LERC has no form for the type (64-bit integers, complex).
Result<void> checkLerc(PixelType type);

/// Room for a block of so many bytes: what does not shrink is stored as it is, behind a header and a bit per pixel that says which are
/// there.
std::size_t lercBound(std::size_t rawBytes);

/// Lossless: an error of 0 is allowed. NaN is kept, as what the block's mask leaves out; of zeros the sign may be lost.
std::unique_ptr<TiffEncoder> lercEncoder(TiffCompression compression, PixelType type);

}  // namespace cubeloom
