// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/cf_calendar.h"

#include <array>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// A year of twelve months of the usual lengths, with or without 29 February; `before`: days of all years before it.
std::optional<std::int64_t> dayOfYear(std::int64_t before, bool isLeap, int month, int day) {
  const std::array<int, 12> lengths{31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > lengths[static_cast<std::size_t>(month) - 1]) return std::nullopt;
  std::int64_t number = before + day - 1;
  for (int m = 1; m < month; ++m) number += lengths[static_cast<std::size_t>(m) - 1];
  return number;
}

std::optional<std::int64_t> noLeapDay(int year, int month, int day) { return dayOfYear(std::int64_t{365} * year, false, month, day); }
std::optional<std::int64_t> allLeapDay(int year, int month, int day) { return dayOfYear(std::int64_t{366} * year, true, month, day); }
std::optional<std::int64_t> julianDay(int year, int month, int day) {
  if (year == 0) return std::nullopt;  // the year before 1 is -1
  return dayOfYear(std::int64_t{365} * year + (year + 3) / 4, year % 4 == 0, month, day);
}
std::optional<std::int64_t> day360(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > 30) return std::nullopt;
  return std::int64_t{360} * year + 30 * (month - 1) + day - 1;
}

/// One name of each calendar.
std::string calendarName(const std::string& calendar) {
  std::string name = toLower(trim(calendar));
  if (name.empty() || name == "gregorian") return "standard";
  if (name == "365_day") return "noleap";
  if (name == "366_day") return "all_leap";
  return name;
}

}  // namespace

std::string coordinateUnit(const CfTimeWords& words) {
  const bool isPlain = words.calendar.empty() && !words.units.ends_with("]");
  return isPlain || !looksLikeCfTime(words.units) ? words.units : words.units + " [" + words.calendar + "]";
}

CfTimeWords timeWords(const std::string& coordinateUnit) {
  const std::size_t bracket = coordinateUnit.rfind(" [");
  if (bracket == std::string::npos || coordinateUnit.back() != ']' || !looksLikeCfTime(coordinateUnit)) return {coordinateUnit, {}};
  return {coordinateUnit.substr(0, bracket), coordinateUnit.substr(bracket + 2, coordinateUnit.size() - bracket - 3)};
}

bool isSameCalendar(const std::string& a, const std::string& b) { return calendarName(a) == calendarName(b); }

DayNumber calendarDays(const std::string& calendar) {
  const std::string name = calendarName(calendar);
  if (name == "noleap") return noLeapDay;
  if (name == "all_leap") return allLeapDay;
  if (name == "360_day") return day360;
  return name == "julian" ? julianDay : nullptr;
}

std::optional<CfTimeUnit> calendarUnit(const CfTimeWords& words) {
  const DayNumber days = calendarDays(words.calendar);
  if (days == nullptr) return std::nullopt;
  if (const auto unit = cfTimeUnit(words.units, days)) return unit;
  // What is of no one length in the world's calendar is so in these (as cftime has it).
  const std::string lower = toLower(words.units);
  const std::size_t since = lower.find(" since ");
  const std::string name(trim(lower.substr(0, since))), kind = calendarName(words.calendar);
  const int length = kind == "360_day" && (name == "month" || name == "months")              ? 30
                     : kind == "noleap" && (name == "common_year" || name == "common_years") ? 365
                                                                                             : 0;
  if (since == std::string::npos || length == 0) return std::nullopt;
  auto unit = cfTimeUnit("days" + words.units.substr(since), days);
  if (unit) unit->secondsPerUnit *= length;
  return unit;
}

}  // namespace cubeloom
