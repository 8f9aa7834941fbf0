// SPDX-License-Identifier: GPL-3.0-or-later
// Text of files, which may be no UTF-8, as code points and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cubeloom {

/// Each byte that is no part of well-formed UTF-8 becomes U+FFFD.
std::vector<std::uint32_t> codePoints(std::string_view text);
/// Nothing for what is no code point.
void appendUtf8(std::string& text, std::uint32_t code);
/// The text with U+FFFD for what is no UTF-8.
std::string wellFormed(std::string_view text);
/// For messages: what is no UTF-8 as \xff, and what steers a terminal (control characters other than tab and newline) likewise.
std::string printable(std::string_view text);
bool isUtf8(std::string_view text);
/// Text in Latin-1, where every byte is a letter of that number.
std::string fromLatin1(std::string_view text);

}  // namespace cubeloom
