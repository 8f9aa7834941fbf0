// SPDX-License-Identifier: GPL-3.0-or-later
// CRC-32 of what lies on the disk: fast enough to be taken of every byte that is written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cubeloom {

/// IEEE 802.3; begin with 0 and hand the result on: crc32(crc32(0, a), b) is that of a and b in one piece.
std::uint32_t crc32(std::uint32_t before, const std::byte* data, std::size_t bytes);

/// That of two pieces, one behind the other, from the sum of each; the second has `secondBytes`. Takes under a microsecond.
std::uint32_t joinedCrc32(std::uint32_t first, std::uint32_t second, std::int64_t secondBytes);

}  // namespace cubeloom
