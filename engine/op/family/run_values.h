// SPDX-License-Identifier: GPL-3.0-or-later
// Between pixels as they lie and what kernels see: float or double values and whether each is valid.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/array/array_spec.h"
#include "engine/array/block.h"

namespace cubeloom {

/// Whether kernels that read pixels of this type see double; else float, which holds them all.
inline bool needsDouble(PixelType type) { return !(type == PixelType::Float32 || (isInteger(type) && pixelTypeBytes(type) <= 2)); }

/// Whether kernels from pixels of one type to results of another see double.
inline bool needsDouble(PixelType from, PixelType to) { return needsDouble(from) || needsDouble(to); }

/// `count` pixels side by side as T; `valid[i]` is taken to 0 where one is `nodata` (if there is any) or NaN. Defined for all real pixel
/// types and T float or double; of whole numbers of 64 bits, these themselves.
template <class From, class T>
void loadDense(const From* from, std::size_t count, std::optional<From> nodata, T* values, std::uint8_t* valid);

/// Reads pixels of one type as T.
template <class T>
class RunLoader {
 public:
  RunLoader(PixelType type, const std::optional<double>& nodata) : m_type(type), m_nodata(nodata) {
    if (m_nodata && (std::isnan(*m_nodata) || (isInteger(type) && !canHold(type, *m_nodata)))) m_nodata.reset();
  }

  /// `step` in bytes. `valid[i]` is taken to 0 where a pixel is nodata or NaN, and left as it is elsewhere.
  void load(const std::byte* from, std::int64_t step, std::size_t count, T* __restrict values, std::uint8_t* __restrict valid) const {
    if (step == 0 && count > 1) return repeat(from, count, values, valid);
    if (step == static_cast<std::int64_t>(pixelTypeBytes(m_type)))
      return dispatchRealType(m_type, [&](auto sample) {
        using From = decltype(sample);
        if constexpr (std::is_floating_point_v<T> || std::is_same_v<From, T>) {
          const auto nodata = m_nodata ? std::optional(static_cast<From>(*m_nodata)) : std::nullopt;
          loadDense(reinterpret_cast<const From*>(from), count, nodata, values, valid);
        }
      });
    each(from, step, count, [=](std::size_t i, auto value, bool isMissing) {
      valid[i] &= static_cast<std::uint8_t>(!isMissing);
      values[i] = static_cast<T>(value);  // NOLINT(bugprone-signed-char-misuse): int8 pixels are numbers
    });
  }

  /// The same without a mask: where a pixel is nodata, its value is NaN (of whole numbers 0).
  void loadNan(const std::byte* from, std::int64_t step, std::size_t count, T* __restrict values) const {
    each(from, step, count, [=](std::size_t i, auto value, bool isMissing) {
      values[i] = isMissing ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(value);
    });
  }

 private:
  /// One pixel for all of them: an input that is broadcast.
  void repeat(const std::byte* from, std::size_t count, T* values, std::uint8_t* valid) const {
    std::uint8_t isValid = 1;
    load(from, static_cast<std::int64_t>(pixelTypeBytes(m_type)), 1, values, &isValid);
    std::fill_n(values, count, values[0]);
    if (isValid == 0) std::fill_n(valid, count, std::uint8_t{0});
  }

  template <class F>
  void each(const std::byte* from, std::int64_t step, std::size_t count, F&& take) const {
    dispatchRealType(m_type, [&](auto sample) {
      using From = decltype(sample);
      const bool hasNodata = m_nodata.has_value();
      const From nodata = hasNodata ? static_cast<From>(*m_nodata) : From{};
      const auto one = [&](std::size_t i, From value) {
        take(i, value, static_cast<bool>((value != value) | (hasNodata & (value == nodata))));
      };
      if (step == static_cast<std::int64_t>(sizeof(From))) {
        const From* dense = reinterpret_cast<const From*>(from);
        for (std::size_t i = 0; i < count; ++i) one(i, dense[i]);
      } else {
        for (std::size_t i = 0; i < count; ++i, from += step) one(i, *reinterpret_cast<const From*>(from));
      }
    });
  }

  PixelType m_type;
  std::optional<double> m_nodata;
};

/// Writes results as pixels of one type: converted as convertPixel() does, nodata where they are not valid or no number.
template <class T>
class RunStorer {
 public:
  RunStorer(PixelType type, const std::optional<double>& nodata) : m_type(type), m_nodata(nodata.value_or(NAN)) {}

  void store(const T* __restrict values, const std::uint8_t* __restrict valid, std::size_t count, std::byte* to, std::int64_t step) const {
    dispatchRealType(m_type, [&](auto sample) {
      using To = decltype(sample);
      const To nodata = convertPixel<To>(m_nodata);
      const auto one = [&](std::size_t i) { return ((valid[i] == 0) | (values[i] != values[i])) ? nodata : pixelOf<To>(values[i]); };
      if (step == static_cast<std::int64_t>(sizeof(To))) {
        To* dense = reinterpret_cast<To*>(to);
        for (std::size_t i = 0; i < count; ++i) dense[i] = one(i);
      } else {
        for (std::size_t i = 0; i < count; ++i, to += step) *reinterpret_cast<To*>(to) = one(i);
      }
    });
  }

 private:
  template <class To>
  static To pixelOf(T value) {
    if constexpr (std::is_integral_v<T> && std::is_integral_v<To>) {
      if (std::cmp_less(value, std::numeric_limits<To>::lowest())) return std::numeric_limits<To>::lowest();
      return std::cmp_greater(value, std::numeric_limits<To>::max()) ? std::numeric_limits<To>::max() : static_cast<To>(value);
    } else {
      return convertPixel<To>(static_cast<double>(value));
    }
  }

  PixelType m_type;
  double m_nodata;
};

}  // namespace cubeloom
