// SPDX-License-Identifier: GPL-3.0-or-later
// CF's time units: "days since 1950-01-01 00:00:00" to seconds since 1970-01-01T00:00:00 UTC, and back to text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cubeloom {

/// A linear unit of time. Months and years, which are not of one length, are none.
struct CfTimeUnit {
  double secondsPerUnit = 1;
  double originSeconds = 0;  ///< since 1970, or day 0 of its DayNumber
  /// Rounded to microseconds: what the numbers' own precision can mean.
  double toSeconds(double value) const;
};

/// Of "days since ...", "Hour since 2001-12-31T23:00:00Z" in the calendars standard, gregorian and proleptic_gregorian ("" is standard);
/// unset for anything else. An origin before 1582-10-15 is a Julian date in the first two.
std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, std::string_view calendar);
/// The number of a calendar's day; unset when the calendar has no such date.
using DayNumber = std::optional<std::int64_t> (*)(int year, int month, int day);
/// The same by any calendar's days.
std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, DayNumber dayNumber);
/// Whether `units` has the form of a time unit, understood or not.
bool looksLikeCfTime(std::string_view units);

/// Seconds since 1970 of "2022-02-24", "2022-02-24T12:00", "2022-02-24 12:00:30.5 +01:00", "20220224", "20220224T120030Z".
std::optional<double> parseDateTime(std::string_view text);
/// The same by any calendar's days, since day 0.
std::optional<double> parseDateTime(std::string_view text, DayNumber dayNumber);
/// "2022-02-24T00:00:00Z", with up to six decimals where there is a fraction.
std::string formatDateTime(double seconds);

}  // namespace cubeloom
