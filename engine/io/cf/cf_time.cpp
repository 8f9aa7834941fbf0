// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_time.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kDay = 86400;
/// The first day of the Gregorian calendar, 1582-10-15: before it, CF's standard calendar is the Julian one.
constexpr double kGregorianStart = -12219292800.0;

std::optional<std::int64_t> gregorianDay(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

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
    double value = 0, unit = 0.1;
    for (; peekDigit(); unit /= 10, m_text.remove_prefix(1)) value += unit * (m_text.front() - '0');
    return value;
  }
  void skipBlanks() { m_text = trim(m_text); }

 private:
  std::string_view m_text;
};

/// "12", "12:00", "12:00:30.5", "120030" as seconds of the day.
std::optional<double> timeOfDay(Reader& reader) {
  const auto hour = reader.digits(1, 2);
  if (!hour || *hour > 24) return std::nullopt;
  double seconds = *hour * 3600.0;
  const bool colons = reader.take(':');
  if (!colons && !reader.peekDigit()) return seconds;
  const auto minute = reader.digits(1, 2);
  if (!minute || *minute > 59) return std::nullopt;
  seconds += *minute * 60.0;
  if (colons ? !reader.take(':') : !reader.peekDigit()) return seconds;
  const auto second = reader.digits(1, 2);
  if (!second || *second > 60) return std::nullopt;
  seconds += *second;
  if (reader.take('.')) seconds += reader.fraction();
  return seconds;
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

/// The instant of a date and time of day that was read by the Gregorian rule but is one of the Julian calendar.
double fromJulian(double seconds) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{static_cast<std::int64_t>(std::floor(seconds / kDay))}}};
  const int year = static_cast<int>(date.year()) - (static_cast<unsigned>(date.month()) <= 2 ? 1 : 0);
  const auto century = static_cast<int>(std::floor(year / 100.0));
  return seconds + kDay * (century - static_cast<int>(std::floor(century / 4.0)) - 2);
}

/// The length of a unit of time by its name.
std::optional<double> unitSeconds(std::string_view name) {
  struct Named {
    std::string_view singular;
    double seconds;
  };
  static constexpr std::array<Named, 17> kUnits{{{"day", kDay},
                                                 {"d", kDay},
                                                 {"hour", 3600},
                                                 {"hr", 3600},
                                                 {"h", 3600},
                                                 {"minute", 60},
                                                 {"min", 60},
                                                 {"second", 1},
                                                 {"sec", 1},
                                                 {"s", 1},
                                                 {"millisecond", 1e-3},
                                                 {"millisec", 1e-3},
                                                 {"msec", 1e-3},
                                                 {"ms", 1e-3},
                                                 {"microsecond", 1e-6},
                                                 {"microsec", 1e-6},
                                                 {"week", 7 * kDay}}};
  const std::string lower = toLower(trim(name));
  for (const Named& unit : kUnits)
    if (lower == unit.singular || (unit.singular.size() > 1 && lower == std::string(unit.singular) + "s")) return unit.seconds;
  return std::nullopt;
}

}  // namespace

double CfTimeUnit::toSeconds(double value) const { return std::round((originSeconds + value * secondsPerUnit) * 1e6) / 1e6; }

bool looksLikeCfTime(std::string_view units) { return toLower(units).find(" since ") != std::string::npos; }

std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, std::string_view calendar) {
  const std::string kind = toLower(trim(calendar));
  const bool isMixed = kind.empty() || kind == "standard" || kind == "gregorian";
  if (!isMixed && kind != "proleptic_gregorian") return std::nullopt;
  auto unit = cfTimeUnit(units, gregorianDay);
  if (unit && isMixed && unit->originSeconds < kGregorianStart) unit->originSeconds = fromJulian(unit->originSeconds);
  return unit;
}

std::optional<CfTimeUnit> cfTimeUnit(std::string_view units, DayNumber dayNumber) {
  const std::size_t since = toLower(units).find(" since ");
  if (since == std::string::npos) return std::nullopt;
  const auto seconds = unitSeconds(units.substr(0, since));
  const auto origin = parseDateTime(units.substr(since + 7), dayNumber);
  if (!seconds || !origin) return std::nullopt;
  return CfTimeUnit{*seconds, *origin};
}

std::optional<double> parseDateTime(std::string_view text) { return parseDateTime(text, gregorianDay); }

std::optional<double> parseDateTime(std::string_view text, DayNumber dayNumber) {
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
  double seconds = static_cast<double>(*number) * kDay;
  const bool separated = reader.take('T') || reader.take('t') || reader.take(' ');
  reader.skipBlanks();
  if (separated && reader.peekDigit()) {
    const auto time = timeOfDay(reader);
    if (!time) return std::nullopt;
    seconds += *time;
  }
  reader.skipBlanks();
  const auto east = zone(reader);
  if (!east || !reader.isDone()) return std::nullopt;
  return seconds - *east;
}

std::string formatDateTime(double seconds) {
  // Beyond these years the calendar arithmetic ends; a number is still an answer.
  if (!std::isfinite(seconds) || std::abs(seconds) > 9e11) return formatNumber(seconds);
  const auto micros = static_cast<std::int64_t>(std::llround(seconds * 1e6));
  constexpr std::int64_t kMicros = 1000000, kDayMicros = 86400 * kMicros;
  const std::int64_t dayNumber = micros / kDayMicros - (micros % kDayMicros < 0 ? 1 : 0);
  const std::int64_t inDay = micros - dayNumber * kDayMicros;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{dayNumber}}};
  std::array<char, 64> text{};
  const auto second = static_cast<int>(inDay / kMicros);
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600, second / 60 % 60, second % 60);
  std::string result = text.data();
  if (const auto fraction = static_cast<int>(inDay % kMicros); fraction != 0) {
    std::snprintf(text.data(), text.size(), ".%06d", fraction);
    result += text.data();
    while (result.back() == '0') result.pop_back();
  }
  return result + "Z";
}

}  // namespace cubeloom
