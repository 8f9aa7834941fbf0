// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/datetime.h"

#include <charconv>
#include <string_view>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kDaySeconds = 86400;

/// Exactly two or four digits at `at`.
bool digits(std::string_view text, std::size_t at, std::size_t length, int& value) {
  if (text.size() < at + length) return false;
  const char* end = text.data() + at + length;
  return std::from_chars(text.data() + at, end, value).ptr == end && value >= 0;
}

/// Takes "Z", "+02:00" or "-0330" off the end of a time of day: its seconds east of UTC. False when a zone is there but makes no sense.
bool takeZone(std::string_view& time, double& seconds) {
  if (!time.empty() && (time.back() == 'Z' || time.back() == 'z')) {
    time.remove_suffix(1);
    return true;
  }
  const std::size_t sign = time.find_first_of("+-");
  if (sign == std::string_view::npos) return true;
  const std::string_view zone = time.substr(sign);
  int hours = 0, minutes = 0;
  const bool isColon = zone.size() == 6 && zone[3] == ':';
  if (!digits(zone, 1, 2, hours) || (zone.size() != 3 && !isColon && zone.size() != 5)) return false;
  if (zone.size() > 3 && !digits(zone, isColon ? 4 : 3, 2, minutes)) return false;
  seconds = (zone[0] == '-' ? -1 : 1) * (hours * 3600.0 + minutes * 60.0);
  time = time.substr(0, sign);
  return true;
}

}  // namespace

std::optional<double> parseDatetime(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  double second = 0, zone = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day)) return std::nullopt;
  if (text.size() > 10) {
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    std::string_view time = std::string_view(text).substr(11);
    if (!takeZone(time, zone) || !digits(time, 0, 2, hour)) return std::nullopt;
    if (time.size() > 2 && (time[2] != ':' || !digits(time, 3, 2, minute))) return std::nullopt;
    if (time.size() > 5) {
      const auto number = time[5] == ':' ? parseNumber(time.substr(6)) : std::nullopt;
      if (!number) return std::nullopt;
      second = *number;
    }
  }
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || !(second >= 0 && second < 61)) return std::nullopt;
  // Days from the civil date (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int yearOfEra = y - era * 400;
  const int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  const double days = static_cast<double>(era) * 146097 + dayOfEra - 719468;
  return days * kDaySeconds + hour * 3600 + minute * 60 + second - zone;
}

std::optional<TimeSpan> parseTimeSpan(const std::string& text) {
  const std::vector<std::string> ends = split(text, '/');
  if (ends.size() > 2) return std::nullopt;
  TimeSpan span;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::string end(trim(ends[i]));
    if (ends.size() == 2 && (end.empty() || end == "..")) continue;
    const auto seconds = parseDatetime(end);
    if (!seconds) return std::nullopt;
    if (i == 0) span.begin = seconds;
    if (i + 1 == ends.size()) span.end = *seconds + (end.size() == 10 ? kDaySeconds - 1e-3 : 0);
  }
  if (span.begin && span.end && *span.end < *span.begin) return std::nullopt;
  return span;
}

}  // namespace cubeloom
