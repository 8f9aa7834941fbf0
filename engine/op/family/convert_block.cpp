// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/convert_block.h"

#include <cmath>
#include <complex>
#include <limits>
#include <type_traits>
#include <utility>

#include "engine/array/strided_copy.h"
#include "engine/op/family/aligned_runs.h"

namespace cubeloom {
namespace {

template <class T>
constexpr bool kIsComplex = false;
template <class T>
constexpr bool kIsComplex<std::complex<T>> = true;

template <class T>
auto realOf(T value) {
  if constexpr (kIsComplex<T>) {
    return value.real();
  } else {
    return value;
  }
}

/// convertPixel() without a branch.
template <class To>
To roundedAndClamped(double value) {
  constexpr auto kLowest = static_cast<double>(std::numeric_limits<To>::lowest());
  constexpr auto kMost = static_cast<double>(std::numeric_limits<To>::max());
  const double moved = value + (value < 0 ? -kAlmostHalf : kAlmostHalf);
  if constexpr (sizeof(To) < 4 || std::is_same_v<To, std::int32_t>) {  // what processors convert many at a time
    const double kept = moved < kLowest ? kLowest : moved > kMost ? kMost : moved;
    return static_cast<To>(static_cast<std::int32_t>(moved == moved ? kept : 0.0));
  }
  const bool isLow = moved <= kLowest, isHigh = moved >= kMost;
  const To inside = static_cast<To>((isLow | isHigh | (moved != moved)) ? 0.0 : moved);
  return isLow ? std::numeric_limits<To>::lowest() : isHigh ? std::numeric_limits<To>::max() : inside;
}

template <class From, class To>
To clamped(From value) {
  const bool isLow = std::cmp_less(value, std::numeric_limits<To>::lowest());
  const bool isHigh = std::cmp_greater(value, std::numeric_limits<To>::max());
  return isLow ? std::numeric_limits<To>::lowest() : isHigh ? std::numeric_limits<To>::max() : static_cast<To>(value);
}

template <class From, class To>
To converted(From value) {
  if constexpr (std::is_same_v<From, To>) {
    return value;
  } else if constexpr (kIsComplex<To>) {
    using Part = typename To::value_type;
    if constexpr (kIsComplex<From>) {
      return To(static_cast<Part>(value.real()), static_cast<Part>(value.imag()));
    } else {
      return To(static_cast<Part>(value));
    }
  } else if constexpr (kIsComplex<From>) {
    return converted<double, To>(static_cast<double>(value.real()));
  } else if constexpr (!std::is_integral_v<To>) {
    return static_cast<To>(static_cast<double>(value));
  } else if constexpr (std::is_integral_v<From>) {
    return clamped<From, To>(value);
  } else {
    return roundedAndClamped<To>(static_cast<double>(value));
  }
}

/// What marks a pixel as missing, in its own type.
template <class Real>
struct Missing {
  bool hasValue = false, isNan = false;
  Real value{};
};

template <class Real>
Missing<Real> missing(std::optional<double> nodata) {
  if constexpr (std::is_integral_v<Real>) {
    if (!nodata) return {};
    // A value that the type cannot hold stands nowhere.
    const Real value = converted<double, Real>(*nodata);
    return {static_cast<double>(value) == *nodata, false, value};
  } else {
    const bool hasValue = nodata && !std::isnan(*nodata);
    return {hasValue, true, hasValue ? static_cast<Real>(*nodata) : Real{}};
  }
}

template <class From, class To, class Real>
void convertDense(const From* __restrict in, To* __restrict out, std::size_t count, Missing<Real> missing, To nodata) {
  for (std::size_t i = 0; i < count; ++i) {
    const Real real = realOf(in[i]);
    const bool isMissing = (missing.hasValue & (real == missing.value)) | (missing.isNan & (real != real));
    const To value = converted<From, To>(in[i]);
    out[i] = isMissing ? nodata : value;
  }
}

constexpr std::int64_t kSpan = 2048;  // elements of the largest type on both sides stay in the first-level cache

/// Runs with gaps go through dense spans.
template <class From, class To>
void convertViews(const BlockView& from, const BlockView& to, std::optional<double> nodataFrom, std::optional<double> nodataTo) {
  using Real = decltype(realOf(From{}));
  const Missing<Real> marks = nodataTo ? missing<Real>(nodataFrom) : Missing<Real>{};
  const To nodata = converted<double, To>(nodataTo.value_or(0));
  const StridedCopy gather{sizeof(From)}, scatter{sizeof(To)};
  std::vector<From> source;
  std::vector<To> target;
  AlignedRuns({to, from}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
    const bool densely = n == 1 || (steps[0] == sizeof(To) && steps[1] == sizeof(From));
    if (densely) {
      convertDense(reinterpret_cast<const From*>(pointers[1]), reinterpret_cast<To*>(pointers[0]), static_cast<std::size_t>(n), marks,
                   nodata);
      return;
    }
    source.resize(kSpan);
    target.resize(kSpan);
    for (std::int64_t first = 0; first < n; first += kSpan) {
      const std::int64_t count = std::min(kSpan, n - first);
      gather.line(pointers[1] + first * steps[1], steps[1], reinterpret_cast<std::byte*>(source.data()), sizeof(From), count);
      convertDense(source.data(), target.data(), static_cast<std::size_t>(count), marks, nodata);
      scatter.line(reinterpret_cast<const std::byte*>(target.data()), sizeof(To), pointers[0] + first * steps[0], steps[0], count);
    }
  });
}

}  // namespace

void convertBlock(const BlockView& from, const BlockView& to, std::optional<double> nodataFrom, std::optional<double> nodataTo) {
  const bool replaces = nodataTo && (nodataFrom || !isInteger(from.type));
  if (!replaces && from.type == to.type) return copyBlock(from, to);
  dispatchPixelType(from.type, [&](auto source) {
    dispatchPixelType(to.type, [&](auto target) { convertViews<decltype(source), decltype(target)>(from, to, nodataFrom, nodataTo); });
  });
}

}  // namespace cubeloom
