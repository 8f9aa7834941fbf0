// SPDX-License-Identifier: GPL-3.0-or-later
// How often values fall into bins of equal width, for many sets of values at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/op/reduce/reduction.h"

namespace cubeloom {

/// Bins from `low` to `high`, numpy's: bin k takes edge(k) <= value < edge(k + 1), the last one its upper edge too; edges as
/// numpy.linspace.
struct Bins {
  double low = 0, high = 1;
  std::int64_t count = 1;
  double width() const { return (high - low) / static_cast<double>(count); }
  double edge(std::int64_t k) const { return k == count ? high : static_cast<double>(k) * width() + low; }
};

/// Values count as doubles; those outside, nodata and NaN do not.
class BinCounts : public Accumulator {
 public:
  virtual std::int64_t count(std::size_t set, std::int64_t bin) const = 0;
};
/// Bytes per set.
std::size_t binCountBytes(const Bins& bins);

/// For `sets` elements that stay of an input of the given pixel type and nodata. `dims` must outlive it.
std::unique_ptr<BinCounts> makeBinCounts(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets,
                                         const Bins& bins);

}  // namespace cubeloom
