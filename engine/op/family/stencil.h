// SPDX-License-Identifier: GPL-3.0-or-later
// Focal kernels of radius 1 that are one formula over a pixel and those beside it.
#pragma once

#include <memory>

#include "engine/op/family/focal.h"

namespace cubeloom {

/// The pixels a formula takes: nodata in one of them is nodata of the result.
enum class StencilShape {
  Cross,   ///< the pixel and the four that share a side with it
  Square,  ///< all nine
};

/// From a generic lambda `[](const auto& z) { ... }`, whose `z(down, right)` is the value as double so many rows and columns away.
template <class F>
std::shared_ptr<const FocalKernel> stencilKernel(StencilShape shape, F result) {
  return focalKernel([shape, result = std::move(result)](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    for (std::int64_t r = 0; r < run.rows; ++r)
      for (std::int64_t c = 0; c < run.cols; ++c) {
        const std::int64_t at = r * run.pitch + c, to = r * run.cols + c;
        run.out[to] = static_cast<T>(
            result([&](std::int64_t down, std::int64_t right) { return static_cast<double>(run.values[at + down * run.pitch + right]); }));
        for (std::int64_t k = 0; k < 9; ++k)
          if (shape == StencilShape::Square || k % 2 == 1) run.outValid[to] &= run.valid[at + (k / 3 - 1) * run.pitch + k % 3 - 1];
      }
  });
}

}  // namespace cubeloom
