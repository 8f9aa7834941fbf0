// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/year_groups.h"

#include <algorithm>
#include <array>

namespace cubeloom {
namespace {

constexpr std::array<const char*, 4> kSeasons{"DJF", "MAM", "JJA", "SON"};
constexpr int kMonthsOfYear = 12, kHours = 24;

/// How many groups a whole turn has.
int turnOf(const std::string& by, const TimeAxis& axis) {
  if (by == "month") return kMonthsOfYear;
  if (by == "season") return static_cast<int>(kSeasons.size());
  return by == "hour" ? kHours : axis.daysOfLongYear();
}

/// The group of a date, from 0.
int groupOf(const std::string& by, const TimeAxis& axis, double at) {
  constexpr std::int64_t kMicrosOfHour = 3600000000;
  if (by == "dayofyear") return axis.dayOfYear(at) - 1;
  const CalendarDate date = axis.date(at);
  if (by == "hour") return static_cast<int>(date.micros / kMicrosOfHour);
  return by == "month" ? date.month - 1 : date.month % kMonthsOfYear / 3;
}

/// The dim of groups that occur.
Dim dimOfGroups(const std::string& by, const std::vector<int>& numbers) {
  Dim dim{by, static_cast<std::int64_t>(numbers.size()), {}};
  for (const int number : numbers) {
    if (by == "season") {
      dim.coordinate.labels.emplace_back(kSeasons[static_cast<std::size_t>(number)]);
    } else {
      dim.coordinate.values.push_back(number + (by == "hour" ? 0 : 1));
    }
  }
  if (by == "season") return dim;
  dim.coordinate.kind = Coordinate::Kind::Values;
  dim.coordinate.type = PixelType::Int64;
  return dim;
}

}  // namespace

Result<YearGroups> yearGroups(const Params& params, const TimeAxis& axis, const std::vector<bool>& counts) {
  const std::string by = params.choice("by");
  const int turn = turnOf(by, axis);
  const std::int64_t window = params.integer("window");
  if (window % 2 == 0) return invalidParameter("window", "the window " + std::to_string(window) + " has no middle", "give an odd number");
  if (window > turn)
    return invalidParameter("window", "the window " + std::to_string(window) + " is longer than a turn, which is " + std::to_string(turn),
                            "give a smaller one");
  std::vector<int> numbers;
  for (const double at : axis.seconds) numbers.push_back(groupOf(by, axis, at));
  std::vector<int> occurring = numbers;
  std::sort(occurring.begin(), occurring.end());
  occurring.erase(std::unique(occurring.begin(), occurring.end()), occurring.end());
  YearGroups result;
  result.dim = dimOfGroups(by, occurring);
  for (const int number : numbers)
    result.ofEntry.push_back(static_cast<std::size_t>(std::lower_bound(occurring.begin(), occurring.end(), number) - occurring.begin()));
  const int reach = static_cast<int>(window / 2);
  const bool isLinear = params.choice("weights") == "linear";
  for (const int middle : occurring) {
    EntryGroup group;
    for (const std::size_t entry : axis.order) {
      const int apart = std::abs(numbers[entry] - middle), distance = std::min(apart, turn - apart);
      if (distance > reach || (!counts.empty() && !counts[entry])) continue;
      group.entries.push_back(entry);
      if (isLinear) group.weights.push_back(1 - static_cast<double>(distance) / (reach + 1));
    }
    result.groups.push_back(std::move(group));
  }
  return result;
}

std::vector<Param> yearGroupParams() {
  return {{.name = "by",
           .type = ParamType::Choice,
           .help = "What the dates have in common.",
           .defaultTo = "month",
           .choices = {"month", {"season", "DJF, MAM, JJA, SON"}, {"dayofyear", "29 February is the 60th in every year"}, "hour"}},
          {.name = "window",
           .type = ParamType::Integer,
           .help = "How many neighbouring months, seasons, days or hours are taken together, an odd number; over new year, too.",
           .defaultTo = 1,
           .minimum = 1,
           .maximum = 365,
           .uiMaximum = 61},
          {.name = "weights",
           .type = ParamType::Choice,
           .help = "How they count in a window.",
           .defaultTo = "uniform",
           .choices = {{"uniform", "all alike"}, {"linear", "less with the distance, to nothing just beyond the window"}},
           .advanced = true}};
}

std::string yearKeyPython() {
  return "{?by=dayofyear:(array[{dim|'time'}].dt.dayofyear + ((array[{dim|'time'}].dt.dayofyear > 59) & "
         "~array[{dim|'time'}].dt.is_leap_year)).rename('dayofyear')?}{?!by=dayofyear:array[{dim|'time'}].dt.{by:word}?}";
}

std::string yearStatisticPython(const std::string& statistic) {
  const std::string minCount = "{?statistic=sum:min_count=1?}", seasons = "['DJF', 'MAM', 'JJA', 'SON']";
  const bool takesSum = statistic.starts_with("{");
  const std::string apart = "abs((key - k + n // 2) % n - n // 2)";
  const std::string near = "array.where(" + apart + " <= {window} // 2)";
  return "{?window=1:array.groupby(" + yearKeyPython() + ")." + statistic + "(" + (takesSum ? minCount : "") + ")" +
         "{?by=season:.sel(season=[s for s in " + seasons + " if s in array[{dim|'time'}].dt.season])?}" +
         "{?!min_count=1:.where(array.groupby(" + yearKeyPython() + ").count() >= {min_count})?}?}" +
         "{?!window=1:(lambda key, n: xarray.concat([" + "{?weights=uniform:" + near + "." + statistic + "({dim|'time'}" +
         (takesSum ? "{?statistic=sum:, min_count=1?}" : "") + ")?}" + "{?weights=linear:array.weighted((1 - " + apart +
         " / ({window} // 2 + 1)).clip(min=0))." + statistic + "({dim|'time'})?}{?!min_count=1:.where(" + near +
         ".count({dim|'time'}) >= {min_count})?} for k in numpy.unique(key)], pandas.Index({?by=season:numpy.array(" + seasons +
         ")[numpy.unique(key)]?}{?!by=season:numpy.unique(key)?}, name={by})))({?by=season:array[{dim|'time'}].dt.month % 12 // "
         "3?}{?!by=season:" +
         yearKeyPython() + "?}, {?by=month:12?}{?by=season:4?}{?by=dayofyear:366?}{?by=hour:24?})?}";
}

}  // namespace cubeloom
