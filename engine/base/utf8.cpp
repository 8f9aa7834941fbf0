// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/utf8.h"

#include <array>

namespace cubeloom {

std::vector<std::uint32_t> codePoints(std::string_view text) {
  // Longer forms than needed, halves of surrogate pairs and what is beyond Unicode are not well-formed.
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  std::vector<std::uint32_t> points;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    bool whole = length > 0 && i + length <= text.size();
    std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; whole && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      whole = next >> 6 == 2;
      code = code << 6 | (next & 0x3FU);
    }
    whole = whole && code >= kLeast[length] && code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
    points.push_back(whole ? code : 0xFFFD);
    i += whole ? length : 1;
  }
  return points;
}

void appendUtf8(std::string& text, std::uint32_t code) {
  const auto put = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x110000) {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

std::string wellFormed(std::string_view text) {
  std::string result;
  for (const std::uint32_t code : codePoints(text)) appendUtf8(result, code);
  return result;
}

bool isUtf8(std::string_view text) { return wellFormed(text) == text; }

std::string fromLatin1(std::string_view text) {
  std::string result;
  for (const char letter : text) appendUtf8(result, static_cast<unsigned char>(letter));
  return result;
}

}  // namespace cubeloom
