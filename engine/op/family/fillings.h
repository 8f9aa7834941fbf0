// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels that give nodata a value from what is known around it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/op/family/along_dim.h"
#include "engine/op/family/focal.h"

namespace cubeloom {

/// The last valid entry before each gap, or after it where `isBackwards`; at most `limit` entries of a gap are filled (0: all).
std::shared_ptr<const DimKernel> carriedOn(bool isBackwards, std::size_t limit);
/// Linearly between the valid entries on both sides of a gap, by where entries lie; what has only one side stays nodata. Of a gap at most
/// `limit` entries from its beginning are filled (0: all), as xarray's interpolate_na does.
std::shared_ptr<const DimKernel> interpolatedGaps(std::vector<double> positions, std::size_t limit);
/// The nearest valid pixel no farther than the run's radius (a circle); of several the first from the top left.
std::shared_ptr<const FocalKernel> nearestPixel();
/// The mean of the valid pixels within the radius (a circle), weighted by one over the squared distance.
std::shared_ptr<const FocalKernel> inverseDistanceMean();

}  // namespace cubeloom
