// SPDX-License-Identifier: GPL-3.0-or-later
// Which values of an array count in its statistics: neither nodata nor NaN.
#pragma once

#include <cmath>
#include <optional>
#include <type_traits>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// For one pixel type and nodata value. Two comparisons without a branch, so that loops over it become vectors.
template <class T>
class ValidValues {
 public:
  explicit ValidValues(PixelType type, const std::optional<double>& nodata) {
    // A value that the type cannot hold stands nowhere; NaN is left out in any case.
    m_hasNodata = nodata && !std::isnan(*nodata) && canHold(type, *nodata);
    if (m_hasNodata) m_nodata = static_cast<T>(*nodata);
  }
  bool operator()(T value) const {
    const bool isNodata = m_hasNodata & (value == m_nodata);
    if constexpr (std::is_floating_point_v<T>) {
      return (value == value) & !isNodata;
    } else {
      return !isNodata;
    }
  }

 private:
  T m_nodata{};
  bool m_hasNodata = false;
};

}  // namespace cubeloom
