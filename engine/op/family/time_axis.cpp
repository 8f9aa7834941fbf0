// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/time_axis.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/cf_calendar.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kSecondsOfDay = 86400;
constexpr int kMonths = 12;
constexpr const char* kDateUnit = "datetime";

bool hasDates(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  return c.kind != Coordinate::Kind::None && (c.unit == kDateUnit || calendarUnit(timeWords(c.unit)));
}

std::int64_t floorDiv(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

double TimeAxis::midnight(double at) const { return std::floor(at / kSecondsOfDay) * kSecondsOfDay; }

double TimeAxis::monthDay(std::int64_t month, int day) const {
  const std::int64_t year = floorDiv(month, kMonths);
  return static_cast<double>(days(static_cast<int>(year), static_cast<int>(month - year * kMonths) + 1, day).value_or(0)) * kSecondsOfDay;
}

std::int64_t TimeAxis::monthOf(double at) const {
  const CalendarDate day = date(at);
  return std::int64_t{kMonths} * day.year + day.month - 1;
}

int TimeAxis::dayOfYear(double at) const {
  const CalendarDate day = date(at);
  const double begin = monthDay(std::int64_t{kMonths} * day.year, 1), next = monthDay(std::int64_t{kMonths} * (day.year + 1), 1);
  const int length = static_cast<int>((next - begin) / kSecondsOfDay);
  return static_cast<int>((midnight(at) - begin) / kSecondsOfDay) + 1 + (day.month > 2 ? daysOfLongYear() - length : 0);
}

int TimeAxis::daysOfLongYear() const {
  int most = 0;
  for (int year = 2000; year < 2004; ++year)
    most = std::max(most, static_cast<int>((monthDay(kMonths * (year + 1), 1) - monthDay(kMonths * year, 1)) / kSecondsOfDay));
  return most;
}

double TimeAxis::secondsOfYear() const { return (monthDay(2400 * kMonths, 1) - monthDay(2000 * kMonths, 1)) / 400; }

Dim TimeAxis::withDates(const std::vector<double>& dates) const {
  Dim dim{along.name, static_cast<std::int64_t>(dates.size()), {}};
  Coordinate& c = dim.coordinate;
  c.kind = Coordinate::Kind::Values;
  c.unit = along.coordinate.unit;
  c.attributes = along.coordinate.attributes;
  c.attributes.erase("bounds");
  if (calendar.empty()) {
    c.values = dates;
    for (const double at : dates) c.labels.push_back(formatDatetime(at));
    return dim;
  }
  const CfTimeUnit unit = *calendarUnit(timeWords(c.unit));
  for (const double at : dates) c.values.push_back((at - unit.originSeconds) / unit.secondsPerUnit);
  return dim;
}

std::string TimeAxis::text(double at) const { return calendar.empty() ? formatDatetime(at) : formatDatetime(at, days); }

Param timeDimParam() { return {.name = "dim", .type = ParamType::Text, .help = "Along which dim; by default time.", .advanced = true}; }

Result<int> timeDimOf(const Params& params, const ArraySpec& input) {
  const std::string name = params.text("dim");
  int dim = input.indexOf(name.empty() ? "time" : name);
  if (name.empty() && dim < 0) {
    const auto dated = std::find_if(input.dims.begin(), input.dims.end(), hasDates);
    const bool isOnly = std::count_if(input.dims.begin(), input.dims.end(), hasDates) == 1;
    if (isOnly) dim = static_cast<int>(dated - input.dims.begin());
  }
  if (dim >= 0) return dim;
  return invalidParameter("dim", name.empty() ? "the array has no dim 'time' (" + dimList(input) + ")" : "there is no dim '" + name + "'",
                          name.empty()
                              ? "name the one that is meant; `open` makes one of files with dates in their names: open 'scene_*.tif'"
                              : "its dims are " + dimList(input));
}

Result<int> seriesDimOf(const Params& params, const ArraySpec& input) {
  auto dim = timeDimOf(params, input);
  if (!dim || !hasDates(input.dims[static_cast<std::size_t>(*dim)])) return dim;
  const auto axis = timeAxisOf(input.dims[static_cast<std::size_t>(*dim)], "dim");
  if (!axis) return fail(axis.error());
  return dim;
}

Result<TimeAxis> timeAxisOf(const Params& params, const ArraySpec& input) {
  const auto dim = timeDimOf(params, input);
  if (!dim) return fail(dim.error());
  auto axis = timeAxisOf(input.dims[static_cast<std::size_t>(*dim)], "dim");
  if (axis) axis->dim = *dim;
  return axis;
}

Result<TimeAxis> timeAxisOf(const Dim& dim, const std::string& parameter) {
  const std::string named = "'" + dim.name + "'";
  if (!hasDates(dim)) {
    const std::string& unit = dim.coordinate.unit;
    return invalidParameter(
        parameter, named + " has no dates" + (unit.empty() ? "" : ", its unit is \"" + unit + "\""),
        "name a dim that has; dates are read from CF's time coordinates and from the names of files that are opened together");
  }
  TimeAxis axis;
  axis.along = dim;
  const Dim dated = asDates(dim);
  if (dated.coordinate.unit != kDateUnit) {
    axis.calendar = timeWords(dim.coordinate.unit).calendar;
    axis.days = calendarDays(axis.calendar);
  }
  for (std::int64_t i = 0; i < dim.size; ++i) {
    axis.seconds.push_back(dated.coordinate.at(i));
    if (!std::isfinite(axis.seconds.back()))
      return invalidParameter(parameter, "entry " + std::to_string(i) + " of " + named + " has no date", "leave it out with isel");
  }
  const auto& at = axis.seconds;
  if (at.empty()) return invalidParameter(parameter, named + " has no entries", "select some");
  axis.order.resize(at.size());
  std::iota(axis.order.begin(), axis.order.end(), std::size_t{0});
  const bool falls = at.front() > at.back();
  if (falls) std::reverse(axis.order.begin(), axis.order.end());
  for (std::size_t i = 1; i < at.size(); ++i)
    if (at[axis.order[i]] < at[axis.order[i - 1]])
      return invalidParameter(
          parameter,
          "the dates of " + named + " are not in order: " + axis.text(at[axis.order[i]]) + " follows " + axis.text(at[axis.order[i - 1]]),
          "add sortby dim=" + dim.name + " before");
  return axis;
}

}  // namespace cubeloom
