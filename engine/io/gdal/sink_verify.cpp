// SPDX-License-Identifier: GPL-3.0-or-later
// Reopens what was written through GDAL: the reader that most users of the file will have.
#include "engine/io/gdal/sink_verify.h"

#include <sys/stat.h>

#include <array>
#include <mutex>
#include <string_view>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_library.h"
#include "engine/io/gdal/gdal_types.h"

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

}  // namespace

void registerSinkDrivers() {
  static std::once_flag once;
  std::call_once(once, [] {
    GDALRegister_GTiff();
    GDALRegister_ENVI();
    GDALRegister_PNG();
    GDALRegister_MEM();
  });
}

Result<void> verifyRaster(const std::string& path, const std::string& target, const char* format, const ExpectedRaster& expected) {
  const bool isWide = expected.type == PixelType::Int64 || expected.type == PixelType::UInt64;
  if (isWide && std::string_view(format) == "ENVI") return verifySize(path, target, expected);
  registerSinkDrivers();
  const char* drivers[] = {format, nullptr};
  const GdalErrorScope errors;
  GDALDatasetH dataset = GDALOpenEx(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, nullptr, nullptr);
  if (dataset == nullptr) return unlike(target, errors.failure(ErrorCode::WriteFailed, target, "GDAL cannot open it").value().message);
  const std::int64_t bands = GDALGetRasterCount(dataset), rows = GDALGetRasterYSize(dataset), cols = GDALGetRasterXSize(dataset);
  const GDALDataType type = bands > 0 ? GDALGetRasterDataType(GDALGetRasterBand(dataset, 1)) : GDT_Unknown;
  GDALClose(dataset);
  if (bands == expected.bands && rows == expected.rows && cols == expected.cols && type == gdalTypeOf(expected.type)) return {};
  return unlike(target, "it reads as " + describe(bands, rows, cols, GDALGetDataTypeName(type)) + ", not " +
                            describe(expected.bands, expected.rows, expected.cols, std::string(pixelTypeName(expected.type))));
}

}  // namespace cubeloom
