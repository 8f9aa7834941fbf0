// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of a dim by what their coordinate says: numbers, names, and dates in spans, as pandas and xarray read them.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/cf_calendar.h"
#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/op/operation.h"
#include "engine/op/view/date_parts.h"
#include "engine/op/view/longitudes.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kDay = 86400;

constexpr std::string_view kDates = "datetime";

bool isTime(const Dim& dim) { return dim.coordinate.unit.starts_with(kDates); }

std::optional<TimeSpan> spanOf(const Dim& dim, std::string_view text) {
  const DayNumber days = daysOf(dim);
  return days != nullptr ? parseTimeSpan(text, days) : parseTimeSpan(text);
}

std::string dateText(const Dim& dim, double seconds) {
  const DayNumber days = daysOf(dim);
  return days != nullptr ? formatDatetime(seconds, days) : formatDatetime(seconds);
}

std::string coordinateRange(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  constexpr std::size_t kMostNames = 6;
  if (!c.labels.empty() && !isTime(dim) && c.labels.size() <= kMostNames) return join(c.labels, ", ");
  if (!c.labels.empty()) return c.labels.front() + " .. " + c.labels.back();
  if (c.kind == Coordinate::Kind::None) return "no coordinate";
  if (isTime(dim)) return dateText(dim, c.at(0)) + " .. " + dateText(dim, c.at(dim.size - 1));
  return formatNumber(c.at(0)) + " .. " + formatNumber(c.at(dim.size - 1)) + (c.unit.empty() ? "" : " " + c.unit);
}

/// What is looked for: one value, or all between two.
struct Wanted {
  double low = 0, high = 0;
  double distance(double value) const { return value < low ? low - value : value > high ? value - high : 0; }
};

std::string textOf(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Result<Wanted> wantedTime(const Dim& dim, const std::string& text) {
  if (const auto span = spanOf(dim, text); span && span->begin && span->end) return Wanted{*span->begin, *span->end};
  return badSelection("'" + text + "' along '" + dim.name + "' is no date",
                      "write a year, month, day or time: 2022, 2022-02, 2022-02-24, 2022-02-24T10:30:00");
}

Result<Wanted> wantedValue(const Dim& dim, const Json& value) {
  const std::string text = textOf(value);
  if (isTime(dim)) return wantedTime(dim, text);
  if (value.is_number()) return Wanted{value.get<double>(), value.get<double>()};
  if (const auto number = parseNumber(text)) return Wanted{*number, *number};
  if (dim.coordinate.labels.empty()) return badSelection("'" + text + "' along '" + dim.name + "' is no number");
  return badSelection("no entry of '" + dim.name + "' is called '" + text + "' (it has " + coordinateRange(dim) + ")",
                      "names are taken as they are written, capitals too; isel selects by position");
}

/// The entries between low and high, both included.
std::vector<std::int64_t> entriesIn(const Dim& dim, double low, double high) {
  std::vector<std::int64_t> entries;
  for (std::int64_t i = 0; i < dim.size; ++i)
    if (const double value = dim.coordinate.at(i); value >= low && value <= high) entries.push_back(i);
  return entries;
}

/// A distance along the dim as people write it.
std::string distanceText(const Dim& dim, double distance) {
  if (isTime(dim)) return formatNumber(std::round(distance / kDay * 100) / 100) + " days";
  const std::string& unit = dim.coordinate.unit;
  return formatNumber(distance) + (unit.empty() || unit == "1" ? "" : " " + unit);
}

/// How far `value` is from what is wanted, by the shorter way where values go round.
double distanceTo(const Wanted& wanted, double value, const ValueRule& rule) {
  if (!rule.period) return wanted.distance(value);
  const double turns = *rule.period * std::round((wanted.low - value) / *rule.period);
  double distance = INFINITY;
  for (const double turn : {turns - *rule.period, turns, turns + *rule.period})
    distance = std::min(distance, wanted.distance(value + turn));
  return distance;
}

/// The entry nearest to `wanted`; of two as near that of the larger value, as pandas has it.
Result<DimSelection> nearestEntry(const Dim& dim, const Json& value, const Wanted& wanted, const ValueRule& rule) {
  std::int64_t best = -1;
  double bestDistance = INFINITY;
  for (std::int64_t i = 0; i < dim.size; ++i) {
    const double distance = distanceTo(wanted, dim.coordinate.at(i), rule);
    if (distance < bestDistance || (distance == bestDistance && best >= 0 && dim.coordinate.at(i) > dim.coordinate.at(best))) {
      bestDistance = distance;
      best = i;
    }
  }
  constexpr double kTurnRounding = 4e-15;  // of a period: what adding one may cost
  if (best < 0 || (!rule.nearest && bestDistance > kTurnRounding * rule.period.value_or(0)))
    return badSelection("no entry of '" + dim.name + "' is " + value.dump() + " (it has " + coordinateRange(dim) + ")",
                        "method=nearest takes the closest");
  const std::string far = "the entry of '" + dim.name + "' nearest to " + textOf(value) + " is at " + entryText(dim, best) + ", " +
                          distanceText(dim, bestDistance) + " away";
  if (rule.tolerance && bestDistance > *rule.tolerance * (isTime(dim) ? kDay : 1))
    return badSelection(far + ", more than the tolerance", "ask for a value that is there (" + coordinateRange(dim) + ")");
  DimSelection found{IndexSet::single(best), true, {}};
  if (bestDistance > axisStep(dim, best)) found.warning = far + ", more than a step of it";
  return found;
}

/// Of a span that holds no entry. A month or a year has no nearest date: the next month's entry is another month's. Of a day the nearest
/// is taken, as of an instant, but never without a word.
Result<DimSelection> nearestToSpan(const Dim& dim, const Json& value, const Wanted& span, const ValueRule& rule, bool isDay) {
  auto nearest = nearestEntry(dim, value, span, rule);
  if (!nearest || rule.tolerance) return nearest;
  const std::string at = entryText(dim, nearest->indices.at(0));
  const std::string none = "no entry of '" + dim.name + "' lies in " + textOf(value) + " (it has " + coordinateRange(dim) + ")";
  if (!isDay) return badSelection(none, "the nearest is at " + at + ": ask for that, or give a tolerance in days");
  if (nearest->warning.empty()) nearest->warning = none + "; the nearest is taken, at " + at;
  return nearest;
}

Result<DimSelection> oneValue(const Dim& dim, const Json& value, const ValueRule& rule) {
  if (value.is_string()) {  // a label (band name) matches as it stands
    const auto& labels = dim.coordinate.labels;
    const auto named = std::find(labels.begin(), labels.end(), value.get<std::string>());
    if (named != labels.end()) return DimSelection{IndexSet::single(named - labels.begin()), true, {}};
  }
  auto wanted = wantedValue(dim, value);
  if (!wanted) return fail(wanted.error());
  if (wanted->low == wanted->high) return nearestEntry(dim, value, *wanted, rule);
  // A day, month or year is all of its entries. A day of one entry is that entry.
  const bool isDay = wanted->high - wanted->low < kDay;
  std::vector<std::int64_t> inside = entriesIn(dim, wanted->low, wanted->high);
  if (inside.empty()) return nearestToSpan(dim, value, *wanted, rule, isDay);
  const bool dropsDim = isDay && inside.size() == 1;
  return DimSelection{dropsDim ? IndexSet::single(inside[0]) : IndexSet::list(std::move(inside)), dropsDim, {}};
}

using Ends = std::pair<std::string, std::string>;

/// "start:stop" or, of dates, "start/stop", whose own colons are not taken for the one between them; nothing for a single value.
Result<std::optional<Ends>> rangeEnds(const Dim& dim, const Json& selection) {
  if (!selection.is_string()) return std::optional<Ends>();
  const auto text = selection.get<std::string>();
  const char separator = isTime(dim) && text.find('/') != std::string::npos ? '/' : ':';
  const auto parts = split(text, separator);
  if (parts.size() == 1) return std::optional<Ends>();
  if (!isTime(dim)) {
    if (parts.size() != 2)
      return badSelection("'" + text + "' along '" + dim.name + "' is no start:stop range of values", "isel takes steps");
    return std::optional<Ends>({parts[0], parts[1]});
  }
  if (spanOf(dim, text) && separator == ':') return std::optional<Ends>();
  const auto isEnd = [&dim](std::string_view end) { return trim(end).empty() || spanOf(dim, end).has_value(); };
  for (std::size_t at = text.find(separator); at != std::string::npos; at = text.find(separator, at + 1))
    if (isEnd(text.substr(0, at)) && isEnd(text.substr(at + 1))) return std::optional<Ends>({text.substr(0, at), text.substr(at + 1)});
  return badSelection("'" + text + "' along '" + dim.name + "' is no range of dates", "write it as 2022-02-24:2022-03, both ends included");
}

Result<DimSelection> valuesBetween(const Dim& dim, const Ends& ends, const std::string& text, const ValueRule& rule) {
  Wanted start{-INFINITY, -INFINITY}, stop{INFINITY, INFINITY};
  for (const auto& [end, wanted] : {std::pair(trim(ends.first), &start), std::pair(trim(ends.second), &stop)}) {
    if (end.empty()) continue;
    auto read = wantedValue(dim, Json(std::string(end)));
    if (!read) return fail(read.error());
    *wanted = *read;
  }
  const bool isAscending = dim.coordinate.at(dim.size - 1) >= dim.coordinate.at(0);
  if (start.low > stop.high && rule.period && isAscending && stop.high + *rule.period >= start.low) {
    stop.high += *rule.period;  // from west to east, over the end of the axis
  } else if (start.low > stop.high) {
    std::swap(start, stop);
  }
  const auto inside = [&dim](double low, double high) { return entriesIn(dim, low, high); };
  Result<DimSelection> found = DimSelection{};
  if (rule.period) {
    found = entriesRound(dim, *rule.period, start.low, stop.high, "indexers", inside);
  } else {
    found->indices = IndexSet::list(inside(start.low, stop.high));
  }
  if (found && found->indices.isEmpty())
    return badSelection("no entry of '" + dim.name + "' lies in " + text + " (it has " + coordinateRange(dim) + ")");
  return found;
}

/// A list's entry: a value, or a range whose entries are taken where they are not there already.
Result<DimSelection> listEntry(const Dim& dim, const Json& entry, const ValueRule& rule) {
  auto ends = rangeEnds(dim, entry);
  if (!ends) return fail(ends.error());
  if (!*ends) return oneValue(dim, entry, rule);
  auto range = valuesBetween(dim, **ends, entry.get<std::string>(), rule);
  if (range && range->turn && *range->turn != 0)
    return badSelection("a list holds a range of '" + dim.name + "' in another convention than the axis's, " + entry.get<std::string>(),
                        "write its longitudes as the axis has them (" + coordinateRange(dim) + "), or select one range at a time");
  return range;
}

}  // namespace

DayNumber daysOf(const Dim& dated) {
  const std::string& unit = dated.coordinate.unit;
  return unit.size() > kDates.size() + 3 ? calendarDays(unit.substr(kDates.size() + 2, unit.size() - kDates.size() - 3)) : nullptr;
}

Dim asDates(const Dim& dim) {
  const CfTimeWords words = timeWords(dim.coordinate.unit);
  const auto unit = dim.coordinate.kind == Coordinate::Kind::None ? std::nullopt : calendarUnit(words);
  if (!unit) return dim;
  Dim dated{dim.name, dim.size, {}};
  dated.coordinate.kind = Coordinate::Kind::Values;
  dated.coordinate.unit = std::string(kDates) + " [" + words.calendar + "]";
  for (std::int64_t i = 0; i < dim.size; ++i) dated.coordinate.values.push_back(unit->toSeconds(dim.coordinate.at(i)));
  return dated;
}

std::string entryText(const Dim& dim, std::int64_t entry) {
  const Dim shown = asDates(dim);
  return isTime(shown) ? dateText(shown, shown.coordinate.at(entry)) : distanceText(shown, shown.coordinate.at(entry));
}

double axisStep(const Dim& dim, std::int64_t entry) {
  const double at = dim.coordinate.at(entry);
  if (dim.size == 1) return isTime(dim) ? kDay : std::abs(at) / 100;
  double step = 0;
  for (const std::int64_t other : {entry - 1, entry + 1}) {
    if (other < 0 || other >= dim.size) continue;
    const double beside = dim.coordinate.at(other);
    if (dim.coordinate.unit == "nm" && beside <= 0) continue;  // no wavelength: PRISMA fills its axis up with zeros
    step = std::max(step, std::abs(at - beside));
  }
  return step;
}

Result<DimSelection> selectValues(const Dim& given, const Json& selection, const ValueRule& rule) {
  const Dim dim = asDates(given);
  if (dim.coordinate.kind == Coordinate::Kind::None && dim.coordinate.labels.empty())
    return badSelection("'" + dim.name + "' has no coordinate", "isel selects by position");
  if (!selection.is_array()) {
    auto ends = rangeEnds(dim, selection);
    if (!ends) return fail(ends.error());
    return *ends ? valuesBetween(dim, **ends, selection.get<std::string>(), rule) : oneValue(dim, selection, rule);
  }
  DimSelection all;
  std::vector<std::int64_t> indices;
  for (const Json& entry : selection) {
    auto one = listEntry(dim, entry, rule);
    if (!one) return one;
    const bool isRange = !one->dropsDim;
    for (const std::int64_t i : one->indices.toVector())
      if (!isRange || std::find(indices.begin(), indices.end(), i) == indices.end()) indices.push_back(i);
    if (all.warning.empty()) all.warning = one->warning;
  }
  if (indices.empty()) return badSelection("the list for '" + dim.name + "' is empty");
  all.indices = IndexSet::list(std::move(indices));
  return all;
}

}  // namespace cubeloom
