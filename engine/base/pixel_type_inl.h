// SPDX-License-Identifier: GPL-3.0-or-later
// The inline part of pixel_type.h.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

namespace cubeloom {

template <class T>
T convertPixel(double value) {
  if constexpr (std::is_integral_v<T>) {
    if (std::isnan(value)) return T{0};
    const double rounded = value < 0 ? std::ceil(value - 0.5) : std::floor(value + 0.5);
    if (rounded <= static_cast<double>(std::numeric_limits<T>::lowest())) return std::numeric_limits<T>::lowest();
    if (rounded >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
    return static_cast<T>(rounded);
  } else {
    return static_cast<T>(value);
  }
}

}  // namespace cubeloom
