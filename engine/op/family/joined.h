// SPDX-License-Identifier: GPL-3.0-or-later
// Several arrays as one, side by side along a dim: each is read straight into its place, converted where its pixel type or nodata is not
// the result's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// The arrays `inputs` behind one another along `dim`: one that all of them have is lengthened, one that none has is new and the first of
/// the result, with an entry for each. `entries`: where its entries lie; unset: as the arrays say it, a new dim's by their single
/// coordinate of that name.
///
/// All else must be alike: the names and order of the dims, where their entries lie, the grid (GridMismatch names the first difference).
/// What differs of types becomes the type that holds both; of nodata NaN, of whole numbers a value of a wider type, since a valid value of
/// one may be what the other calls nodata; of units, classes and attributes is left out with a warning. A scale that differs goes with the
/// entries.
Result<std::shared_ptr<const BoundOperation>> bindJoined(const std::vector<ArraySpec>& inputs, const std::string& dim,
                                                         const std::optional<Coordinate>& entries, const std::string& summary);

/// Whether `other`, called `name`, has the dims of `first`, with entries at the same places, but for dim `joint` (-1: none). `onOneGrid`:
/// and the same grid; else rows and columns may lie anywhere. GridMismatch names the first difference.
Result<void> haveSameDims(const ArraySpec& first, const ArraySpec& other, int joint, const std::string& name, bool onOneGrid);

/// What values of all inputs mean together, and the type and nodata that hold them, in the dims of the first one; see bindJoined().
ArraySpec commonSpec(const std::vector<ArraySpec>& inputs, std::vector<std::string>& warnings);

/// The type that holds the values of both, as numpy's result_type has it; of 64-bit whole numbers of different sign float64.
PixelType commonType(PixelType a, PixelType b);

}  // namespace cubeloom
