// SPDX-License-Identifier: GPL-3.0-or-later
// How often each value occurs in many sets of values at once, nodata and NaN left out.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "engine/op/reduce/reduction.h"

namespace cubeloom {

class ValueCounts : public Accumulator {
 public:
  /// Writes the most frequent value of a set, of equally frequent ones the least; false where it has none.
  virtual bool writeMostFrequent(std::size_t set, std::byte* out) const = 0;
};

/// For `sets` elements that stay of an input of the given pixel type and nodata. `dims` must outlive it.
std::unique_ptr<ValueCounts> makeValueCounts(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims,
                                             std::size_t sets);
/// Of a set, at most.
double valueCountBytes(PixelType type, std::int64_t values);

}  // namespace cubeloom
