// SPDX-License-Identifier: GPL-3.0-or-later
// Geographic lookup tables (GLT): which sample and line of a swath lies in each pixel of a map grid. They are learned whole before a pixel
// of the swath is read, since only they tell which of these are needed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// Rows of the grid one after another. Numbers count from 1, negative ones are filled in from a neighbour, 0: none.
struct LookupTable {
  std::vector<std::int32_t> samples, lines;
  /// Of a table of places between four pixels of the swath, the named one and its neighbours at the next line and sample: how far it lies
  /// towards these, 0 to 1. Else empty.
  std::vector<float> right, below;
  IndexSet rows, cols;  ///< which rows and columns these are: all, or for a preview every n-th

  /// Where the numbers of a pixel of the grid stand; of a sample those of the pixel nearby.
  std::size_t placeOf(std::int64_t row, std::int64_t col) const {
    const auto among = [](const IndexSet& all, std::int64_t at) { return std::min(at / all.step(), all.count() - 1); };
    return static_cast<std::size_t>(among(rows, row) * cols.count() + among(cols, col));
  }
};

/// Where the two numbers stand.
struct LookupPlanes {
  std::vector<ArraySpec> arrays;          ///< one with both, or one of samples and one of lines
  std::vector<int> inputs;                ///< which inputs these are
  int layerDim = -1;                      ///< of one array: the dim of its two entries
  std::int64_t sampleAt = 0, lineAt = 1;  ///< along that dim
  const GeoBox& grid() const { return *arrays[0].geobox; }
};

/// The planes of `inputs` from the second on. GridMismatch: no grid, other dims, two grids. UnsupportedType: complex. OverBudget: more than
/// a table may take (1 GiB).
Result<LookupPlanes> lookupPlanes(const std::vector<ArraySpec>& inputs);

using TableFound = std::function<Result<std::shared_ptr<const BoundOperation>>(std::shared_ptr<const LookupTable>)>;
/// The operation that waits for `pass`.
using UntilTableFound = std::function<std::shared_ptr<const BoundOperation>(std::unique_ptr<const FitPass>)>;
/// Reads the table, in a pass for each of its arrays.
std::unique_ptr<const FitPass> lookupPass(LookupPlanes planes, UntilTableFound pending, TableFound found);

}  // namespace cubeloom
