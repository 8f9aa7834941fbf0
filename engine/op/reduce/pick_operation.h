// SPDX-License-Identifier: GPL-3.0-or-later
// Reductions that pick one of the values, or ask of all whether they are 0.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/reduce/reduction.h"

namespace cubeloom {

enum class Pick {
  First,   ///< the first valid value, in the order of the input's dims
  Last,    ///< the last one
  ArgMin,  ///< the index of the least value, of equal ones the first
  ArgMax,  ///< the index of the greatest value, of equal ones the first
  Any,     ///< 1 where a valid value is not 0, else 0
  All,     ///< 1 where no valid value is 0, else 0
};

/// `output` says type and nodata of the result, which stands where nothing is valid. Indices count along the one dim that goes.
std::shared_ptr<const BoundOperation> boundPick(const ArraySpec& input, const ReducedDims& dims, Pick pick, ArraySpec output,
                                                std::string summary, std::vector<std::string> warnings);

}  // namespace cubeloom
