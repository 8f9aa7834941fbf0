// SPDX-License-Identifier: GPL-3.0-or-later
// Number, sum, squared deviations and extremes of many sets of values at once, nodata and NaN left out.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "engine/op/reduce/reduction.h"

namespace cubeloom {

/// What of a set is gathered; its number always is.
struct MomentNeeds {
  bool sum = false;
  bool squares = false;  ///< with `sum`
  bool range = false;
};
/// Bytes per set.
std::size_t momentBytes(const MomentNeeds& needs, PixelType type);

/// One set's moments. Without values (`count` 0) only the count means something.
struct Moment {
  double count = 0;
  double sum = 0, mean = 0;
  double squares = 0;  ///< sum of squared deviations from the mean
  double low = 0, high = 0;
  /// Of the population (numpy's ddof=0).
  double variance() const { return squares / count; }
};

/// Sums are those of the differences from each set's first value, so that what all values have in common takes no digits from them. They
/// are kept in double and added in a fixed order: values that lie side by side in memory in lanes whose number the program fixes, the
/// squares around the mean of up to kRunValues of them; everything further in the order of the input's dims. So they have the same bits for
/// any cuts, workers and processors.
///
/// Squared deviations: Chan, Golub, LeVeque 1983 (doi:10.1080/00031305.1983.10483115), (1.5) two passes over a run that is in cache, (2.1)
/// for merging, (1.3) Youngs and Cramer for values of different sets side by side.
class Moments : public Accumulator {
 public:
  virtual Moment moment(std::size_t set) const = 0;
  /// The least or the greatest value of a set that has values, in the type of the input: 64 bits do not all go through a double.
  virtual void writeExtreme(std::size_t set, bool isGreatest, std::byte* out) const = 0;
};

/// For `sets` elements that stay of an input of the given pixel type and nodata. `dims` must outlive it.
std::unique_ptr<Moments> makeMoments(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets,
                                     const MomentNeeds& needs);

}  // namespace cubeloom
