// SPDX-License-Identifier: GPL-3.0-or-later
// Quantiles between order statistics, and values as unsigned keys of the same order.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// Where the q-quantile of `count` sorted values lies: between the values of rank `lower` and `upper` (0-based), `weight` of the way.
/// numpy's default ("linear"; Hyndman, Fan 1996, definition 7, doi:10.1080/00031305.1996.10473566).
struct QuantileRank {
  std::int64_t lower = 0, upper = 0;
  double weight = 0;
};
inline QuantileRank quantileRank(double q, std::int64_t count) {
  const double place = q * static_cast<double>(count - 1);
  QuantileRank rank;
  rank.lower = static_cast<std::int64_t>(std::floor(place));
  rank.weight = place - static_cast<double>(rank.lower);
  rank.upper = rank.weight > 0 ? rank.lower + 1 : rank.lower;
  return rank;
}
/// In numpy's order of operations; between equal values (two infinities, say) that value.
inline double between(double lower, double upper, double weight) {
  if (lower == upper || weight == 0) return lower;
  return weight < 0.5 ? lower + (upper - lower) * weight : upper - (upper - lower) * (1 - weight);
}

/// Unsigned, as wide as T, and ordered as the values are; both zeros are one. Not for NaN.
template <class T>
auto sortKey(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr Bits kSign = Bits{1} << (sizeof(T) * 8 - 1);
    const Bits bits = std::bit_cast<Bits>(value == T{0} ? T{0} : value);
    return static_cast<Bits>((bits & kSign) != 0 ? ~bits : bits | kSign);
  } else {
    using Bits = std::make_unsigned_t<T>;
    constexpr Bits kFlip = std::is_signed_v<T> ? static_cast<Bits>(Bits{1} << (sizeof(T) * 8 - 1)) : Bits{0};
    return static_cast<Bits>(static_cast<Bits>(value) ^ kFlip);
  }
}
template <class T>
using SortKey = decltype(sortKey(T{}));

/// The value of a key.
template <class T>
T keyValue(SortKey<T> key) {
  using Bits = SortKey<T>;
  constexpr auto kTop = static_cast<Bits>(Bits{1} << (sizeof(T) * 8 - 1));
  if constexpr (std::is_floating_point_v<T>) {
    return std::bit_cast<T>(static_cast<Bits>((key & kTop) != 0 ? key ^ kTop : ~key));
  } else {
    return static_cast<T>(std::is_signed_v<T> ? static_cast<Bits>(key ^ kTop) : key);
  }
}

}  // namespace cubeloom
