// SPDX-License-Identifier: GPL-3.0-or-later
// The pointwise family: a result's element follows from the elements at its place in each operand. The family reads, aligns, broadcasts and
// converts; an operation gives its declaration, what comes out, and a kernel over runs of values.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/op/family/run_kernel.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// `count` elements of every operand, side by side. T is float where all operands and the results fit into it (whole numbers of up to
/// 16 bits, float32), else double: 64-bit whole numbers beyond 2^53 are rounded, but for an exact kernel whose operands are all of that
/// type.
template <class T>
struct PointRun {
  std::size_t count = 0;
  std::vector<const T*> inputs;   ///< one per operand; where one is nodata, any value (NaN: see Pointwise::seesNodata)
  std::uint8_t* valid = nullptr;  ///< 1 where every operand has data; where it is 0 afterwards, or the result is NaN, nodata is written
  T* out = nullptr;
  std::vector<T> scratch;  ///< the kernel's own, kept between runs
};

using PointKernel = RunKernel<PointRun>;
template <class F>
std::shared_ptr<const PointKernel> pointKernel(F f) {
  return runKernel<PointRun>(std::move(f));
}
template <class F>
std::shared_ptr<const PointKernel> exactPointKernel(F f) {
  return exactRunKernel<PointRun>(std::move(f));
}

/// One stream of values: an input, or one entry of it along a dim.
struct Operand {
  int input = 0;
  int dim = -1;             ///< -1: the input with all its dims
  std::int64_t index = -1;  ///< along `dim`
};

/// All entries along dim `dim` of the first input, then those of each further one, which must have the same: else GridMismatch.
Result<std::vector<Operand>> entriesAlong(const std::vector<ArraySpec>& inputs, int dim);

/// Numbers that go with the entries of one dim of the result, as weights or scales do.
struct NumbersAlong {
  int dim = 0;
  std::vector<double> values;  ///< one per entry
};

/// What a pointwise operation computes.
struct Pointwise {
  ArraySpec spec;  ///< what comes out
  std::shared_ptr<const PointKernel> kernel;
  std::vector<Operand> operands = {{}};
  std::vector<NumbersAlong> along = {};  ///< further inputs of the kernel, behind its operands
  std::string summary = {};
  std::vector<std::string> warnings = {};
  /// The kernel decides itself what follows from nodata: operands are NaN there, and `valid` is 1 everywhere; of whole numbers (an exact
  /// kernel's) `valid` says what is nodata, as elsewhere, and the kernel takes it to 1 where it gives a value.
  bool seesNodata = false;
};

/// Complex inputs are UnsupportedType. Operands are laid along `spec` by dim name: sizes and grids must agree, a dim that an operand lacks
/// is broadcast; GridMismatch names the input as `declaration` does. Each input is asked once per region, for all that its operands take.
Result<std::shared_ptr<const BoundOperation>> bindPointwise(const Declaration& declaration, const std::vector<ArraySpec>& inputs,
                                                            Pointwise pointwise);

/// An operation of the family: `describe` says what it computes from these parameters and inputs.
using DescribePointwise = std::function<Result<Pointwise>(const Params&, const std::vector<ArraySpec>&)>;
std::unique_ptr<Operation> pointwise(Declaration declaration, DescribePointwise describe);

}  // namespace cubeloom
