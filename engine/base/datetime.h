// SPDX-License-Identifier: GPL-3.0-or-later
// Dates and times as people, catalogs and files write them, to seconds since 1970 UTC and back: the one parser of all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cubeloom {

/// Days since 1970-01-01 of a date of the Gregorian calendar; unset when there is no such day (2022-02-31).
std::optional<std::int64_t> gregorianDay(int year, int month, int day);
/// The number of a calendar's day; unset when the calendar has no such date.
using DayNumber = std::optional<std::int64_t> (*)(int year, int month, int day);

/// A day of a calendar and the microseconds in it.
struct CalendarDate {
  int year = 1970, month = 1, day = 1;
  std::int64_t micros = 0;
};
/// The date of seconds since 1970, or since a calendar's day 0; finite, up to 28,000 years away.
CalendarDate calendarDate(double seconds, DayNumber dayNumber);

/// Seconds since 1970 of "2022-02-24", "2022-02-24T12:00", "2022-02-24T10:00:00.5Z", "2022-02-24 12:00:30.5 +01:00" (ISO 8601, RFC 3339),
/// "20220224", "20220224T120030Z", and as units of time write their origin (UDUNITS): "1-1-1 0:0:0 UTC". Without a zone: UTC. Unset for all
/// else, also for days and times that do not exist; a 60th second does (leap seconds), and so does 24:00.
std::optional<double> parseDatetime(std::string_view text);
/// The same by any calendar's days, since its day 0.
std::optional<double> parseDatetime(std::string_view text, DayNumber dayNumber);
/// "2022-02-24T00:00:00Z", with up to six decimals where there is a fraction.
std::string formatDatetime(double seconds);
/// The same by any calendar's days, without the Z of the world's time.
std::string formatDatetime(double seconds, DayNumber dayNumber);

/// A stretch of time; an end that is not set is open.
struct TimeSpan {
  std::optional<double> begin, end;

  bool overlaps(const TimeSpan& other) const {
    return !(end && other.begin && *end < *other.begin) && !(begin && other.end && *other.end < *begin);
  }
};

/// "a", "a/b", "../b" or "a/.." as in STAC's API; a date without a time means its whole day, 2000-03 its month and 2000 its year.
std::optional<TimeSpan> parseTimeSpan(std::string_view text);
/// The same by any calendar's days.
std::optional<TimeSpan> parseTimeSpan(std::string_view text, DayNumber dayNumber);

}  // namespace cubeloom
