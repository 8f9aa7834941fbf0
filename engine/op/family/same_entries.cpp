// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/same_entries.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <tuple>

#include "engine/base/text.h"
#include "engine/geo/same_grid.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

/// Bands that are only numbered: the fourth of one file and the eighth of another are meant to be put together.
bool isCounted(const Dim& dim) {
  const std::string& unit = dim.coordinate.unit;
  return dim.name == "band" && (unit.empty() || unit == "1");
}

/// Rows or columns of a raster without a place, counted by the centres of its pixels: where it begins is nobody's saying.
bool isCountedByPixels(const Dim& dim) {
  const Coordinate& c = dim.coordinate;
  return c.kind == Coordinate::Kind::Regular && c.unit.empty() && std::abs(c.step) == 1 && c.start - std::floor(c.start) == 0.5;
}

/// Longitudes of a grid are in degrees; an axis that has lost its grid says degrees_east (CF).
bool isSameUnit(const std::string& a, const std::string& b) {
  const auto isDegree = [](const std::string& unit) { return unit == "degree" || unit.starts_with("degrees"); };
  return a == b || (isDegree(a) && isDegree(b));
}

bool isUnsaid(const std::string& unit) { return unit.empty() || unit == "1"; }

bool haveOtherUnits(const Coordinate& a, const Coordinate& b) {
  return !isSameUnit(a.unit, b.unit) && !isUnsaid(a.unit) && !isUnsaid(b.unit);
}

/// "red", "2022-02-24T00:00:00Z".
std::string entryName(const Dim& dim, std::int64_t i) {
  const auto& names = dim.coordinate.labels;
  return dim.coordinate.kind == Coordinate::Kind::None && !names.empty() ? "'" + names[static_cast<std::size_t>(i)] + "'"
                                                                         : entryText(dim, i);
}

/// Of dims of other sizes: the first entry that one of them has alone, as the end of a sentence.
std::string entryOfOne(const Dim& a, const std::string& aName, const Dim& b, const std::string& bName) {
  for (const auto& [one, name, other] : {std::tuple(&a, &aName, &b), std::tuple(&b, &bName, &a)}) {
    const auto places = placesAmong(*one, *other);
    if (!places) return "";
    for (std::size_t i = 0; i < places->size(); ++i)
      if ((*places)[i] < 0) return "; " + entryName(*one, static_cast<std::int64_t>(i)) + " is in " + *name + " alone";
  }
  return "";
}

}  // namespace

std::int64_t firstOtherEntry(const Dim& first, const Dim& second) {
  if (isCounted(first) && isCounted(second)) return -1;
  if (isCountedByPixels(first) && isCountedByPixels(second)) return -1;
  const Dim a = asDates(first), b = asDates(second);
  const bool hasNumbers = a.coordinate.kind != Coordinate::Kind::None && b.coordinate.kind != Coordinate::Kind::None;
  if (hasNumbers) {
    if (haveOtherUnits(a.coordinate, b.coordinate)) return 0;
    for (std::int64_t i = 0; i < a.size; ++i)
      if (!(std::abs(a.coordinate.at(i) - b.coordinate.at(i)) <= 1e-3 * axisStep(a, i))) return i;
    return -1;
  }
  const auto& names = a.coordinate.labels;
  const auto& others = b.coordinate.labels;
  for (std::size_t i = 0; i < std::min(names.size(), others.size()); ++i)
    if (names[i] != others[i]) return static_cast<std::int64_t>(i);
  return -1;
}

std::optional<std::vector<std::int64_t>> placesAmong(const Dim& entries, const Dim& among) {
  const Dim a = asDates(entries), b = asDates(among);
  std::vector<std::int64_t> places(static_cast<std::size_t>(a.size), -1);
  if (a.coordinate.kind != Coordinate::Kind::None && b.coordinate.kind != Coordinate::Kind::None) {
    if (haveOtherUnits(a.coordinate, b.coordinate)) return places;
    std::vector<std::pair<double, std::int64_t>> there;
    there.reserve(static_cast<std::size_t>(b.size));
    for (std::int64_t i = 0; i < b.size; ++i)
      if (const double at = b.coordinate.at(i); at == at) there.emplace_back(at, i);
    std::sort(there.begin(), there.end());
    for (std::int64_t i = 0; i < a.size; ++i) {
      const double at = a.coordinate.at(i), reach = 1e-3 * axisStep(a, i);
      const auto found = std::lower_bound(there.begin(), there.end(), std::pair(at - reach, std::int64_t{-1}));
      if (found != there.end() && found->first <= at + reach) places[static_cast<std::size_t>(i)] = found->second;
    }
    return places;
  }
  const auto &names = a.coordinate.labels, &others = b.coordinate.labels;
  if (names.empty() || others.empty()) return std::nullopt;
  std::map<std::string_view, std::int64_t> there;
  for (std::size_t i = 0; i < others.size(); ++i) there.emplace(others[i], static_cast<std::int64_t>(i));
  for (std::size_t i = 0; i < names.size(); ++i)
    if (const auto found = there.find(names[i]); found != there.end()) places[i] = found->second;
  return places;
}

Result<void> checkSameEntries(const SideBySide& arrays, int d, int o, bool isOnGrid) {
  const auto& [first, firstName, other, otherName, oneGrid, sameEntries] = arrays;
  const Dim &a = first.dims[static_cast<std::size_t>(d)], &b = other.dims[static_cast<std::size_t>(o)];
  if (a.size != b.size)
    return fail(ErrorCode::GridMismatch,
                otherName + ": " + formatCount(b.size) + " entries along '" + a.name + "'; " + firstName + ": " + formatCount(a.size) +
                    (isOnGrid ? "" : entryOfOne(a, firstName, b, otherName)),
                !isOnGrid                      ? sameEntries
                : first.geobox && other.geobox ? sameGridRemedy(*first.geobox, *other.geobox, oneGrid)
                                               : oneGrid);
  if (const std::int64_t i = isOnGrid ? -1 : firstOtherEntry(a, b); i >= 0)
    return fail(ErrorCode::GridMismatch,
                otherName + " is at " + entryText(b, i) + " in entry " + std::to_string(i) + " of '" + a.name + "', " + firstName + " at " +
                    entryText(a, i),
                sameEntries);
  return {};
}

Result<void> checkSameGrid(const SideBySide& arrays) {
  if (!arrays.first.geobox || !arrays.other.geobox) return {};
  const std::string what = gridDifference(*arrays.first.geobox, *arrays.other.geobox);
  if (what.empty()) return {};
  return fail(ErrorCode::GridMismatch, arrays.otherName + " is on another grid than " + arrays.firstName + ": " + what,
              sameGridRemedy(*arrays.first.geobox, *arrays.other.geobox, arrays.oneGrid));
}

}  // namespace cubeloom
