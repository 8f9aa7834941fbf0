// SPDX-License-Identifier: GPL-3.0-or-later
// TIFF's LZW compression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cubeloom {

/// Compresses by LZW as TIFF 6.0, section 13 has it: codes of 9 to 12 bits, most significant bit first, widened one code early; the
/// table starts anew when full. One thread at a time.
class LzwEncoder {
 public:
  /// Bytes written to `to`, 0 when `room` is too small. An input without bytes gives just the two control codes.
  std::size_t encode(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room);
  /// 12 bits a byte at worst, a clear code for each full table, and the ends.
  static std::size_t bound(std::size_t bytes) { return bytes + bytes / 2 + bytes / 1024 + 16; }
  static constexpr std::size_t kTableBytes = (std::size_t{1} << 13) * sizeof(std::uint32_t);

 private:
  /// Open addressing: (code, byte) above bit 12, the longer string's code below.
  std::vector<std::uint32_t> m_table;
};

}  // namespace cubeloom
