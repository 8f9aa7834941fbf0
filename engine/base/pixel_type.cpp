// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/pixel_type.h"

#include <array>
#include <cctype>
#include <string>

namespace cubeloom {
namespace {

struct TypeFacts {
  PixelType type;
  std::string_view name;
  std::string_view gdalName;
  std::size_t bytes;
};

constexpr std::array<TypeFacts, 12> kTypes{{
    {PixelType::UInt8, "uint8", "byte", 1},
    {PixelType::Int8, "int8", "int8", 1},
    {PixelType::UInt16, "uint16", "uint16", 2},
    {PixelType::Int16, "int16", "int16", 2},
    {PixelType::UInt32, "uint32", "uint32", 4},
    {PixelType::Int32, "int32", "int32", 4},
    {PixelType::UInt64, "uint64", "uint64", 8},
    {PixelType::Int64, "int64", "int64", 8},
    {PixelType::Float32, "float32", "float32", 4},
    {PixelType::Float64, "float64", "float64", 8},
    {PixelType::Complex64, "complex64", "cfloat32", 8},
    {PixelType::Complex128, "complex128", "cfloat64", 16},
}};

}  // namespace

std::string_view pixelTypeName(PixelType type) { return kTypes[static_cast<std::size_t>(type)].name; }

std::optional<PixelType> pixelTypeFromName(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const TypeFacts& facts : kTypes)
    if (lower == facts.name || lower == facts.gdalName) return facts.type;
  return std::nullopt;
}

std::size_t pixelTypeBytes(PixelType type) { return kTypes[static_cast<std::size_t>(type)].bytes; }
bool isFloating(PixelType type) { return type == PixelType::Float32 || type == PixelType::Float64; }
bool isComplex(PixelType type) { return type == PixelType::Complex64 || type == PixelType::Complex128; }
bool isInteger(PixelType type) { return !isFloating(type) && !isComplex(type); }

bool canHold(PixelType type, double value) {
  if (isComplex(type)) return true;
  return dispatchRealType(type, [value](auto sample) {
    using T = decltype(sample);
    if constexpr (std::is_integral_v<T>) {
      // Of types of 64 bits the greatest value is no double, its successor is.
      const double most = static_cast<double>(std::numeric_limits<T>::max());
      return !std::isnan(value) && value == std::floor(value) && value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
             (sizeof(T) < 8 ? value <= most : value < most);
    } else {
      return std::isnan(value) || std::isinf(value) || std::abs(value) <= static_cast<double>(std::numeric_limits<T>::max());
    }
  });
}

}  // namespace cubeloom
