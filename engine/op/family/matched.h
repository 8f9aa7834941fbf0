// SPDX-License-Identifier: GPL-3.0-or-later
// Several inputs side by side where they have the same dates, wavelengths or names: xarray's join.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/pointwise.h"

namespace cubeloom {

/// The declaration of `join`: exact (all entries are the same), inner (those that all have), override (by their place).
Param joinParam();

/// Which inputs are matched, and what messages call them.
struct MatchedInputs {
  const std::vector<ArraySpec>& specs;
  std::vector<std::string> names;
  std::vector<int> apart = {};  ///< of each input a dim that is not compared, as its bands are taken one by one; -1, or empty: none
};

/// Binds a kernel to the entries that `join` keeps: `bind` gets the inputs as they are then. GridMismatch of exact names the first
/// difference along a dim that several inputs have, of inner a dim without a common entry; rows and columns are matched where the grids
/// differ by whole pixels, and compared by `bind` itself otherwise.
using BindToSpecs = std::function<Result<std::shared_ptr<const BoundOperation>>(const std::vector<ArraySpec>&)>;
Result<std::shared_ptr<const BoundOperation>> bindMatched(const Params& params, const MatchedInputs& inputs, const BindToSpecs& bind);

/// An operation of the pointwise family with the parameter `join`: its inputs are matched before it is described. `apart`: see
/// MatchedInputs.
using DimsApart = std::function<std::vector<int>(const Params&, const std::vector<ArraySpec>&)>;
std::unique_ptr<Operation> matchedPointwise(Declaration declaration, DescribePointwise describe, DimsApart apart = {});

}  // namespace cubeloom
