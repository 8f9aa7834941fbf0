// SPDX-License-Identifier: GPL-3.0-or-later
// LZW over a hash table from (code, byte) to code.
#include "engine/io/tiff/tiff_lzw.h"

#include <algorithm>

namespace cubeloom {
namespace {

constexpr std::uint32_t kClear = 256, kEnd = 257, kFirstFree = 258;
constexpr std::uint32_t kLastCode = 4094;  // 4095 is never assigned: decoders widen early
constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::size_t kSlots = LzwEncoder::kTableBytes / sizeof(std::uint32_t);

constexpr int kHashShift = 32 - 13;
static_assert(kSlots == std::size_t{1} << (32 - kHashShift));

/// Bits into bytes, most significant first.
class BitWriter {
 public:
  BitWriter(std::byte* to, std::size_t room) : m_next(to), m_end(to + room) {}
  void put(std::uint32_t code, int bits) {
    m_bits = (m_bits << bits) | code;
    m_count += bits;
    while (m_count >= 8) {
      emit(static_cast<std::byte>(m_bits >> (m_count - 8)));
      m_count -= 8;
    }
  }
  void finish() {
    if (m_count > 0) emit(static_cast<std::byte>(m_bits << (8 - m_count)));
    m_count = 0;
  }
  bool overflowed() const { return m_overflowed; }
  const std::byte* next() const { return m_next; }

 private:
  void emit(std::byte value) {
    if (m_next == m_end) {
      m_overflowed = true;
    } else {
      *m_next++ = value;
    }
  }
  std::byte *m_next, *m_end;
  std::uint64_t m_bits = 0;
  int m_count = 0;
  bool m_overflowed = false;
};

}  // namespace

std::size_t LzwEncoder::encode(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  m_table.assign(kSlots, kNone);
  BitWriter out(to, room);
  int width = 9;
  std::uint32_t next = kFirstFree;
  out.put(kClear, width);
  if (bytes > 0) {
    auto prefix = std::to_integer<std::uint32_t>(from[0]);
    for (std::size_t i = 1; i < bytes; ++i) {
      const auto byte = std::to_integer<std::uint32_t>(from[i]);
      const std::uint32_t key = (prefix << 8) | byte;
      std::size_t slot = (key * 2654435761U) >> kHashShift;
      while (m_table[slot] != kNone && (m_table[slot] >> 12) != key) slot = (slot + 1) & (kSlots - 1);
      if (m_table[slot] != kNone) {
        prefix = static_cast<std::uint32_t>(m_table[slot] & 0xFFF);
        continue;
      }
      out.put(prefix, width);
      m_table[slot] = (key << 12) | next;
      ++next;
      if (next > (1U << width) - 1 && width < 12) ++width;
      if (next == kLastCode) {
        out.put(kClear, width);
        std::fill(m_table.begin(), m_table.end(), kNone);
        width = 9;
        next = kFirstFree;
      }
      prefix = byte;
    }
    out.put(prefix, width);
    ++next;
    if (next == kLastCode) {
      out.put(kClear, width);
      width = 9;
    } else if (next > (1U << width) - 1 && width < 12) {
      ++width;
    }
  }
  out.put(kEnd, width);
  out.finish();
  return out.overflowed() ? 0 : static_cast<std::size_t>(out.next() - to);
}

}  // namespace cubeloom
