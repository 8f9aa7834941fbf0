// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/selection.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

Failure badSelection(const std::string& message, const std::string& hint = {}) { return invalidParameter("indexers", message, hint); }

Result<std::int64_t> position(const Dim& dim, std::int64_t index) {
  const std::int64_t i = index < 0 ? index + dim.size : index;
  if (i < 0 || i >= dim.size)
    return badSelection("index " + std::to_string(index) + " of '" + dim.name + "' is outside 0.." + std::to_string(dim.size - 1),
                        "'" + dim.name + "' has " + std::to_string(dim.size) + " entries");
  return i;
}

Result<DimSelection> slice(const Dim& dim, const std::string& text) {
  const auto parts = split(text, ':');
  if (parts.size() == 1) {
    const auto index = parseInteger(text);
    if (!index) return badSelection("'" + text + "' along '" + dim.name + "' is no index and no start:stop[:step]");
    auto at = position(dim, *index);
    if (!at) return fail(at.error());
    return DimSelection{IndexSet::single(*at), true};
  }
  std::array<std::optional<std::int64_t>, 3> numbers;
  if (parts.size() > 3) return badSelection("'" + text + "' along '" + dim.name + "' has more than start:stop:step");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (trim(parts[i]).empty()) continue;
    numbers[i] = parseInteger(parts[i]);
    if (!numbers[i]) return badSelection("'" + parts[i] + "' in the slice '" + text + "' along '" + dim.name + "' is no whole number");
  }
  const std::int64_t step = numbers[2].value_or(1);
  if (step == 0) return badSelection("the slice '" + text + "' along '" + dim.name + "' has step 0");
  // Python's rule: bounds are clipped, negative ones count from the end.
  const auto bound = [&dim, step](std::optional<std::int64_t> given, std::int64_t otherwise) {
    if (!given) return otherwise;
    const std::int64_t lowest = step > 0 ? 0 : -1;
    const std::int64_t highest = step > 0 ? dim.size : dim.size - 1;
    return std::clamp(*given < 0 ? *given + dim.size : *given, lowest, highest);
  };
  const std::int64_t start = bound(numbers[0], step > 0 ? 0 : dim.size - 1);
  const std::int64_t stop = bound(numbers[1], step > 0 ? dim.size : -1);
  const std::int64_t count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  if (count <= 0)
    return badSelection("the slice '" + text + "' along '" + dim.name + "' selects nothing of " + std::to_string(dim.size) + " entries");
  return DimSelection{IndexSet::range(start, count, step), false};
}

std::string coordinateRange(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  constexpr std::size_t kMostNames = 6;
  if (!c.labels.empty() && c.unit != "datetime" && c.labels.size() <= kMostNames) return join(c.labels, ", ");
  if (!c.labels.empty()) return c.labels.front() + " .. " + c.labels.back();
  if (c.kind == Coordinate::Kind::None) return "no coordinate";
  return formatNumber(c.at(0)) + " .. " + formatNumber(c.at(dim.size - 1)) + (c.unit.empty() ? "" : " " + c.unit);
}

Result<double> wantedValue(const Dim& dim, const Json& value) {
  if (value.is_number()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (dim.coordinate.unit == "datetime") {
    if (const auto seconds = parseDatetime(text)) return *seconds;
    return badSelection("'" + text + "' along '" + dim.name + "' is no date", "write it as 2022-02-24 or 2022-02-24T10:30:00");
  }
  if (const auto number = parseNumber(text)) return *number;
  if (dim.coordinate.labels.empty()) return badSelection("'" + text + "' along '" + dim.name + "' is no number");
  return badSelection("no entry of '" + dim.name + "' is called '" + text + "' (it has " + coordinateRange(dim) + ")",
                      "names are taken as they are written, capitals too; isel selects by position");
}

Result<std::int64_t> indexOfValue(const Dim& dim, const Json& value, bool nearest) {
  if (value.is_string()) {  // a label (band name) matches as it stands
    const auto& labels = dim.coordinate.labels;
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (labels[i] == value.get<std::string>()) return static_cast<std::int64_t>(i);
  }
  auto wanted = wantedValue(dim, value);
  if (!wanted) return fail(wanted.error());
  std::int64_t best = -1;
  double bestDistance = INFINITY;
  for (std::int64_t i = 0; i < dim.size; ++i) {
    const double distance = std::abs(dim.coordinate.at(i) - *wanted);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = i;
    }
  }
  if (best < 0 || (!nearest && bestDistance > 0))
    return badSelection("no entry of '" + dim.name + "' is " + value.dump() + " (it has " + coordinateRange(dim) + ")",
                        "method=nearest takes the closest");
  return best;
}

}  // namespace

std::string dimList(const ArraySpec& spec) { return join(spec.dimNames(), ", "); }

Result<DimSelection> selectPositions(const Dim& dim, const Json& selection) {
  if (selection.is_number_integer()) {
    auto at = position(dim, selection.get<std::int64_t>());
    if (!at) return fail(at.error());
    return DimSelection{IndexSet::single(*at), true};
  }
  if (selection.is_string()) return slice(dim, selection.get<std::string>());
  std::vector<std::int64_t> indices;
  for (const Json& entry : selection) {
    auto at = position(dim, entry.get<std::int64_t>());
    if (!at) return fail(at.error());
    indices.push_back(*at);
  }
  if (indices.empty()) return badSelection("the list for '" + dim.name + "' is empty");
  return DimSelection{IndexSet::list(std::move(indices)), false};
}

Result<DimSelection> selectValues(const Dim& dim, const Json& selection, bool nearest) {
  if (dim.coordinate.kind == Coordinate::Kind::None && dim.coordinate.labels.empty())
    return badSelection("'" + dim.name + "' has no coordinate", "isel selects by position");
  if (selection.is_array()) {
    std::vector<std::int64_t> indices;
    for (const Json& entry : selection) {
      auto at = indexOfValue(dim, entry, nearest);
      if (!at) return fail(at.error());
      indices.push_back(*at);
    }
    if (indices.empty()) return badSelection("the list for '" + dim.name + "' is empty");
    return DimSelection{IndexSet::list(std::move(indices)), false};
  }
  // Datetimes contain ':' themselves; a range of them is written "start/stop" too.
  const bool isTime = dim.coordinate.unit == "datetime";
  const std::string text = selection.is_string() ? selection.get<std::string>() : std::string();
  const char separator = isTime && text.find('/') != std::string::npos ? '/' : ':';
  const bool isRange = selection.is_string() && text.find(separator) != std::string::npos &&
                       !(isTime && separator == ':' && text.find('T') != std::string::npos);
  if (!isRange) {
    auto at = indexOfValue(dim, selection, nearest);
    if (!at) return fail(at.error());
    return DimSelection{IndexSet::single(*at), true};
  }
  const auto ends = split(text, separator);
  if (ends.size() != 2) return badSelection("'" + text + "' along '" + dim.name + "' is no start:stop range of values", "isel takes steps");
  double low = -INFINITY, high = INFINITY;
  for (int i = 0; i < 2; ++i) {
    if (trim(ends[static_cast<std::size_t>(i)]).empty()) continue;
    auto value = wantedValue(dim, Json(std::string(trim(ends[static_cast<std::size_t>(i)]))));
    if (!value) return fail(value.error());
    (i == 0 ? low : high) = *value;
    if (i == 1 && isTime && ends[1].size() == 10) high += 86399.999;  // a date includes its whole day
  }
  if (low > high) std::swap(low, high);
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < dim.size; ++i)
    if (const double value = dim.coordinate.at(i); value >= low && value <= high) indices.push_back(i);
  if (indices.empty()) return badSelection("no entry of '" + dim.name + "' lies in " + text + " (it has " + coordinateRange(dim) + ")");
  return DimSelection{IndexSet::list(std::move(indices)), false};
}

}  // namespace cubeloom
