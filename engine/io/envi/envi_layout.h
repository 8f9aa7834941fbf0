// SPDX-License-Identifier: GPL-3.0-or-later
// The binary layout an ENVI header declares, checked: sizes, type, order of dims, place of the first pixel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/pixel_type.h"
#include "engine/base/result.h"
#include "engine/io/envi/envi_header.h"

namespace cubeloom {

enum class Interleave { Bil, Bsq, Bip };
/// "BIL", "BSQ", "BIP".
const char* interleaveName(Interleave interleave);

/// In every interleave the pixels are one dense row-major array behind the offset; only the order of the dims differs.
struct EnviLayout {
  std::int64_t samples = 0, lines = 0, bands = 0;
  std::int64_t offsetBytes = 0;
  std::int64_t endBytes = 0;  ///< the least size of the file
  PixelType type = PixelType::UInt8;
  bool swapped = false;  ///< byte order differs from this machine's
  Interleave interleave = Interleave::Bsq;
  std::vector<std::string> notes;
};

/// OpenFailed: a key that is missing or not a number, a size below 1 or beyond 2^31 - 1, more than 2^62 bytes, an unknown
/// interleave, a file type that is not a raster, compressed data. UnsupportedType: an unknown data type.
Result<EnviLayout> enviLayout(const EnviHeader& header);

}  // namespace cubeloom
