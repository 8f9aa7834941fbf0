// SPDX-License-Identifier: GPL-3.0-or-later
// The focal family: a pixel's result follows from the pixels around it in its own plane. The family reads the halo, applies the policy at
// the array's edges and hands planes to a kernel; a kernel's result for a pixel must depend on its window alone, so that pieces are the
// whole.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/run_kernel.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// What lies beyond the array's edges.
enum class Edge {
  Nodata,   ///< nothing
  Reflect,  ///< the array mirrored at its edge: c b a | a b c
  Nearest,  ///< the pixel on the edge
};

/// The results' pixel (r, c) lies at [r * pitch + c] of `values` and `valid`, its neighbours around it, up to `radius` away in both
/// directions. T is float or double, as for pointwise kernels.
template <class T>
struct FocalRun {
  std::int64_t rows = 0, cols = 0, radius = 0, pitch = 0;
  const T* values = nullptr;  ///< where not valid, 0
  const std::uint8_t* valid = nullptr;
  T* out = nullptr;                  ///< [r * cols + c]
  std::uint8_t* outValid = nullptr;  ///< as the pixel itself to begin with; where it is 0 afterwards, or the result is NaN: nodata
};

using FocalKernel = RunKernel<FocalRun>;
template <class F>
std::shared_ptr<const FocalKernel> focalKernel(F f) {
  return runKernel<FocalRun>(std::move(f));
}
template <class F>
std::shared_ptr<const FocalKernel> exactFocalKernel(F f) {
  return exactRunKernel<FocalRun>(std::move(f));
}

/// What a focal operation computes.
struct Focal {
  ArraySpec spec;  ///< the input's dims in their order
  std::int64_t radius = 1;
  Edge edge = Edge::Nodata;
  std::shared_ptr<const FocalKernel> kernel;
  std::string summary = {};
  std::vector<std::string> warnings = {};
};

/// The value of parameter `edge`, and its declaration.
Edge edgeOf(const Params& params);
Param edgeParam(const std::string& edge);

/// UnsupportedType: complex values. GridMismatch: no rows and columns.
Result<std::shared_ptr<const BoundOperation>> bindFocal(const ArraySpec& input, Focal facts);
/// An operation of the family, over one input with a pair of spatial dims. Complex values are UnsupportedType.
using DescribeFocal = std::function<Result<Focal>(const Params&, const ArraySpec&)>;
std::unique_ptr<Operation> focal(Declaration declaration, DescribeFocal describe);

}  // namespace cubeloom
