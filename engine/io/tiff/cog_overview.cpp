// SPDX-License-Identifier: GPL-3.0-or-later
// 2 x 2 means that know nodata, and classes.
#include "engine/io/tiff/cog_overview.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <type_traits>

#include "engine/array/strided_copy.h"

namespace cubeloom {
namespace {

/// Sums and converts back: double for small types, long double for 64-bit integers, which a double cannot hold.
template <class T>
struct Mean {
  using Sum = std::conditional_t<std::is_integral_v<T> && sizeof(T) == 8, long double, double>;
  static double real(T value) { return static_cast<double>(value); }
  static T finish(Sum sum, int count) {
    const Sum mean = sum / static_cast<Sum>(count);
    if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
      return static_cast<T>(std::round(mean));
    } else {
      return convertPixel<T>(mean);
    }
  }
  /// The neighbouring value, towards zero where there is one.
  static T next(T value) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(value > 0 ? value - 1 : value + 1);
    } else {
      return std::nextafter(value, value > 0 ? T{0} : std::numeric_limits<T>::max());
    }
  }
};

template <class T>
struct Mean<std::complex<T>> {
  using Sum = std::complex<double>;
  static double real(std::complex<T> value) { return static_cast<double>(value.real()); }
  static std::complex<T> finish(Sum sum, int count) {
    const Sum mean = sum / static_cast<double>(count);
    return {static_cast<T>(mean.real()), static_cast<T>(mean.imag())};
  }
  static std::complex<T> next(std::complex<T> value) { return {Mean<T>::next(value.real()), value.imag()}; }
};

/// Nodata as the type holds it: comparing doubles would miss 0.1 in float32, and 64-bit integers beyond 2^53.
template <class T>
class Nodata {
 public:
  explicit Nodata(std::optional<double> value) : m_given(value && !std::isnan(*value)) {
    if (!value) return;
    if constexpr (std::is_integral_v<T>) {
      m_given = m_given && canHoldValue(*value);
      m_value = convertPixel<T>(*value);
    } else if constexpr (std::is_floating_point_v<T>) {
      m_value = static_cast<T>(*value);
    } else {
      m_value = T(static_cast<typename T::value_type>(*value));
    }
  }
  bool equals(T pixel) const {
    if constexpr (std::is_integral_v<T> || std::is_floating_point_v<T>) {
      return m_given && pixel == m_value;
    } else {
      return m_given && pixel.real() == m_value.real();
    }
  }
  bool isInvalid(T pixel) const { return equals(pixel) || std::isnan(Mean<T>::real(pixel)); }
  T value() const { return m_value; }

 private:
  static bool canHoldValue(double value) {
    return value == std::floor(value) && value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
           value <= static_cast<double>(std::numeric_limits<T>::max());
  }
  T m_value{};
  bool m_given;
};

/// `samples` numbers a pixel; a constant 1 leaves no inner loop.
template <class T, class Samples>
void halve(const BlockView& from, const BlockView& to, const Nodata<T>& nodata, T nothing, Samples samples) {
  const std::int64_t rows = from.shape[0], cols = from.shape[1];
  for (std::int64_t r = 0; r < to.shape[0]; ++r) {
    const auto* upper = reinterpret_cast<const T*>(from.data + 2 * r * from.strides[0]);
    const auto* lower = 2 * r + 1 < rows ? reinterpret_cast<const T*>(from.data + (2 * r + 1) * from.strides[0]) : nullptr;
    auto* out = reinterpret_cast<T*>(to.data + r * to.strides[0]);
    for (std::int64_t c = 0; c < to.shape[1]; ++c) {
      for (std::int64_t s = 0; s < samples; ++s) {
        typename Mean<T>::Sum sum{};
        int count = 0;
        for (const T* line : {upper, lower}) {
          if (line == nullptr) continue;
          for (std::int64_t k = 2 * c; k < std::min(2 * c + 2, cols); ++k) {
            const T pixel = line[k * samples + s];
            if (nodata.isInvalid(pixel)) continue;
            sum += typename Mean<T>::Sum(pixel);
            ++count;
          }
        }
        T mean = count > 0 ? Mean<T>::finish(sum, count) : nothing;
        if (count > 0 && nodata.equals(mean)) mean = Mean<T>::next(mean);
        out[c * samples + s] = mean;
      }
    }
  }
}

}  // namespace

void halveBlock(const BlockView& from, const BlockView& to, std::optional<double> nodata) {
  dispatchPixelType(from.type, [&](auto sample) {
    using T = decltype(sample);
    const Nodata<T> known(nodata);
    // Only a NaN can be invalid without a declared nodata: it stays NaN.
    T nothing = known.value();
    if constexpr (!std::is_integral_v<T>) {
      if (!nodata || std::isnan(*nodata)) nothing = T(std::numeric_limits<double>::quiet_NaN());
    }
    std::int64_t samples = 1;
    for (std::size_t d = 2; d < from.shape.size(); ++d) samples *= from.shape[d];
    if (samples == 1) {
      halve(from, to, known, nothing, std::integral_constant<std::int64_t, 1>());
    } else {
      halve(from, to, known, nothing, samples);
    }
  });
}

void halveClasses(const BlockView& from, const BlockView& to) {
  BlockView everySecond = from;
  everySecond.shape = to.shape;
  for (std::size_t d = 0; d < 2; ++d) everySecond.strides[d] *= 2;
  copyBlock(everySecond, to);
}

}  // namespace cubeloom
