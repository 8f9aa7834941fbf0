// SPDX-License-Identifier: GPL-3.0-or-later
// The family of blocks: a result follows from the entries of one block of its input, factor by factor along each dim. The family reads the
// blocks, keeps nodata out and makes the coordinates; an operation says how many entries make one, and of what statistic.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

enum class BlockStatistic { Mean, Min, Max, Sum, Std, Var, Count, Median };

struct Blocks {
  std::vector<std::int64_t> factors;  ///< one per dim of the input, at least 1
  bool isPadded = false;              ///< what is left at a dim's end makes a last, smaller block; else it is left out
  BlockStatistic statistic = BlockStatistic::Mean;
  std::string summary = {};
};

/// Dims of which nothing would be left are InvalidParameter on 'factor'; complex values UnsupportedType. Sums are made in double, in the
/// order of the entries. Where no entry of a block is valid stands nodata; count gives 0.
Result<std::shared_ptr<const BoundOperation>> bindBlocks(const ArraySpec& input, Blocks blocks);

}  // namespace cubeloom
