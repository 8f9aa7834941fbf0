// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/crc32.h"

#include <libdeflate.h>
#include <zlib.h>

namespace cubeloom {

std::uint32_t crc32(std::uint32_t before, const std::byte* data, std::size_t bytes) { return libdeflate_crc32(before, data, bytes); }

std::uint32_t joinedCrc32(std::uint32_t first, std::uint32_t second, std::int64_t secondBytes) {
  return static_cast<std::uint32_t>(crc32_combine(first, second, static_cast<z_off_t>(secondBytes)));
}

}  // namespace cubeloom
