// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/selection.h"

#include <nlohmann/json.hpp>

#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

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
  const std::int64_t span = step > 0 ? stop - start : start - stop;
  // Steps beyond the dim take the first entry alone; as large as that they would overflow below.
  const std::int64_t stride = std::min(step > 0 ? step : -std::max(step, -dim.size), dim.size);
  const std::int64_t count = span > 0 ? (span - 1) / stride + 1 : 0;
  if (count <= 0)
    return badSelection("the slice '" + text + "' along '" + dim.name + "' selects nothing of " + std::to_string(dim.size) + " entries");
  return DimSelection{IndexSet::range(start, count, count == 1 ? 1 : step), false};
}

}  // namespace

Failure badSelection(const std::string& message, const std::string& hint) { return invalidParameter("indexers", message, hint); }

Coordinate coordinateFrom(const std::vector<std::string>& entries) {
  Coordinate made;
  const auto readAll = [&](const auto& read) {
    made.values.clear();
    for (const std::string& entry : entries)
      if (const auto value = read(entry)) made.values.push_back(*value);
    return made.values.size() == entries.size();
  };
  made.kind = Coordinate::Kind::Values;
  if (readAll([](const std::string& entry) { return parseNumber(entry); })) return made;
  made.unit = "datetime";
  if (readAll([](const std::string& entry) { return parseDatetime(trim(entry)); })) return made;
  made = {};
  for (const std::string& entry : entries) made.labels.emplace_back(trim(entry));
  return made;
}

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

}  // namespace cubeloom
