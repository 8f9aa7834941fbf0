// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_filters.h"

#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/array/strided_copy.h"

namespace cubeloom {
namespace {

template <class T>
T valueAt(const std::byte* from, std::size_t i) {
  T value;
  std::memcpy(&value, from + i * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void put(std::byte* to, std::size_t i, T value) {
  std::memcpy(to + i * sizeof(T), &value, sizeof(T));
}

/// numpy's astype: whole numbers wrap around, fractions are cut off. What no whole number can be is the lowest one.
template <class To, class From>
To castTo(From value) {
  if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    constexpr auto kEnd = static_cast<double>(std::numeric_limits<To>::max());
    const auto wide = static_cast<double>(value);
    if (!(wide > static_cast<double>(std::numeric_limits<To>::lowest()) - 1 && wide < kEnd + 1)) return std::numeric_limits<To>::lowest();
    return wide >= kEnd ? std::numeric_limits<To>::max() : static_cast<To>(wide);
  } else {
    return static_cast<To>(value);
  }
}

/// From all first bytes, all second bytes, ... back to elements; a rest shorter than an element stays.
void unshuffle(const std::byte* from, std::byte* to, std::size_t bytes, std::size_t elementBytes) {
  const std::size_t count = bytes / elementBytes;
  for (std::size_t b = 0; b < elementBytes; ++b)
    for (std::size_t i = 0; i < count; ++i) to[i * elementBytes + b] = from[b * count + i];
  std::memcpy(to + count * elementBytes, from + count * elementBytes, bytes - count * elementBytes);
}

/// Each value is the sum of those stored up to it; whole numbers go round.
void undoDelta(PixelType type, const std::byte* from, std::byte* to, std::size_t bytes) {
  dispatchRealType(type, [&]<class T>(T) {
    using Sum = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;
    Sum sum = 0;
    for (std::size_t i = 0; i < bytes / sizeof(T); ++i) put(to, i, sum = static_cast<Sum>(sum + valueAt<Sum>(from, i)));
  });
}

void undoCast(const ZarrStep& step, const std::byte* from, std::byte* to, std::size_t room) {
  dispatchRealType(step.stored, [&]<class Stored>(Stored) {
    dispatchRealType(step.value, [&]<class Value>(Value) {
      for (std::size_t i = 0; i < room / sizeof(Value); ++i) put(to, i, castTo<Value>(valueAt<Stored>(from, i)));
    });
  });
}

/// numpy divides whole numbers as float64, a float32 array by a number as float32.
void undoScale(const ZarrStep& step, const std::byte* from, std::byte* to, std::size_t room) {
  dispatchRealType(step.stored, [&]<class Stored>(Stored) {
    using Real = std::conditional_t<std::is_same_v<Stored, float>, float, double>;
    const auto scale = static_cast<Real>(step.scale), offset = static_cast<Real>(step.offset);
    dispatchRealType(step.value, [&]<class Value>(Value) {
      for (std::size_t i = 0; i < room / sizeof(Value); ++i)
        put(to, i, castTo<Value>(static_cast<Real>(valueAt<Stored>(from, i)) / scale + offset));
    });
  });
}

/// Eight truths a byte, the first in the highest bit; in front a byte that counts the bits that only fill up the last one.
Result<void> unpackBits(const std::byte* from, std::byte* to, std::size_t count) {
  const auto padding = std::to_integer<std::size_t>(from[0]);
  if (padding > 7 || (count + padding) % 8 != 0)
    return fail(ErrorCode::ReadFailed, "its packbits data do not hold " + std::to_string(count) + " bits",
                "the file is cut off or damaged");
  for (std::size_t i = 0; i < count; ++i) to[i] = (from[1 + i / 8] >> (7 - i % 8)) & std::byte{1};
  return {};
}

}  // namespace

float halfToFloat(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16, exponent = (bits >> 10) & 0x1FU, fraction = bits & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  const float small = static_cast<float>(fraction) * 0x1p-24F;
  return sign != 0 ? -small : small;
}

std::optional<std::size_t> filteredBytes(const ZarrStep& step, std::size_t decoded) {
  switch (step.kind) {
    case ZarrStep::Kind::Crc32:
    case ZarrStep::Kind::Adler32:
    case ZarrStep::Kind::Crc32c: return decoded + sizeof(std::uint32_t);
    case ZarrStep::Kind::Shuffle:
    case ZarrStep::Kind::Swap:
    case ZarrStep::Kind::Delta: return decoded;
    case ZarrStep::Kind::Cast:
    case ZarrStep::Kind::ScaleOffset: return decoded / pixelTypeBytes(step.value) * pixelTypeBytes(step.stored);
    case ZarrStep::Kind::Half: return decoded / 2;
    case ZarrStep::Kind::PackBits: return 1 + (decoded + 7) / 8;
    default: return std::nullopt;
  }
}

Result<void> undoFilter(const ZarrStep& step, const std::byte* from, std::byte* to, std::size_t room) {
  switch (step.kind) {
    case ZarrStep::Kind::Shuffle: unshuffle(from, to, room, step.elementBytes); break;
    case ZarrStep::Kind::Delta: undoDelta(step.value, from, to, room); break;
    case ZarrStep::Kind::Cast: undoCast(step, from, to, room); break;
    case ZarrStep::Kind::ScaleOffset: undoScale(step, from, to, room); break;
    case ZarrStep::Kind::PackBits: return unpackBits(from, to, room);
    case ZarrStep::Kind::Half:
      for (std::size_t i = 0; i < room / sizeof(float); ++i) put(to, i, halfToFloat(valueAt<std::uint16_t>(from, i)));
      break;
    default: std::memcpy(to, from, room); swapInPlace(to, static_cast<std::int64_t>(room), step.elementBytes);
  }
  return {};
}

}  // namespace cubeloom
