// SPDX-License-Identifier: GPL-3.0-or-later
// Shuffle and deflate of one HDF5 chunk, outside the library and so on every worker at once.
#pragma once

#include <cstddef>

#include "engine/base/result.h"

namespace cubeloom {

/// zlib's level 4 is what netCDF tools take for "compressed"; libdeflate's is as fast and packs closer.
inline constexpr int kDeflateLevel = 4;

/// Most bytes that a chunk of `rawBytes` can become.
std::size_t hdf5EncodedBound(std::size_t rawBytes);
/// Memory that stays with each thread that encodes.
std::size_t hdf5EncoderBytes();

/// `shuffled` has room for `rawBytes`, `to` for hdf5EncodedBound(). The same input gives the same bytes. Bytes written, or Internal.
Result<std::size_t> hdf5Encode(const std::byte* raw, std::size_t rawBytes, std::size_t elementBytes, std::byte* shuffled, std::byte* to);

}  // namespace cubeloom
