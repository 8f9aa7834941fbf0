// SPDX-License-Identifier: GPL-3.0-or-later
// Exact quantiles over any dims, in bounded memory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/reduce/reduction.h"

namespace cubeloom {

/// What is asked for. Immutable.
struct QuantileRequest {
  ArraySpec input;
  ReducedDims dims;
  std::vector<double> quantiles;  ///< each within 0..1
  ArraySpec output;               ///< with a first dim "quantile" when `hasDim`
  bool hasDim = false;
  double empty = 0;  ///< where no value is valid
  std::string summary;
  std::vector<std::string> warnings;
  std::size_t sets() const { return static_cast<std::size_t>(dims.keptCount(input)); }
};

/// Where all values of one result fit easily into memory, they are read together and selected from. Otherwise the ranks are searched in
/// passes over the input: the first counts the leading bits of the values' sort keys, each further one the next bits of those values that
/// share the bits found so far of a wanted rank (rank_search.h).
std::shared_ptr<const BoundOperation> boundQuantile(QuantileRequest request);

/// What is bound until the quantiles are found, and what follows from them: of each set those asked for, one set after another; NaN where a
/// set has no value.
using UntilFound = std::function<std::shared_ptr<const BoundOperation>(std::unique_ptr<const FitPass> pass)>;
using WithQuantiles = std::function<Result<std::shared_ptr<const BoundOperation>>(std::vector<double> found)>;
/// The same search for an operation that applies the quantiles to the values. Of the request its output and texts count for nothing.
std::shared_ptr<const BoundOperation> searchedQuantiles(QuantileRequest request, const UntilFound& pending, const WithQuantiles& done);

}  // namespace cubeloom
