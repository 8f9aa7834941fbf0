// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr_time.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kDay = 86400;

/// Days since 1970-01-01 of a civil date, proleptic Gregorian (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
std::int64_t daysFromCivil(std::int64_t year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yearOfEra = y - era * 400;
  const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

/// The same of a date of the Julian calendar.
std::int64_t daysFromJulian(std::int64_t year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 3) / 4;
  const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 1461 + (y - era * 4) * 365 + dayOfYear - 719470;
}

/// A number without sign at the start of `text`, which loses it.
std::optional<double> takeNumber(std::string_view& text, bool fraction) {
  std::size_t n = 0;
  while (n < text.size() && n < 12 && ((text[n] >= '0' && text[n] <= '9') || (fraction && text[n] == '.'))) ++n;
  const auto number = n > 0 ? parseNumber(text.substr(0, n)) : std::nullopt;
  text.remove_prefix(n);
  return number;
}

bool takeCharacter(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "12:30:00.5", "12:30", "12" with an optional zone "Z", "UTC", "+01:00", "-8", in seconds; nothing when it is something else.
std::optional<double> clockSeconds(std::string_view text) {
  double seconds = 0;
  text = trim(text);
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    double unit = 3600;
    do {
      const auto number = takeNumber(text, unit == 1);
      if (!number) return std::nullopt;
      seconds += *number * unit;
      unit /= 60;
    } while (unit >= 1 && takeCharacter(text, ":"));
  }
  text = trim(text);
  if (text.empty() || text == "Z" || text == "UTC" || text == "GMT") return seconds;
  const bool west = text[0] == '-';
  if (!takeCharacter(text, "+-")) return std::nullopt;
  const auto hours = takeNumber(text, false);
  if (!hours) return std::nullopt;
  double zone = *hours * 3600;
  if (*hours > 99) zone = std::floor(*hours / 100) * 3600 + std::fmod(*hours, 100) * 60;
  if (takeCharacter(text, ":")) {
    const auto minutes = takeNumber(text, false);
    if (!minutes) return std::nullopt;
    zone += *minutes * 60;
  }
  if (!trim(text).empty()) return std::nullopt;
  return west ? seconds + zone : seconds - zone;
}

std::optional<double> unitSeconds(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, double>, 29> kUnits{{
      {"microseconds", 1e-6},
      {"microsecond", 1e-6},
      {"us", 1e-6},
      {"nanoseconds", 1e-9},
      {"ns", 1e-9},
      {"milliseconds", 1e-3},
      {"millisecond", 1e-3},
      {"msec", 1e-3},
      {"ms", 1e-3},
      {"seconds", 1},
      {"second", 1},
      {"secs", 1},
      {"sec", 1},
      {"s", 1},
      {"minutes", 60},
      {"minute", 60},
      {"mins", 60},
      {"min", 60},
      {"hours", 3600},
      {"hour", 3600},
      {"hrs", 3600},
      {"hr", 3600},
      {"h", 3600},
      {"days", kDay},
      {"day", kDay},
      {"d", kDay},
      {"weeks", 7 * kDay},
      {"week", 7 * kDay},
      {"nanosecond", 1e-9},
  }};
  for (const auto& [known, seconds] : kUnits)
    if (name == known) return seconds;
  return std::nullopt;
}

}  // namespace

bool isTimeUnit(std::string_view units) { return toLower(units).find(" since ") != std::string::npos; }

std::optional<ZarrTimeUnit> zarrTimeUnit(std::string_view units, std::string_view calendar) {
  const std::string kind = toLower(trim(calendar));
  const bool mixed = kind.empty() || kind == "standard" || kind == "gregorian";
  if (!mixed && kind != "proleptic_gregorian") return std::nullopt;
  const std::size_t since = toLower(units).find(" since ");
  if (since == std::string::npos) return std::nullopt;
  const auto step = unitSeconds(toLower(trim(units.substr(0, since))));
  if (!step) return std::nullopt;
  std::string_view date = trim(units.substr(since + 7));
  const auto year = takeNumber(date, false);
  if (!year || !takeCharacter(date, "-")) return std::nullopt;
  const auto month = takeNumber(date, false);
  if (!month || *month < 1 || *month > 12 || !takeCharacter(date, "-")) return std::nullopt;
  const auto day = takeNumber(date, false);
  if (!day || *day < 1 || *day > 31) return std::nullopt;
  takeCharacter(date, "T");
  const auto clock = clockSeconds(date);
  if (!clock) return std::nullopt;
  const auto y = static_cast<std::int64_t>(*year);
  const int m = static_cast<int>(*month), d = static_cast<int>(*day);
  const bool julian = mixed && std::pair(y * 100 + m, d) < std::pair(std::int64_t{158210}, 15);
  const std::int64_t days = julian ? daysFromJulian(y, m, d) : daysFromCivil(y, m, d);
  return ZarrTimeUnit{static_cast<double>(days) * kDay + *clock, *step};
}

std::string isoDatetime(double seconds) {
  // Beyond the year 9999 there is no common way to write it.
  if (!(std::abs(seconds) < 253402300800.0)) return "NaT";
  double days = std::floor(seconds / kDay);
  double rest = std::round((seconds - days * kDay) * 1e6) / 1e6;
  if (rest >= kDay) {
    rest -= kDay;
    days += 1;
  }
  const auto shifted = static_cast<std::int64_t>(days) + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t dayOfEra = shifted - era * 146097;
  const std::int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const std::int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const std::int64_t monthFromMarch = (5 * dayOfYear + 2) / 153;
  const int day = static_cast<int>(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1);
  const int month = static_cast<int>(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9);
  const auto year = static_cast<int>(yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
  const int whole = static_cast<int>(rest);
  const auto micros = static_cast<int>(std::lround((rest - whole) * 1e6));
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, whole / 3600, whole / 60 % 60, whole % 60);
  std::string iso = text.data();
  if (micros > 0) {
    std::snprintf(text.data(), text.size(), ".%06d", micros);
    iso += text.data();
  }
  return iso + "Z";
}

}  // namespace cubeloom
