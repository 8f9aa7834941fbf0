// SPDX-License-Identifier: GPL-3.0-or-later
// What resampling leaves of the meaning of values: a mean of stored values is a stored value, their sum is not; no value lies between two
// classes.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/geo/warp/warp.h"

namespace cubeloom {

/// Of results that are made of stored values as if these were the true ones.
inline constexpr const char* kComputedFromStored =
    "computed from values as stored: their scale and offset are not applied, and the result has none; open with decode=true, or add "
    "unscale before, for the true ones";

/// Takes from `spec` what no longer holds after resampling with `method`; what the user should know of it.
std::vector<std::string> settleResampledMeaning(ArraySpec& spec, Resampling method);

}  // namespace cubeloom
