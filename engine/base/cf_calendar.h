// SPDX-License-Identifier: GPL-3.0-or-later
// Times in calendars that are not the world's, which stay plain numbers: "days since 2000-01-01" with years of 365 days. A Coordinate's
// unit says both, "days since 2000-01-01 [noleap]", so that whatever carries the unit carries the calendar.
#pragma once

#include <optional>
#include <string>

#include "engine/base/cf_time.h"

namespace cubeloom {

/// A time coordinate's attributes `units` and `calendar`.
struct CfTimeWords {
  std::string units, calendar;
};

/// The unit of a Coordinate: `units` alone where they are no time or no calendar is named.
std::string coordinateUnit(const CfTimeWords& words);
/// The words of such a unit.
CfTimeWords timeWords(const std::string& coordinateUnit);

/// The days of noleap, all_leap, 360_day, julian and their other names; null for other calendars.
DayNumber calendarDays(const std::string& calendar);
/// Whether two names are of one calendar: "noleap" and "365_day"; "" is standard.
bool isSameCalendar(const std::string& a, const std::string& b);
/// By the calendar's own arithmetic (CF conventions 4.4.1): noleap, all_leap, 360_day, julian and their other names. The origin is in
/// seconds since a day of that calendar, so that only units of one calendar compare. Months of 360_day are 30 days, common years of
/// noleap 365. Unset for others, for other months and years, and for dates
/// that the calendar does not have.
std::optional<CfTimeUnit> calendarUnit(const CfTimeWords& words);

}  // namespace cubeloom
