// SPDX-License-Identifier: GPL-3.0-or-later
// The inline part of pixel_type.h.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

namespace cubeloom {

/// Added before cutting off, it rounds half away from zero. One half itself would lift what lies just below 0.5, and odd numbers beyond
/// 2^52.
constexpr double kAlmostHalf = 0.49999999999999994;

template <class T>
T convertPixel(double value) {
  if constexpr (std::is_integral_v<T>) {
    if (std::isnan(value)) return T{0};
    const double rounded = std::trunc(value + std::copysign(kAlmostHalf, value));
    if (rounded <= static_cast<double>(std::numeric_limits<T>::lowest())) return std::numeric_limits<T>::lowest();
    if (rounded >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
    return static_cast<T>(rounded);
  } else {
    return static_cast<T>(value);
  }
}

}  // namespace cubeloom
