// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a finished file's header back before it is published.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/pixel_type.h"
#include "engine/base/result.h"

namespace cubeloom {

/// What a finished file must turn out to be.
struct ExpectedRaster {
  std::int64_t bands = 0, rows = 0, cols = 0;
  PixelType type = PixelType::Float32;
};

/// Opens `path` by GDAL's driver `format` and compares. WriteFailed (naming `target`) when it cannot be opened or differs. 64-bit integers
/// in ENVI files, which GDAL 3.6 does not read, are compared by the file's size.
Result<void> verifyRaster(const std::string& path, const std::string& target, const char* format, const ExpectedRaster& expected);

}  // namespace cubeloom
