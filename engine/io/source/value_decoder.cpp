// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/value_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace cubeloom {
namespace {

template <class T>
T load(const std::byte* from, bool swapped) {
  T value;
  if (!swapped) {
    std::memcpy(&value, from, sizeof(T));
    return value;
  }
  std::byte reversed[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i) reversed[i] = from[sizeof(T) - 1 - i];
  std::memcpy(&value, reversed, sizeof(T));
  return value;
}

/// The fills that a T can be, as T.
template <class T>
std::vector<T> fillsAs(const std::vector<double>& fills) {
  std::vector<T> values;
  for (const double fill : fills) {
    if constexpr (std::is_integral_v<T>) {
      if (fill == std::floor(fill) && fill >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
          fill <= static_cast<double>(std::numeric_limits<T>::max()))
        values.push_back(convertPixel<T>(fill));
    } else {
      values.push_back(static_cast<T>(fill));
    }
  }
  return values;
}

template <class Stored, class Value>
void decodeAs(const ValueDecoder& decoder, const std::byte* from, std::int64_t count, std::byte* to) {
  // numpy multiplies a float32 array by a scalar in float32, whatever the scalar's own type.
  const auto scale = static_cast<Value>(decoder.scale), offset = static_cast<Value>(decoder.offset);
  const std::vector<Stored> fills = fillsAs<Stored>(decoder.fills);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto stored = load<Stored>(from + i * static_cast<std::int64_t>(sizeof(Stored)), decoder.swapped);
    Value value = static_cast<Value>(stored) * scale;
    value += offset;
    if (std::find(fills.begin(), fills.end(), stored) != fills.end()) value = std::numeric_limits<Value>::quiet_NaN();
    std::memcpy(to + i * static_cast<std::int64_t>(sizeof(Value)), &value, sizeof(Value));
  }
}

}  // namespace

PixelType ValueDecoder::resultType(PixelType stored, bool hasOffset, bool hasFill) {
  if (stored == PixelType::Float32) return PixelType::Float32;
  if (isInteger(stored) && pixelTypeBytes(stored) <= 2 && (hasFill || !hasOffset)) return PixelType::Float32;
  return PixelType::Float64;
}

void ValueDecoder::decode(const std::byte* from, std::int64_t count, std::byte* to) const {
  dispatchRealType(stored, [&](auto sample) {
    using Stored = decltype(sample);
    if (result == PixelType::Float32) {
      decodeAs<Stored, float>(*this, from, count, to);
    } else {
      decodeAs<Stored, double>(*this, from, count, to);
    }
  });
}

}  // namespace cubeloom
