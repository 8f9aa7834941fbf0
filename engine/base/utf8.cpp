// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/utf8.h"

#include <array>

namespace cubeloom {

namespace {

/// Calls take(code, bytes) for each code point with the bytes it is written in, and take(0xFFFD, the byte) for each that is no UTF-8.
template <typename Take>
void decode(std::string_view text, Take take) {
  // Longer forms than needed, halves of surrogate pairs and what is beyond Unicode are not well-formed.
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
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
    const std::size_t taken = whole ? length : 1;
    take(whole ? code : 0xFFFD, text.substr(i, taken));
    i += taken;
  }
}

}  // namespace

std::vector<std::uint32_t> codePoints(std::string_view text) {
  std::vector<std::uint32_t> points;
  decode(text, [&points](std::uint32_t code, std::string_view) { points.push_back(code); });
  return points;
}

std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  result.reserve(text.size());
  decode(text, [&result, kDigits](std::uint32_t code, std::string_view bytes) {
    const bool isStray = code == 0xFFFD && bytes.size() == 1;
    if (!isStray && (code >= 32 || code == '\t' || code == '\n') && (code < 0x7F || code > 0x9F)) {
      result += bytes;
      return;
    }
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      result += "\\x";
      result += {kDigits[value >> 4], kDigits[value & 15U]};
    }
  });
  return result;
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
