// SPDX-License-Identifier: GPL-3.0-or-later
// Reading selections along a dim: positions for isel, coordinate values for sel.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/array/array_spec.h"
#include "engine/base/result.h"
#include "engine/op/param.h"

namespace cubeloom {

/// What one dim keeps; a single position drops the dim.
struct DimSelection {
  IndexSet indices;
  bool dropsDim = false;
};

/// An index (negative counts from the end), a list of them, or "start:stop[:step]" as Python's slices. InvalidParameter names dim and size.
Result<DimSelection> selectPositions(const Dim& dim, const Json& selection);
/// A value, a list, or "start:stop" (both ends included, as xarray's label slices). `nearest`: the closest coordinate; else exact.
/// Datetimes as ISO text.
Result<DimSelection> selectValues(const Dim& dim, const Json& selection, bool nearest);
/// "a, b, c": the dims of a spec, for messages.
std::string dimList(const ArraySpec& spec);

}  // namespace cubeloom
