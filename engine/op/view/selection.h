// SPDX-License-Identifier: GPL-3.0-or-later
// Reading selections along a dim: positions for isel, coordinate values for sel.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "engine/array/array_spec.h"
#include "engine/base/result.h"
#include "engine/op/param.h"

namespace cubeloom {

/// What one dim keeps; a single position drops the dim.
struct DimSelection {
  IndexSet indices;
  bool dropsDim = false;
  std::string warning = {};  ///< what the user should know of the choice; empty: nothing
  /// Set: the indices run along a longitude, maybe over the axis's end, and this is added to the first one's (see longitudes.h).
  std::optional<double> turn = {};
};

/// How a value finds its entry.
struct ValueRule {
  bool nearest = true;                ///< else it must be there
  std::optional<double> tolerance;    ///< how far away the nearest may be: in the coordinate's unit, of dates in days
  std::optional<double> period = {};  ///< of longitudes: values that far apart are one place
};

/// InvalidParameter of what a step of selection is told to take.
Failure badSelection(const std::string& message, const std::string& hint = {});
/// An index (negative counts from the end), a list of them, or "start:stop[:step]" as Python's slices. InvalidParameter names dim and size.
Result<DimSelection> selectPositions(const Dim& dim, const Json& selection);
/// A value, a list, or "start:stop" (both ends included, as xarray's label slices). Along times a value is a year, month, day or instant:
/// "2000", "2000-03", "2000-03-01", "20000301", "2000-03-01T12:00"; the first three are all entries within, and a bare number is never
/// seconds. A pick farther away than the axis has steps there carries a warning.
Result<DimSelection> selectValues(const Dim& dim, const Json& selection, const ValueRule& rule);
/// The distance from an entry to the farther one of its neighbours; a wavelength of 0 is none. Where it has none: a day, or a hundredth of
/// its value.
double axisStep(const Dim& dim, std::int64_t entry);
/// "865 nm", "2022-02-24T18:12:00Z": where an entry lies.
std::string entryText(const Dim& dim, std::int64_t entry);
/// Of dates in a calendar of models, "days since 2000-01-01 [noleap]": in seconds of that calendar, with the unit "datetime [noleap]".
/// Others as they are.
Dim asDates(const Dim& dim);
/// The coordinate whose entries are these texts: numbers where all are, else dates where all are, else names.
Coordinate coordinateFrom(const std::vector<std::string>& entries);
/// "a, b, c": the dims of a spec, for messages.
std::string dimList(const ArraySpec& spec);

}  // namespace cubeloom
