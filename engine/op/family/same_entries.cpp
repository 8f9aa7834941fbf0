// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/same_entries.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

std::int64_t firstOtherEntry(const Dim& first, const Dim& second) {
  if (isCounted(first) && isCounted(second)) return -1;
  if (isCountedByPixels(first) && isCountedByPixels(second)) return -1;
  const Dim a = asDates(first), b = asDates(second);
  const bool hasNumbers = a.coordinate.kind != Coordinate::Kind::None && b.coordinate.kind != Coordinate::Kind::None;
  if (hasNumbers) {
    if (!isSameUnit(a.coordinate.unit, b.coordinate.unit) && !isUnsaid(a.coordinate.unit) && !isUnsaid(b.coordinate.unit)) return 0;
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

Result<void> checkSameEntries(const SideBySide& arrays, int d, int o, bool isOnGrid) {
  const auto& [first, firstName, other, otherName, oneGrid] = arrays;
  const Dim &a = first.dims[static_cast<std::size_t>(d)], &b = other.dims[static_cast<std::size_t>(o)];
  constexpr const char* kSelect = "take the entries that all have with sel before";
  if (a.size != b.size)
    return fail(ErrorCode::GridMismatch,
                otherName + ": " + formatCount(b.size) + " entries along '" + a.name + "'; " + firstName + ": " + formatCount(a.size),
                !isOnGrid                      ? kSelect
                : first.geobox && other.geobox ? sameGridRemedy(*first.geobox, *other.geobox, oneGrid)
                                               : oneGrid);
  if (const std::int64_t i = isOnGrid ? -1 : firstOtherEntry(a, b); i >= 0)
    return fail(ErrorCode::GridMismatch,
                otherName + " is at " + entryText(b, i) + " in entry " + std::to_string(i) + " of '" + a.name + "', " + firstName + " at " +
                    entryText(a, i),
                kSelect);
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
