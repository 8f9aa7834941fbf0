// SPDX-License-Identifier: GPL-3.0-or-later
// Reopens what was written through GDAL: the reader that most users of the file will have.
#include "engine/io/gdal/sink_verify.h"

#include <sys/stat.h>

#include <string_view>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_module.h"

namespace cubeloom {
namespace {

std::string describe(std::int64_t bands, std::int64_t rows, std::int64_t cols, const std::string& type) {
  return std::to_string(bands) + " x " + std::to_string(rows) + " x " + std::to_string(cols) + " " + type;
}

Failure unlike(const std::string& target, const std::string& message) {
  return failAt(ErrorCode::WriteFailed, target, "'" + target + "' failed its check before publishing: " + message,
                "nothing was published; run again, and look at the disk if it comes back");
}

Result<void> verifySize(const std::string& path, const std::string& target, const ExpectedRaster& expected) {
  const std::int64_t wanted = expected.bands * expected.rows * expected.cols * static_cast<std::int64_t>(pixelTypeBytes(expected.type));
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0 && found.st_size == wanted) return {};
  return unlike(target, "it has " + formatCount(found.st_size) + " bytes, not " + formatCount(wanted));
}

/// GDAL's name of the type that pixels of `type` are written as: signed bytes are its Byte, bit for bit.
std::string_view gdalTypeName(PixelType type) {
  switch (type) {
    case PixelType::UInt8:
    case PixelType::Int8: return "Byte";
    case PixelType::UInt16: return "UInt16";
    case PixelType::Int16: return "Int16";
    case PixelType::UInt32: return "UInt32";
    case PixelType::Int32: return "Int32";
    case PixelType::UInt64: return "UInt64";
    case PixelType::Int64: return "Int64";
    case PixelType::Float32: return "Float32";
    case PixelType::Float64: return "Float64";
    case PixelType::Complex64: return "CFloat32";
    case PixelType::Complex128: break;
  }
  return "CFloat64";
}

}  // namespace

Result<void> verifyRaster(const std::string& path, const std::string& target, const char* format, const ExpectedRaster& expected) {
  const bool isWide = expected.type == PixelType::Int64 || expected.type == PixelType::UInt64;
  if (isWide && std::string_view(format) == "ENVI") return verifySize(path, target, expected);
  const auto gdal = gdalService(ErrorCode::WriteFailed);
  if (!gdal) return fail(gdal.error());
  (*gdal)->admitSinkDrivers();
  const auto file = (*gdal)->open(path, {format});
  if (!file) return unlike(target, gdalFailure(ErrorCode::WriteFailed, target, "GDAL cannot open it", file.error()).value().message);
  if (file->bands == expected.bands && file->rows == expected.rows && file->cols == expected.cols &&
      file->typeName == gdalTypeName(expected.type))
    return {};
  return unlike(target, "it reads as " + describe(file->bands, file->rows, file->cols, file->typeName) + ", not " +
                            describe(expected.bands, expected.rows, expected.cols, std::string(pixelTypeName(expected.type))));
}

}  // namespace cubeloom
