// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/datetime.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kDay = 86400;

/// Eats text from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : m_text(text) {}
  bool isDone() const { return m_text.empty(); }
  bool take(char c) {
    if (m_text.empty() || m_text.front() != c) return false;
    m_text.remove_prefix(1);
    return true;
  }
  bool peekDigit(std::size_t i = 0) const { return m_text.size() > i && m_text[i] >= '0' && m_text[i] <= '9'; }
  /// `least` to `most` digits.
  std::optional<int> digits(std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t n = 0;
    for (; n < most && peekDigit(); ++n) {
      value = value * 10 + (m_text.front() - '0');
      m_text.remove_prefix(1);
    }
    if (n < least) return std::nullopt;
    return value;
  }
  double fraction() {
    constexpr double kMostDigits = 1e15;
    double value = 0, unit = 1;
    for (; peekDigit(); m_text.remove_prefix(1)) {
      if (unit >= kMostDigits) continue;
      value = value * 10 + (m_text.front() - '0');
      unit *= 10;
    }
    return value / unit;
  }
  void skipBlanks() { m_text = trim(m_text); }

 private:
  std::string_view m_text;
};

/// "12", "12:00", "12:00:30.5", "120030" as seconds of the day.
std::optional<double> timeOfDay(Reader& reader) {
  const auto hour = reader.digits(1, 2);
  if (!hour) return std::nullopt;
  double inHour = 0;
  const bool colons = reader.take(':');
  if (colons || reader.peekDigit()) {
    const auto minute = reader.digits(1, 2);
    if (!minute || *minute > 59) return std::nullopt;
    inHour = *minute * 60.0;
    if (colons ? reader.take(':') : reader.peekDigit()) {
      const auto second = reader.digits(1, 2);
      if (!second || *second > 60) return std::nullopt;
      inHour += *second;
      if (reader.take('.')) inHour += reader.fraction();
    }
  }
  // The day ends with 24:00 and not later.
  if (*hour > 24 || (*hour == 24 && inHour > 0)) return std::nullopt;
  return *hour * 3600.0 + inHour;
}

/// "Z", "UTC", "+01:00", "-0730", "+1": seconds east of Greenwich.
std::optional<double> zone(Reader& reader) {
  if (reader.isDone() || reader.take('Z') || reader.take('z')) return 0;
  if (reader.take('U')) return reader.take('T') && reader.take('C') ? std::optional<double>(0) : std::nullopt;
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) return std::nullopt;
  const auto hours = reader.digits(1, 2);
  if (!hours || *hours > 18) return std::nullopt;
  double seconds = *hours * 3600.0;
  reader.take(':');
  if (reader.peekDigit()) {
    const auto minutes = reader.digits(2, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    seconds += *minutes * 60.0;
  }
  return west ? -seconds : seconds;
}

/// An instant as it was written.
struct Instant {
  double seconds = 0;
  bool hasTime = false;  ///< a time of day was written
};

std::optional<Instant> parseInstant(std::string_view text, DayNumber dayNumber) {
  Reader reader(trim(text));
  const auto year = reader.digits(1, 4);
  if (!year) return std::nullopt;
  const bool dashes = reader.take('-');
  const auto month = reader.digits(dashes ? 1 : 2, 2);
  if (dashes && !reader.take('-')) return std::nullopt;
  const auto day = reader.digits(dashes ? 1 : 2, 2);
  if (!month || !day) return std::nullopt;
  const auto number = dayNumber(*year, *month, *day);
  if (!number) return std::nullopt;
  Instant instant{static_cast<double>(*number) * kDay, false};
  const bool separated = reader.take('T') || reader.take('t') || reader.take(' ');
  reader.skipBlanks();
  if (separated && reader.peekDigit()) {
    const auto time = timeOfDay(reader);
    if (!time) return std::nullopt;
    instant = {instant.seconds + *time, true};
  }
  reader.skipBlanks();
  const auto east = zone(reader);
  if (!east || !reader.isDone()) return std::nullopt;
  instant.seconds -= *east;
  return instant;
}

/// All of a year, month or day, or an instant.
std::optional<TimeSpan> spanOf(std::string_view text, DayNumber dayNumber) {
  Reader reader(text);
  const auto year = reader.digits(4, 4);
  if (!year) return std::nullopt;
  const bool hasMonth = !reader.isDone();
  std::optional<int> month = 1;
  if (hasMonth) month = reader.take('-') ? reader.digits(1, 2) : std::nullopt;
  if (month && reader.isDone()) {
    const bool isLast = !hasMonth || *month == 12;
    const auto first = dayNumber(*year, *month, 1), next = dayNumber(*year + (isLast ? 1 : 0), isLast ? 1 : *month + 1, 1);
    if (!first || !next) return std::nullopt;
    return TimeSpan{static_cast<double>(*first) * kDay, static_cast<double>(*next) * kDay - 1e-3};
  }
  const auto instant = parseInstant(text, dayNumber);
  if (!instant) return std::nullopt;
  return TimeSpan{instant->seconds, instant->seconds + (instant->hasTime ? 0 : kDay - 1e-3)};
}

constexpr double kFarthest = 9e11;
constexpr std::int64_t kMicros = 1000000;

/// Seconds as a day and the microseconds in it.
struct Split {
  explicit Split(double seconds) {
    const auto micros = static_cast<std::int64_t>(std::llround(seconds * 1e6));
    constexpr std::int64_t kDayMicros = std::int64_t{86400} * kMicros;
    day = micros / kDayMicros - (micros % kDayMicros < 0 ? 1 : 0);
    inDayMicros = micros - day * kDayMicros;
  }
  std::int64_t day = 0, inDayMicros = 0;
};

std::string dateText(int year, int month, int day) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", year, month, day);
  return text.data();
}

std::string timeText(std::int64_t inDayMicros) {
  std::array<char, 32> text{};
  const auto second = static_cast<int>(inDayMicros / kMicros);
  std::snprintf(text.data(), text.size(), "T%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
  std::string result = text.data();
  if (const auto fraction = static_cast<int>(inDayMicros % kMicros); fraction != 0) {
    std::snprintf(text.data(), text.size(), ".%06d", fraction);
    result += text.data();
    while (result.back() == '0') result.pop_back();
  }
  return result;
}

}  // namespace

std::optional<std::int64_t> gregorianDay(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::optional<double> parseDatetime(std::string_view text) { return parseDatetime(text, gregorianDay); }

std::optional<double> parseDatetime(std::string_view text, DayNumber dayNumber) {
  const auto instant = parseInstant(text, dayNumber);
  return instant ? std::optional(instant->seconds) : std::nullopt;
}

CalendarDate calendarDate(double seconds, DayNumber dayNumber) {
  const Split parts(seconds);
  if (dayNumber == gregorianDay) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{parts.day}}};
    return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())), parts.inDayMicros};
  }
  constexpr double kDaysOfYear = 365.25;
  // The last year, then the last month, whose first day is not later; a calendar may lack a year 0.
  const auto begins = [&](int year, int month) { return dayNumber(year, month, 1).value_or(parts.day) <= parts.day; };
  int year = static_cast<int>(std::floor(static_cast<double>(parts.day) / kDaysOfYear));
  while (begins(year + 1, 1)) ++year;
  while (!begins(year, 1)) --year;
  int month = 12;
  while (month > 1 && !begins(year, month)) --month;
  const std::int64_t first = dayNumber(year, month, 1).value_or(parts.day);
  return {year, month, static_cast<int>(parts.day - first + 1), parts.inDayMicros};
}

std::string formatDatetime(double seconds) {
  const bool isNumber = !std::isfinite(seconds) || std::abs(seconds) > kFarthest;
  return formatDatetime(seconds, gregorianDay) + (isNumber ? "" : "Z");
}

std::string formatDatetime(double seconds, DayNumber dayNumber) {
  // Beyond these years the calendar arithmetic ends; a number is still an answer.
  if (!std::isfinite(seconds) || std::abs(seconds) > kFarthest) return formatNumber(seconds);
  const CalendarDate date = calendarDate(seconds, dayNumber);
  return dateText(date.year, date.month, date.day) + timeText(date.micros);
}

std::optional<TimeSpan> parseTimeSpan(std::string_view text) { return parseTimeSpan(text, gregorianDay); }

std::optional<TimeSpan> parseTimeSpan(std::string_view text, DayNumber dayNumber) {
  const std::vector<std::string> ends = split(text, '/');
  if (ends.size() > 2) return std::nullopt;
  TimeSpan span;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::string_view end = trim(ends[i]);
    if (ends.size() == 2 && (end.empty() || end == "..")) continue;
    const auto part = spanOf(end, dayNumber);
    if (!part) return std::nullopt;
    if (i == 0) span.begin = part->begin;
    if (i + 1 == ends.size()) span.end = part->end;
  }
  if (span.begin && span.end && *span.end < *span.begin) return std::nullopt;
  return span;
}

}  // namespace cubeloom
