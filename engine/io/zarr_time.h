// SPDX-License-Identifier: GPL-3.0-or-later
// CF's times, "days since 2022-01-01", as seconds since 1970-01-01T00:00:00 UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cubeloom {

/// What a CF time unit means: seconds = epoch + number * step.
struct ZarrTimeUnit {
  double epochSeconds = 0;
  double stepSeconds = 1;
  double toSeconds(double number) const { return epochSeconds + number * stepSeconds; }
};

/// Whether `units` is a time unit at all ("... since ...").
bool isTimeUnit(std::string_view units);

/// From `units` and `calendar` (empty: standard). Nothing when the unit is not of fixed length (months, years), the date is not understood,
/// or the calendar is not that of the world (360_day, noleap): such times stay numbers. The standard calendar is Julian before 1582-10-15,
/// but times are only understood when they all lie after.
std::optional<ZarrTimeUnit> zarrTimeUnit(std::string_view units, std::string_view calendar);

/// "2022-02-24T18:30:00Z"; fractions of a second to the microsecond where there are any; "NaT" for NaN.
std::string isoDatetime(double seconds);

}  // namespace cubeloom
