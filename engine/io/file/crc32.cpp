// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/crc32.h"

#include <libdeflate.h>

namespace cubeloom {

std::uint32_t crc32(std::uint32_t before, const std::byte* data, std::size_t bytes) { return libdeflate_crc32(before, data, bytes); }

}  // namespace cubeloom
