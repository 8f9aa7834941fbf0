// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/year_groups.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"

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

/// The groups that occur, and that of each entry.
struct Occurring {
  std::vector<int> numbers;  ///< rising
  std::vector<std::size_t> ofEntry;

  /// One group of all.
  explicit Occurring(std::size_t entries) : numbers{0}, ofEntry(entries, 0) {}
  Occurring(const std::string& by, const TimeAxis& axis) {
    std::vector<int> all;
    all.reserve(axis.seconds.size());
    for (const double at : axis.seconds) all.push_back(groupOf(by, axis, at));
    numbers = all;
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    ofEntry.reserve(all.size());
    for (const int number : all)
      ofEntry.push_back(static_cast<std::size_t>(std::lower_bound(numbers.begin(), numbers.end(), number) - numbers.begin()));
  }
};

}  // namespace

Result<YearGroups> yearGroups(const Params& params, const TimeAxis& axis, const std::vector<bool>& counts) {
  const std::vector<std::string> words = split(params.choice("by"), ',');
  const std::string& by = words.front();
  const int turn = turnOf(by, axis);
  const std::int64_t window = params.integer("window");
  if (window % 2 == 0) return invalidParameter("window", "the window " + std::to_string(window) + " has no middle", "give an odd number");
  if (window > turn)
    return invalidParameter("window", "the window " + std::to_string(window) + " is longer than a turn, which is " + std::to_string(turn),
                            "give a smaller one");
  const Occurring places(by, axis);
  const Occurring lanes = words.size() > 1 ? Occurring(words[1], axis) : Occurring(axis.seconds.size());
  YearGroups result;
  result.dims.push_back(dimOfGroups(by, places.numbers));
  if (words.size() > 1) result.dims.push_back(dimOfGroups(words[1], lanes.numbers));
  const std::size_t laneCount = lanes.numbers.size();
  for (std::size_t i = 0; i < axis.seconds.size(); ++i) result.ofEntry.push_back(places.ofEntry[i] * laneCount + lanes.ofEntry[i]);
  const int reach = static_cast<int>(window / 2);
  TurnWindows& windows = result.windows;
  windows.turn = static_cast<std::size_t>(turn);
  windows.lanes = laneCount;
  windows.reach = static_cast<std::size_t>(reach);
  windows.isLinear = params.choice("weights") == "linear";
  const auto place = [&](std::size_t entry) { return places.numbers[places.ofEntry[entry]]; };
  for (const std::size_t entry : axis.order) {
    if (!counts.empty() && !counts[entry]) continue;
    windows.order.push_back(entry);
    windows.cellOf.push_back(lanes.ofEntry[entry] * windows.turn + static_cast<std::size_t>(place(entry)));
  }
  for (const int middle : places.numbers)
    for (std::size_t lane = 0; lane < laneCount; ++lane) {
      EntryGroup group;
      for (const std::size_t entry : windows.order) {
        const int apart = std::abs(place(entry) - middle), distance = std::min(apart, turn - apart);
        if (distance > reach || lanes.ofEntry[entry] != lane) continue;
        group.entries.push_back(entry);
        if (windows.isLinear) group.weights.push_back(1 - static_cast<double>(distance) / (reach + 1));
      }
      result.groups.push_back(std::move(group));
      windows.cellOfResult.push_back(lane * windows.turn + static_cast<std::size_t>(middle));
    }
  return result;
}

std::shared_ptr<const DimKernel> yearStatistics(const YearGroups& years, GroupStatistic statistic, std::size_t minCount) {
  const bool isSum = statistic == GroupStatistic::Sum;
  if (years.windows.reach == 0 || !(isSum || statistic == GroupStatistic::Mean)) return groupStatistics(years.groups, statistic, minCount);
  TurnWindows windows = years.windows;
  windows.isSum = isSum;
  windows.minCount = minCount;
  return turnWindowKernel(std::move(windows));
}

std::string groupWords(const std::string& by) {
  std::string words = join(split(by, ','), " and ");
  if (by.starts_with("dayofyear")) words.replace(0, std::string("dayofyear").size(), "day of the year");
  return words;
}

std::vector<Param> yearGroupParams() {
  return {{.name = "by",
           .type = ParamType::Choice,
           .help = "What the dates have in common.",
           .defaultTo = "month",
           .choices = {"month",
                       {"season", "DJF, MAM, JJA, SON"},
                       {"dayofyear", "29 February is the 60th in every year"},
                       "hour",
                       {"month,hour", "each hour of the day in each month"},
                       {"season,hour", "each hour of the day in each season"},
                       {"dayofyear,hour", "each hour of the day on each day of the year"}}},
          {.name = "window",
           .type = ParamType::Integer,
           .help = "How many neighbouring months, seasons, days or hours are taken together, an odd number; over new year, too. Beside an "
                   "hour, of the months, seasons or days.",
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

std::string withOneKeyPython(const std::string& form) { return "{?by=month,season,dayofyear,hour:" + form + "?}"; }

}  // namespace cubeloom
