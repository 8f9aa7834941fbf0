// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels of the focal family: a statistic of the valid pixels of the square around each pixel.
#pragma once

#include <memory>

#include "engine/op/family/focal.h"

namespace cubeloom {

/// Mean, std (of the whole square as a population) and sum add in double, along rows and then along columns; the median of an even number
/// of pixels is the mean of the middle two; range is max - min.
enum class WindowStatistic { Mean, Median, Min, Max, Std, Sum, Range };
std::shared_ptr<const FocalKernel> windowStatistic(WindowStatistic statistic);

}  // namespace cubeloom
