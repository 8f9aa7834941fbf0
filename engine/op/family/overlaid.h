// SPDX-License-Identifier: GPL-3.0-or-later
// Several arrays on one grid, each resampled straight onto it, one value where they overlap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/overlap_values.h"
#include "engine/op/family/warped.h"

namespace cubeloom {

/// The grid of the first array, as large as needed to hold all of them.
Result<GeoBox> gridOfAll(const std::vector<ArraySpec>& inputs);

/// `spec`, which holds the values of `arrays`, becomes that of what `overlap` makes of them. UnsupportedType: classes have no mean.
Result<void> settleOverlap(ArraySpec& spec, Overlap overlap, const std::vector<ArraySpec>& arrays);

/// `inputs` on `grid`. They have the same dims beside rows and columns (GridMismatch); else as bindWarped() and bindJoined().
Result<std::shared_ptr<const BoundOperation>> bindOverlaid(const std::vector<ArraySpec>& inputs, const GeoBox& grid,
                                                           const WarpedValues& values, Overlap overlap, const std::string& summary);

}  // namespace cubeloom
