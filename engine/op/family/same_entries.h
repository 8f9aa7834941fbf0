// SPDX-License-Identifier: GPL-3.0-or-later
// When the entries of two arrays at one place along a dim are the same.
#pragma once

#include "engine/array/array_spec.h"

namespace cubeloom {

/// What the user can do where two grids are not one.
inline constexpr const char* kOneGrid = "bring the inputs onto one grid with align, or reproject like=...";

/// The first entry at which two dims of one size lie elsewhere: other dates, wavelengths, members or names, numbers by more than a
/// thousandth of a step; the first where their units differ, calendars among them. -1: there is none, or one of them has no coordinate, or
/// both merely count bands or pixels.
std::int64_t firstOtherEntry(const Dim& a, const Dim& b);

}  // namespace cubeloom
