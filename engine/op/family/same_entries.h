// SPDX-License-Identifier: GPL-3.0-or-later
// When the entries of two arrays at one place along a dim are the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/base/result.h"

namespace cubeloom {

/// What the user can do where two grids are not one.
inline constexpr const char* kOneGrid = "bring the inputs onto one grid with align, or reproject like=...";

inline constexpr const char* kSelectEntries = "take the entries that all have with sel before";

/// The first entry at which two dims of one size lie elsewhere: other dates, wavelengths, members or names, numbers by more than a
/// thousandth of a step; the first where their units differ, calendars among them. -1: there is none, or one of them has no coordinate, or
/// both merely count bands or pixels.
std::int64_t firstOtherEntry(const Dim& a, const Dim& b);

/// For each entry of a dim its place along another one: as firstOtherEntry() compares them. -1: it is not there. Unset: one of them has no
/// coordinate.
std::optional<std::vector<std::int64_t>> placesAmong(const Dim& entries, const Dim& among);

/// Two arrays side by side, and what messages call them: "input 2", "the mask".
struct SideBySide {
  const ArraySpec& first;
  std::string firstName;
  const ArraySpec& other;
  std::string otherName;
  std::string oneGrid = kOneGrid;            ///< what makes their grids one
  std::string sameEntries = kSelectEntries;  ///< what makes their entries the same
};
/// GridMismatch where dim `d` of the first and dim `o` of the other differ in size, or in where their entries lie. `isOnGrid`: that is the
/// grid's saying, which checkSameGrid() compares.
Result<void> checkSameEntries(const SideBySide& arrays, int d, int o, bool isOnGrid);
/// GridMismatch where both have a grid, and another one.
Result<void> checkSameGrid(const SideBySide& arrays);

}  // namespace cubeloom
