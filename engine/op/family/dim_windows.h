// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels of the family along a dim: what the entries in a window around each entry say of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/op/family/along_dim.h"

namespace cubeloom {

/// Savitzky and Golay: at each of `entries` the polynomial of degree `order` < `window` that fits its window best; near the ends that of
/// the outermost window. `window` is odd and at most `entries`. Nodata where an entry of the window is.
std::shared_ptr<const DimKernel> savitzkyGolay(std::size_t entries, std::size_t window, std::int64_t order);
/// Weighted means of the valid entries of a window; `weights` from its middle outwards. Nodata stays nodata.
std::shared_ptr<const DimKernel> weightedMeans(std::vector<double> weights);
/// The same with a Gaussian's weights, up to four `sigma` entries away.
std::shared_ptr<const DimKernel> gaussianMeans(double sigma);
/// The median of the valid entries up to `reach` away; between two the mean of both. Nodata stays nodata.
std::shared_ptr<const DimKernel> windowMedians(std::size_t reach);

}  // namespace cubeloom
