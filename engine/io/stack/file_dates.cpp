// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/stack/file_dates.h"

#include <regex>
#include <string_view>

#include "engine/base/datetime.h"

namespace cubeloom {
namespace {

/// What a match has told.
struct Parts {
  int year = -1, month = 1, day = 1, dayOfYear = -1, hour = 0, minute = 0, second = 0;

  std::optional<double> seconds() const {
    if (year < 0 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    auto number = dayOfYear < 0 ? gregorianDay(year, month, day) : gregorianDay(year, 1, 1);
    if (!number) return std::nullopt;
    if (dayOfYear >= 0) {
      *number += dayOfYear - 1;
      if (dayOfYear == 0 || *number > gregorianDay(year, 12, 31)) return std::nullopt;
    }
    return static_cast<double>(*number) * 86400 + hour * 3600.0 + minute * 60.0 + second;
  }
};

/// A date in a name, and where it stands.
struct NamedDate {
  std::ptrdiff_t position = 0;
  double seconds = 0;
};

/// A year, month and day.
std::optional<NamedDate> calendarDate(const std::string& name) {
  // The lookaround of digits keeps it from finding a date inside a longer number.
  static const std::regex kDate(
      R"((^|[^0-9])((?:19|20|21)[0-9]{2})([-_]?)(0[1-9]|1[0-2])\3(0[1-9]|[12][0-9]|3[01])(?:([Tt_])([0-9]{2}):?([0-9]{2}):?([0-9]{2})(?:([+-])([0-9]{2}):?([0-9]{2})(?![0-9]))?)?(?![0-9]))");
  std::smatch match;
  for (auto at = name.cbegin(); std::regex_search(at, name.cend(), match, kDate); at = match[2].first + 1) {
    const auto number = [&match](std::size_t group) { return match[group].matched ? std::stoi(match[group].str()) : 0; };
    const Parts parts{number(2), number(4), number(5), -1, number(7), number(8), number(9)};
    const auto seconds = parts.seconds();
    if (!seconds) continue;
    // An offset from UTC stands behind a "T" only, and ends with a quarter of an hour; else something else was joined by a dash.
    const double offset = number(11) * 3600.0 + number(12) * 60.0;
    const std::ptrdiff_t position = match[2].first - name.cbegin();
    if (!match[10].matched || match[6] == "_" || offset > 14 * 3600.0 || number(12) % 15 != 0 || number(12) > 45)
      return NamedDate{position, *seconds};
    return NamedDate{position, match[10] == "-" ? *seconds + offset : *seconds - offset};
  }
  return std::nullopt;
}

/// A year and its day. Seven digits alone may be anything: an "A" (MODIS, VIIRS) or "doy" (AppEEARS) stands before them, or a time behind
/// (HLS, 2022055T183719).
std::optional<NamedDate> dayOfYearDate(const std::string& name) {
  static const std::regex kMarked(
      R"((?:(?:^|[^0-9A-Za-z])A|doy)((?:19|20|21)[0-9]{2})([0-3][0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})|\.([0-9]{2})([0-9]{2})(?=\.))?(?![0-9]))");
  static const std::regex kTimed(R"((?:^|[^0-9])((?:19|20|21)[0-9]{2})([0-3][0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})(?![0-9]))");
  std::optional<NamedDate> first;
  for (const std::regex* const form : {&kMarked, &kTimed}) {
    std::smatch match;
    for (auto at = name.cbegin(); std::regex_search(at, name.cend(), match, *form); at = match[1].first + 1) {
      const auto number = [&match](std::size_t group) {
        return group < match.size() && match[group].matched ? std::stoi(match[group].str()) : 0;
      };
      const auto seconds = Parts{number(1), 1, 1, number(2), number(3) + number(6), number(4) + number(7), number(5)}.seconds();
      const std::ptrdiff_t position = match[1].first - name.cbegin();
      if (!seconds) continue;
      if (!first || position < first->position) first = NamedDate{position, *seconds};
      break;
    }
  }
  return first;
}

}  // namespace

std::optional<double> dateInName(const std::string& name) {
  const auto date = calendarDate(name), day = dayOfYearDate(name);
  if (date && (!day || date->position < day->position)) return date->seconds;
  return day ? std::optional(day->seconds) : std::nullopt;
}

Result<std::optional<double>> dateByPattern(const std::string& name, const std::string& pattern) {
  std::string expression, letters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*') {
      expression += ".*?";
    } else if (c == '%' && i + 1 < pattern.size() && pattern[i + 1] == '%') {
      expression += pattern[++i];
    } else if (c == '%') {
      const char letter = i + 1 < pattern.size() ? pattern[++i] : '\0';
      if (std::string_view("YymdjHMS").find(letter) == std::string_view::npos || letter == '\0')
        return invalidParameter("pattern", "\"" + pattern + "\" has the unknown %" + std::string(1, letter == '\0' ? ' ' : letter),
                                "use %Y, %y, %m, %d, %j, %H, %M and %S");
      letters += letter;
      expression += letter == 'Y' ? "([0-9]{4})" : letter == 'j' ? "([0-9]{3})" : "([0-9]{2})";
    } else {
      if (std::string_view("\\^$.|?+()[]{}").find(c) != std::string_view::npos) expression += '\\';
      expression += c;
    }
  }
  if (letters.find('Y') == std::string::npos && letters.find('y') == std::string::npos)
    return invalidParameter("pattern", "\"" + pattern + "\" tells no year", "write it like %Y%m%d");
  std::smatch match;
  if (!std::regex_search(name, match, std::regex(expression))) return std::optional<double>();
  Parts parts;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const int number = std::stoi(match[i + 1].str());
    switch (letters[i]) {
      case 'Y': parts.year = number; break;
      case 'y': parts.year = number + (number < 70 ? 2000 : 1900); break;
      case 'm': parts.month = number; break;
      case 'd': parts.day = number; break;
      case 'j': parts.dayOfYear = number; break;
      case 'H': parts.hour = number; break;
      case 'M': parts.minute = number; break;
      default: parts.second = number;
    }
  }
  return parts.seconds();
}

}  // namespace cubeloom
