// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/strided_copy.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace cubeloom {
namespace {

template <class U>
U reversed(U value) {
  if constexpr (sizeof(U) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(U) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(U) == 8) return __builtin_bswap64(value);
  return value;
}

/// `kUnits` units of U to an element.
template <class U, std::size_t kUnits, bool kSwap>
void copyLine(const std::byte* from, std::int64_t fromStep, std::byte* to, std::int64_t toStep, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i, from += fromStep, to += toStep) {
    std::array<U, kUnits> element;
    std::memcpy(element.data(), from, sizeof(element));
    if constexpr (kSwap)
      for (U& unit : element) unit = reversed(unit);
    std::memcpy(to, element.data(), sizeof(element));
  }
}

using LineFunction = void (*)(const std::byte*, std::int64_t, std::byte*, std::int64_t, std::int64_t);

LineFunction lineFunction(std::size_t elementBytes, std::size_t swapUnit) {
  switch (elementBytes) {
    case 1: return copyLine<std::uint8_t, 1, false>;
    case 2: return swapUnit ? copyLine<std::uint16_t, 1, true> : copyLine<std::uint16_t, 1, false>;
    case 4: return swapUnit ? copyLine<std::uint32_t, 1, true> : copyLine<std::uint32_t, 1, false>;
    case 8:
      if (swapUnit == 4) return copyLine<std::uint32_t, 2, true>;
      return swapUnit ? copyLine<std::uint64_t, 1, true> : copyLine<std::uint64_t, 1, false>;
    default: return swapUnit ? copyLine<std::uint64_t, 2, true> : copyLine<std::uint64_t, 2, false>;
  }
}

}  // namespace

std::vector<std::int64_t> denseStridesOf(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

void StridedCopy::line(const std::byte* from, std::int64_t fromStep, std::byte* to, std::int64_t toStep, std::int64_t count) const {
  const auto bytes = static_cast<std::int64_t>(elementBytes);
  if (swapUnit == 0 && fromStep == bytes && toStep == bytes) {
    std::memcpy(to, from, static_cast<std::size_t>(count * bytes));
    return;
  }
  lineFunction(elementBytes, swapUnit)(from, fromStep, to, toStep, count);
}

void StridedCopy::plane(const std::byte* from, std::int64_t fromRowStep, std::int64_t fromColumnStep, std::byte* to, std::int64_t toRowStep,
                        std::int64_t toColumnStep, std::int64_t rows, std::int64_t columns) const {
  constexpr std::int64_t kShort = 4;
  bool alongRows = std::abs(toRowStep) < std::abs(toColumnStep);
  if ((alongRows ? rows : columns) < kShort) alongRows = rows > columns;
  if (alongRows) {
    std::swap(rows, columns);
    std::swap(fromRowStep, fromColumnStep);
    std::swap(toRowStep, toColumnStep);
  }
  for (std::int64_t r = 0; r < rows; ++r) line(from + r * fromRowStep, fromColumnStep, to + r * toRowStep, toColumnStep, columns);
}

void swapInPlace(std::byte* data, std::int64_t bytes, std::size_t unitBytes) {
  const auto unit = static_cast<std::int64_t>(unitBytes);
  if (unit == 1) return;
  lineFunction(unitBytes, unitBytes)(data, unit, data, unit, bytes / unit);
}

}  // namespace cubeloom
