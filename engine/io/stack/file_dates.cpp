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

constexpr std::string_view kDigits = "0123456789";

/// Reads along a name. Written by hand: std::regex takes 10 ms to compile what a date can look like, a tenth of a plan.
struct Cursor {
  std::string_view name;
  std::size_t at = 0;

  char next() const { return at < name.size() ? name[at] : '\0'; }
  bool isAtDigit() const { return next() >= '0' && next() <= '9'; }
  bool isBehindDigit() const { return at > 0 && kDigits.find(name[at - 1]) != std::string_view::npos; }
  /// One of `letters`, which is passed.
  bool take(std::string_view letters) {
    if (at == name.size() || letters.find(name[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  }
  /// A number of `count` digits, which are passed. Unset: they are not there, or it is not within the limits.
  std::optional<int> number(int count, int least, int most) {
    int value = 0;
    for (int i = 0; i < count; ++i, ++at) {
      if (!isAtDigit()) return std::nullopt;
      value = value * 10 + (name[at] - '0');
    }
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
  }
  std::optional<int> year() { return number(4, 1900, 2199); }
};

/// Hours, minutes and seconds, with the sign between them or without it.
bool readTime(Cursor& cursor, std::string_view between, Parts& parts) {
  const auto hour = cursor.number(2, 0, 99);
  if (!hour) return false;
  cursor.take(between);
  const auto minute = cursor.number(2, 0, 99);
  if (!minute) return false;
  cursor.take(between);
  const auto second = cursor.number(2, 0, 99);
  if (!second) return false;
  parts.hour = *hour;
  parts.minute = *minute;
  parts.second = *second;
  return true;
}

/// "+02:00" or "-0200" as seconds to take away; nothing where no such offset stands there. It ends with a quarter of an hour: else
/// something else was joined by a dash.
double readOffset(Cursor cursor) {
  const bool isWest = cursor.next() == '-';
  if (!cursor.take("+-")) return 0;
  const auto hours = cursor.number(2, 0, 99);
  if (!hours) return 0;
  cursor.take(":");
  const auto minutes = cursor.number(2, 0, 45);
  if (!minutes || cursor.isAtDigit() || *minutes % 15 != 0) return 0;
  const double seconds = *hours * 3600.0 + *minutes * 60.0;
  return seconds > 14 * 3600.0 ? 0 : isWest ? -seconds : seconds;
}

/// A year, month and day that begin here, perhaps with a time.
std::optional<double> calendarDateAt(Cursor cursor) {
  if (cursor.isBehindDigit()) return std::nullopt;
  const auto year = cursor.year();
  if (!year) return std::nullopt;
  const std::string_view between = cursor.next() == '-' ? "-" : cursor.next() == '_' ? "_" : "";
  cursor.take(between);
  const auto month = cursor.number(2, 1, 12);
  if (!month || (!between.empty() && !cursor.take(between))) return std::nullopt;
  const auto day = cursor.number(2, 1, 31);
  if (!day || cursor.isAtDigit()) return std::nullopt;
  Parts parts{*year, *month, *day};
  const bool isT = cursor.next() == 'T' || cursor.next() == 't';
  if (!cursor.take("Tt_") || !readTime(cursor, ":", parts) || cursor.isAtDigit()) return Parts{*year, *month, *day}.seconds();
  const auto seconds = parts.seconds();
  return seconds && isT ? std::optional(*seconds - readOffset(cursor)) : seconds;
}

/// A year and its day that begin here. Seven digits alone may be anything: an "A" (MODIS, VIIRS) or "doy" (AppEEARS) stands before them, or
/// a time behind (HLS, 2022055T183719).
std::optional<double> dayOfYearAt(Cursor cursor) {
  const auto isLetterOrDigit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const std::string_view before = cursor.name.substr(0, cursor.at);
  const bool isAfterA = !before.empty() && before.back() == 'A' && (before.size() == 1 || !isLetterOrDigit(before[before.size() - 2]));
  const bool isMarked = isAfterA || (before.size() >= 3 && before.substr(before.size() - 3) == "doy");
  if (!isMarked && cursor.isBehindDigit()) return std::nullopt;
  const auto year = cursor.year();
  const auto day = year ? cursor.number(3, 0, 399) : std::nullopt;
  if (!day) return std::nullopt;
  Parts parts{*year, 1, 1, *day};
  Cursor time = cursor;
  const bool hasT = time.take("T");
  if ((hasT || isMarked) && readTime(time, "", parts) && !time.isAtDigit()) return parts.seconds();
  if (!isMarked || cursor.isAtDigit()) return std::nullopt;
  parts = {*year, 1, 1, *day};
  if (!cursor.take(".")) return parts.seconds();
  const auto hour = cursor.number(2, 0, 99), minute = cursor.number(2, 0, 99);  // VIIRS: A2022055.1836.
  if (hour && minute && cursor.next() == '.') {
    parts.hour = *hour;
    parts.minute = *minute;
  }
  return parts.seconds();
}

}  // namespace

std::optional<double> dateInName(const std::string& name) {
  for (Cursor cursor{name}; cursor.at < name.size(); ++cursor.at) {
    if (!cursor.isAtDigit()) continue;
    if (const auto date = calendarDateAt(cursor)) return date;
    if (const auto date = dayOfYearAt(cursor)) return date;
  }
  return std::nullopt;
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
