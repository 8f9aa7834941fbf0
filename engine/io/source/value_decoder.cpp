// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/value_decoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/array/strided_copy.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kPiece = 1024;  // elements swapped at once

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

/// `count` values in the machine's order.
template <class Stored, class Value>
void decodePiece(const ValueDecoder& decoder, const std::vector<Stored>& fills, const std::byte* from, std::int64_t count, Value* to) {
  // numpy multiplies a float32 array by a scalar in float32, whatever the scalar's own type.
  const auto scale = static_cast<Value>(decoder.scale), offset = static_cast<Value>(decoder.offset);
  const bool scales = decoder.scale != 1, shifts = decoder.offset != 0;
  const bool hasFill = !fills.empty();
  const Stored first = hasFill ? fills.front() : Stored{};
  const auto at = [from](std::int64_t i) {
    Stored stored;
    std::memcpy(&stored, from + i * static_cast<std::int64_t>(sizeof(Stored)), sizeof(Stored));
    return stored;
  };
  constexpr Value kNan = std::numeric_limits<Value>::quiet_NaN();
  for (std::int64_t i = 0; i < count; ++i) {
    const Stored stored = at(i);
    auto value = static_cast<Value>(stored);
    if (scales) value *= scale;
    if (shifts) value += offset;
    to[i] = hasFill && stored == first ? kNan : value;
  }
  for (std::size_t f = 1; f < fills.size(); ++f)
    for (std::int64_t i = 0; i < count; ++i) to[i] = at(i) == fills[f] ? kNan : to[i];
}

template <class T>
bool isSame(T value, T fill) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(fill)) return std::isnan(value);
  return value == fill;
}

/// `count` values in the machine's order, of which all that are missing become the first fill.
template <class T>
void mergePiece(const std::vector<T>& fills, const std::byte* from, std::int64_t count, T* to) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
  for (std::size_t f = 1; f < fills.size(); ++f)
    for (std::int64_t i = 0; i < count; ++i) to[i] = isSame(to[i], fills[f]) ? fills.front() : to[i];
}

template <class Stored, class Value>
void decodeAs(const ValueDecoder& decoder, const std::byte* from, std::int64_t count, Value* to) {
  const std::vector<Stored> fills = fillsAs<Stored>(decoder.fills);
  std::array<std::byte, kPiece * sizeof(Stored)> held;
  for (std::int64_t at = 0; at < count; at += kPiece) {
    const std::int64_t n = std::min(kPiece, count - at), bytes = n * static_cast<std::int64_t>(sizeof(Stored));
    const std::byte* piece = from + at * static_cast<std::int64_t>(sizeof(Stored));
    if (decoder.swapped) {
      std::memcpy(held.data(), piece, static_cast<std::size_t>(bytes));
      swapInPlace(held.data(), bytes, sizeof(Stored));
      piece = held.data();
    }
    if constexpr (std::is_same_v<Stored, Value>)
      if (!decoder.isScaled) {
        mergePiece(fills, piece, n, to + at);
        continue;
      }
    if constexpr (std::is_floating_point_v<Value>) decodePiece<Stored, Value>(decoder, fills, piece, n, to + at);
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
    if (!isScaled) {
      decodeAs<Stored>(*this, from, count, reinterpret_cast<Stored*>(to));
    } else if (result == PixelType::Float32) {
      decodeAs<Stored>(*this, from, count, reinterpret_cast<float*>(to));
    } else {
      decodeAs<Stored>(*this, from, count, reinterpret_cast<double*>(to));
    }
  });
}

}  // namespace cubeloom
