// SPDX-License-Identifier: GPL-3.0-or-later
// CF's time units: "days since 1950-01-01 00:00:00" to seconds since 1970-01-01T00:00:00 UTC, and back to text.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/datetime.h"
#include "engine/base/result.h"

namespace cubeloom {

/// A linear unit of time. Months and years, which are not of one length, are none.
struct CfTimeUnit {
  double secondsPerUnit = 1;
  double originSeconds = 0;  ///< since 1970, or day 0 of its DayNumber
  /// Rounded to microseconds: what the numbers' own precision can mean.
  double toSeconds(double value) const;
};

/// The first day of the Gregorian calendar, 1582-10-15, in seconds since 1970: before it, CF's standard calendar is the Julian one.
inline constexpr double kGregorianStart = -12219292800.0;
/// Whether `calendar` is the standard one, of those two: "standard", "gregorian" or "".
bool isMixedCalendar(std::string_view calendar);

/// Of "days since ...", "Hour since 2001-12-31T23:00:00Z" in the calendars standard, gregorian and proleptic_gregorian ("" is standard);
/// unset for anything else. An origin before 1582-10-15 is a Julian date in the first two, which have no year 0.
std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, std::string_view calendar);
/// The same by any calendar's days.
std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, DayNumber dayNumber);
/// The seconds since 1970 of whole months or years since a date, which are steps in the calendar and of no one length; NaN stays. An error
/// says why not: other units, values that are not whole, a month without the day of the origin (a step never runs over into the next month
/// and is never moved to the end of one), and dates before 1582-10-15 in the standard calendar.
Result<std::vector<double>> cfCalendarSteps(std::string_view units, std::string_view calendar, const std::vector<double>& values);
/// Whether `units` has the form of a time unit, understood or not.
bool looksLikeCfTime(std::string_view units);

}  // namespace cubeloom
