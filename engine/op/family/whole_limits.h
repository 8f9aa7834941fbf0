// SPDX-License-Identifier: GPL-3.0-or-later
// Limits, as they are given, among the whole numbers of a type.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

namespace cubeloom {

/// The whole numbers of T from `low` to `high`: what of T lies between two limits.
template <class T>
struct WholeRange {
  T low{}, high{};
  bool isEmpty = false;
  bool has(T value) const { return !isEmpty && value >= low && value <= high; }
};

/// `hasLow`, `hasHigh`: whether the limit itself belongs to it.
template <class T>
WholeRange<T> wholeRange(long double low, long double high, bool hasLow = true, bool hasHigh = true) {
  static_assert(std::is_integral_v<T> && std::numeric_limits<long double>::digits >= 64);
  using Limits = std::numeric_limits<T>;
  constexpr auto kLeast = static_cast<long double>(Limits::lowest()), kMost = static_cast<long double>(Limits::max());
  long double first = std::ceil(low), last = std::floor(high);
  if (!hasLow && first == low) first += 1;
  if (!hasHigh && last == high) last -= 1;
  if (!(first <= last) || first > kMost || last < kLeast) return {T{}, T{}, true};
  return {first <= kLeast ? Limits::lowest() : static_cast<T>(first), last >= kMost ? Limits::max() : static_cast<T>(last), false};
}

}  // namespace cubeloom
