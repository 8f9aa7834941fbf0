// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters that say how values become brightness: those of stretch, and of what ends with it.
#pragma once

#include <vector>

#include "engine/op/param.h"

namespace cubeloom {

/// method (percent, minmax, sigma), low, high, per (band, array), gamma.
std::vector<Param> stretchParams();

}  // namespace cubeloom
