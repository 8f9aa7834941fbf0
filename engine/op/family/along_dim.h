// SPDX-License-Identifier: GPL-3.0-or-later
// The family along one dim: a pixel's results follow from all of its entries along that dim, be it a spectrum or a series. The family asks
// for the whole dim and turns it outwards; a kernel works on many pixels at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/run_kernel.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// A matrix of entries x pixels in, of results x pixels out: entry i of pixel p is at [i * pixels + p]. T is float or double, as for
/// pointwise kernels.
template <class T>
struct DimRun {
  std::size_t entries = 0, results = 0, pixels = 0;
  const T* in = nullptr;  ///< where not valid, any value
  const std::uint8_t* valid = nullptr;
  T* out = nullptr;
  std::uint8_t* outValid = nullptr;  ///< 1 to begin with; where the kernel takes it to 0, or the result is NaN, nodata is written
};

using DimKernel = RunKernel<DimRun>;
template <class F>
std::shared_ptr<const DimKernel> dimKernel(F f) {
  return runKernel<DimRun>(std::move(f));
}
template <class F>
std::shared_ptr<const DimKernel> exactDimKernel(F f) {
  return exactRunKernel<DimRun>(std::move(f));
}

/// One result as a weighted sum of entries: neighbouring ones from `first` on, or those that are listed.
struct WeightedEntries {
  std::size_t first = 0;
  std::vector<double> weights;
  std::vector<std::size_t> entries = {};  ///< not empty: one per weight
};
/// One result per element of `rows`; a result is valid where all of its entries are, and never without any. Sums are made in double, in the
/// order of entries.
std::shared_ptr<const DimKernel> weightedSums(std::vector<WeightedEntries> rows);

/// What an operation along a dim computes.
struct AlongDim {
  int dim = -1;
  ArraySpec spec;  ///< the input's dims in their order; `dim` may have another size and coordinate, or two dims stand in its place
  std::shared_ptr<const DimKernel> kernel;
  std::string summary = {};
  std::vector<std::string> warnings = {};
  int madeDims = 1;         ///< how many dims of `spec` stand in the place of `dim`: 0 of one result, 2 of a table of results, row by row
  std::size_t scratch = 0;  ///< bytes that the kernel takes for each pixel of a run
};

/// The dim that parameter `dim` names; else the spectral one, else "time".
Result<int> dimOf(const Params& params, const ArraySpec& input);
/// The declaration of that parameter.
Param dimParam();
/// Where the entries of `dim` lie: its coordinate, without one their numbers. InvalidParameter on `dim` where it neither rises nor falls.
Result<std::vector<double>> positionsOf(const Dim& dim);

/// UnsupportedType: complex values.
Result<std::shared_ptr<const BoundOperation>> bindAlongDim(const ArraySpec& input, AlongDim facts);
/// An operation of the family, over one input. Complex values are UnsupportedType.
using DescribeAlongDim = std::function<Result<AlongDim>(const Params&, const ArraySpec&)>;
std::unique_ptr<Operation> alongDim(Declaration declaration, DescribeAlongDim describe);
/// One that looks at other nodes, too.
using DescribeAmongNodes = std::function<Result<AlongDim>(const Params&, const ArraySpec&, const BindContext&)>;
std::unique_ptr<Operation> alongDim(Declaration declaration, DescribeAmongNodes describe);

}  // namespace cubeloom
