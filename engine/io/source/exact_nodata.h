// SPDX-License-Identifier: GPL-3.0-or-later
// Which nodata values a double can carry without taking valid pixels with them.
#pragma once

#include <cmath>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// Whether pixels of `type` that are not `value` still differ from it as doubles: not so for 64-bit integers from 2^53 on.
inline bool isToldApart(PixelType type, double value) {
  constexpr double kExactIntegers = 9007199254740992.0;
  return !isInteger(type) || std::abs(value) < kExactIntegers;
}

inline constexpr const char* kNotToldApart = "nodata left undeclared: the fill value is beyond what can be told apart from its neighbours";

}  // namespace cubeloom
