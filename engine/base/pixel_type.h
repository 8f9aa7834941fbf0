// SPDX-License-Identifier: GPL-3.0-or-later
// The pixel types of the engine and the one templated dispatch over them.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cubeloom {

enum class PixelType : std::uint8_t {
  UInt8,
  Int8,
  UInt16,
  Int16,
  UInt32,
  Int32,
  UInt64,
  Int64,
  Float32,
  Float64,
  Complex64,   ///< two float32
  Complex128,  ///< two float64
};

/// numpy's name: "uint8", "float32", "complex64".
std::string_view pixelTypeName(PixelType type);
/// From numpy's name, or GDAL's ("Byte", "Float32"), ignoring case.
std::optional<PixelType> pixelTypeFromName(std::string_view name);
std::size_t pixelTypeBytes(PixelType type);
bool isFloating(PixelType type);  ///< float32 and float64
bool isComplex(PixelType type);
bool isInteger(PixelType type);
/// Whether `value` (which may be NaN) is representable without change.
bool canHold(PixelType type, double value);

/// Calls `f(T{})` with the C++ type of `type`, complex types included.
template <class F>
decltype(auto) dispatchPixelType(PixelType type, F&& f) {
  switch (type) {
    case PixelType::UInt8: return f(std::uint8_t{});
    case PixelType::Int8: return f(std::int8_t{});
    case PixelType::UInt16: return f(std::uint16_t{});
    case PixelType::Int16: return f(std::int16_t{});
    case PixelType::UInt32: return f(std::uint32_t{});
    case PixelType::Int32: return f(std::int32_t{});
    case PixelType::UInt64: return f(std::uint64_t{});
    case PixelType::Int64: return f(std::int64_t{});
    case PixelType::Float32: return f(float{});
    case PixelType::Float64: return f(double{});
    case PixelType::Complex64: return f(std::complex<float>{});
    case PixelType::Complex128: break;
  }
  return f(std::complex<double>{});
}

/// Calls `f(T{})` for a real type; `isComplex(type)` must be false.
template <class F>
decltype(auto) dispatchRealType(PixelType type, F&& f) {
  switch (type) {
    case PixelType::UInt8: return f(std::uint8_t{});
    case PixelType::Int8: return f(std::int8_t{});
    case PixelType::UInt16: return f(std::uint16_t{});
    case PixelType::Int16: return f(std::int16_t{});
    case PixelType::UInt32: return f(std::uint32_t{});
    case PixelType::Int32: return f(std::int32_t{});
    case PixelType::UInt64: return f(std::uint64_t{});
    case PixelType::Int64: return f(std::int64_t{});
    case PixelType::Float32: return f(float{});
    default: break;
  }
  return f(double{});
}

/// GDAL's conversion rule: rounded half away from zero and clamped for integers, NaN becomes 0; plain cast otherwise.
template <class T>
T convertPixel(double value);

}  // namespace cubeloom

#include "engine/base/pixel_type_inl.h"
