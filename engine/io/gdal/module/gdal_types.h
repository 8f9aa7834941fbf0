// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL's data types and ours.
#pragma once

#include <gdal.h>

#include <optional>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// The type that is asked of GDAL for pixels of `type`: signed bytes are its Byte, bit for bit.
inline GDALDataType gdalTypeOf(PixelType type) {
  switch (type) {
    case PixelType::UInt8:
    case PixelType::Int8: return GDT_Byte;
    case PixelType::UInt16: return GDT_UInt16;
    case PixelType::Int16: return GDT_Int16;
    case PixelType::UInt32: return GDT_UInt32;
    case PixelType::Int32: return GDT_Int32;
    case PixelType::UInt64: return GDT_UInt64;
    case PixelType::Int64: return GDT_Int64;
    case PixelType::Float32: return GDT_Float32;
    case PixelType::Float64: return GDT_Float64;
    case PixelType::Complex64: return GDT_CFloat32;
    case PixelType::Complex128: break;
  }
  return GDT_CFloat64;
}

/// Complex integers become complex64; nothing for types GDAL may gain.
inline std::optional<PixelType> pixelTypeOf(GDALDataType type) {
  switch (type) {
    case GDT_Byte: return PixelType::UInt8;
    case GDT_UInt16: return PixelType::UInt16;
    case GDT_Int16: return PixelType::Int16;
    case GDT_UInt32: return PixelType::UInt32;
    case GDT_Int32: return PixelType::Int32;
    case GDT_UInt64: return PixelType::UInt64;
    case GDT_Int64: return PixelType::Int64;
    case GDT_Float32: return PixelType::Float32;
    case GDT_Float64: return PixelType::Float64;
    case GDT_CInt16:
    case GDT_CInt32:
    case GDT_CFloat32: return PixelType::Complex64;
    case GDT_CFloat64: return PixelType::Complex128;
    default: return std::nullopt;
  }
}

}  // namespace cubeloom
