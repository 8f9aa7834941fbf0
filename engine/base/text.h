// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and sizes to and from text, never following the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeloom {

/// A whole text as a number ("1.5", "-3e4", "nan", "inf"); blanks around it are allowed.
std::optional<double> parseNumber(std::string_view text);
std::optional<std::int64_t> parseInteger(std::string_view text);
std::optional<std::uint64_t> parseUnsigned(std::string_view text);
/// Shortest text that reads back as the same double; "nan" for NaN; whole numbers without a point.
std::string formatNumber(double value);
/// `digits` significant digits, trailing zeros dropped.
std::string formatSignificant(double value, int digits);

/// "512MiB", "2GiB", "2GB", "1.5 GiB", "1000" (bytes).
std::optional<std::int64_t> parseSize(std::string_view text);
/// IEC with three significant digits: "27.1 MiB", "2.65 GiB", "512 B".
std::string formatSize(double bytes);
/// "12,023".
std::string formatCount(std::int64_t value);
/// "0.42 s", "37 min 38 s", "2 h 05 min".
std::string formatDuration(double seconds);

std::string_view trim(std::string_view text);
std::string toLower(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// The candidate closest to `word` by edit distance, if close enough to be a typo of it.
std::optional<std::string> closestMatch(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace cubeloom
