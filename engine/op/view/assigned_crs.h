// SPDX-License-Identifier: GPL-3.0-or-later
// Saying which CRS a grid is in, without moving a pixel.
#pragma once

#include "engine/array/array_spec.h"
#include "engine/base/result.h"

namespace cubeloom {

/// `input` with its grid in `crs`. GridMismatch where there is no grid on the ground: numbers of rows and columns are no coordinates.
Result<ArraySpec> withAssignedCrs(const ArraySpec& input, const Crs& crs);

}  // namespace cubeloom
