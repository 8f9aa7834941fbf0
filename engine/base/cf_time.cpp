// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/cf_time.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kSecondsPerDay = 86400;

/// The instant of a date and time of day that was read by the Gregorian rule but is one of the Julian calendar.
double fromJulian(double seconds) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<std::int64_t>(std::floor(seconds / kSecondsPerDay))}}};
  const int year = static_cast<int>(date.year()) - (static_cast<unsigned>(date.month()) <= 2 ? 1 : 0);
  const auto century = static_cast<int>(std::floor(year / 100.0));
  return seconds + kSecondsPerDay * (century - static_cast<int>(std::floor(century / 4.0)) - 2);
}

/// A day of the standard calendar, of which fromJulian() finds the place.
std::optional<std::int64_t> standardDay(int year, int month, int day) {
  const bool isSkipped = year == 1582 && month == 10 && day > 4 && day < 15;
  return year == 0 || isSkipped ? std::nullopt : gregorianDay(year, month, day);
}

/// The length of a unit of time by its name.
std::optional<double> unitSeconds(std::string_view name) {
  struct Named {
    std::string_view singular;
    double seconds;
  };
  static constexpr std::array<Named, 20> kUnits{
      {{"day", kSecondsPerDay}, {"d", kSecondsPerDay}, {"hour", 3600},    {"hr", 3600}, {"h", 3600},
       {"minute", 60},          {"min", 60},           {"second", 1},     {"sec", 1},   {"s", 1},
       {"millisecond", 1e-3},   {"millisec", 1e-3},    {"msec", 1e-3},    {"ms", 1e-3}, {"microsecond", 1e-6},
       {"microsec", 1e-6},      {"nanosecond", 1e-9},  {"nanosec", 1e-9}, {"ns", 1e-9}, {"week", 7 * kSecondsPerDay}}};
  const std::string lower = toLower(trim(name));
  for (const Named& unit : kUnits)
    if (lower == unit.singular || (unit.singular.size() > 1 && lower == std::string(unit.singular) + "s")) return unit.seconds;
  return std::nullopt;
}

}  // namespace

double CfTimeUnit::toSeconds(double value) const { return std::round((originSeconds + value * secondsPerUnit) * 1e6) / 1e6; }

bool isMixedCalendar(std::string_view calendar) {
  const std::string kind = toLower(trim(calendar));
  return kind.empty() || kind == "standard" || kind == "gregorian";
}

bool looksLikeCfTime(std::string_view units) { return toLower(units).find(" since ") != std::string::npos; }

std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, std::string_view calendar) {
  const bool isMixed = isMixedCalendar(calendar);
  if (!isMixed && toLower(trim(calendar)) != "proleptic_gregorian") return std::nullopt;
  auto unit = cfTimeUnit(units, isMixed ? standardDay : gregorianDay);
  if (unit && isMixed && unit->originSeconds < kGregorianStart) unit->originSeconds = fromJulian(unit->originSeconds);
  return unit;
}

Result<std::vector<double>> cfCalendarSteps(std::string_view units, std::string_view calendar, const std::vector<double>& values) {
  constexpr int kMonthsOfYear = 12;
  constexpr double kMostSteps = 1e5;
  const auto unread = [](std::string why) { return fail(ErrorCode::UnsupportedType, std::move(why)); };
  const std::string lower = toLower(units);
  const std::size_t since = lower.find(" since ");
  const std::string name(trim(lower.substr(0, since)));
  const bool isMonths = name == "month" || name == "months";
  if (since == std::string::npos || (!isMonths && name != "year" && name != "years")) return unread("its unit is no known one");
  // The days of the unit are those of "days since".
  const auto origin = cfTimeUnit("days" + std::string(units.substr(since)), calendar);
  if (!origin) return unread("its origin is no date of the calendar, or the calendar is not the world's");
  const auto isJulian = [&calendar](double seconds) { return isMixedCalendar(calendar) && seconds < kGregorianStart; };
  const Failure beforeGregorian = unread("it reaches before 1582-10-15, where the standard calendar is the Julian one");
  if (isJulian(origin->originSeconds)) return beforeGregorian;
  const double midnight = std::floor(origin->originSeconds / kSecondsPerDay);
  const std::chrono::year_month_day first{std::chrono::sys_days{std::chrono::days{static_cast<std::int64_t>(midnight)}}};
  std::vector<double> seconds;
  seconds.reserve(values.size());
  for (const double value : values) {
    if (std::isnan(value)) {
      seconds.push_back(value);
      continue;
    }
    if (value != std::round(value)) return unread("months and years are of no one length, so a part of one is no date");
    if (std::abs(value) > kMostSteps) return unread("it counts more than " + formatNumber(kMostSteps) + " of them");
    const std::chrono::year_month_day date = first + std::chrono::months{static_cast<int>(value) * (isMonths ? 1 : kMonthsOfYear)};
    if (!date.ok()) {
      const std::string day = formatNumber(static_cast<unsigned>(first.day()));
      return unread(formatNumber(value) + " " + name + " after its origin comes a month without a day " + day);
    }
    const auto days = static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count());
    seconds.push_back(origin->originSeconds + (days - midnight) * kSecondsPerDay);
    if (isJulian(seconds.back())) return beforeGregorian;
  }
  return seconds;
}

std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, DayNumber dayNumber) {
  const std::size_t since = toLower(units).find(" since ");
  if (since == std::string::npos) return std::nullopt;
  const auto seconds = unitSeconds(units.substr(0, since));
  const auto origin = parseDatetime(units.substr(since + 7), dayNumber);
  if (!seconds || !origin) return std::nullopt;
  return CfTimeUnit{*seconds, *origin};
}

}  // namespace cubeloom
