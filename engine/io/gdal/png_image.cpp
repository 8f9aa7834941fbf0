// SPDX-License-Identifier: GPL-3.0-or-later
// PNG through GDAL's driver.
#include "engine/io/gdal/png_image.h"

#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_library.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {

Result<void> encodePng(const std::string& path, const std::string& target, const BlockView& bands, std::optional<double> nodata) {
  registerSinkDrivers();
  const auto count = static_cast<int>(bands.shape[0]);
  const auto rows = static_cast<int>(bands.shape[1]), cols = static_cast<int>(bands.shape[2]);
  const GDALDataType type = bands.type == PixelType::UInt8 ? GDT_Byte : GDT_UInt16;
  const GdalErrorScope errors;
  CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", "NO");
  GDALDatasetH picture = GDALCreate(GDALGetDriverByName("MEM"), "", cols, rows, count, type, nullptr);
  CPLErr state = picture ? CE_None : CE_Failure;
  for (int b = 0; b < count && state == CE_None; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(picture, b + 1);
    if (nodata && count == 1) GDALSetRasterNoDataValue(band, *nodata);
    state = GDALRasterIOEx(band, GF_Write, 0, 0, cols, rows, bands.data + b * bands.strides[0], cols, rows, type, bands.strides[2],
                           bands.strides[1], nullptr);
  }
  GDALDatasetH file = nullptr;
  if (state == CE_None) file = GDALCreateCopy(GDALGetDriverByName("PNG"), path.c_str(), picture, FALSE, nullptr, nullptr, nullptr);
  if (file) {
    GDALFlushCache(file);
    GDALClose(file);
  }
  if (picture) GDALClose(picture);
  CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", nullptr);
  // A full disk may show only while closing, which returns nothing: the errors tell.
  if (file == nullptr || errors.hasFailed())
    return errors.failure(ErrorCode::WriteFailed, target, "'" + target + "' cannot be written as PNG");
  return {};
}

Result<void> writePng(const std::string& path, int width, int height, const std::uint8_t* rgba) {
  // encodePng() only reads; views have no constant form.
  auto* pixels = reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(rgba));
  const BlockView bands{pixels, PixelType::UInt8, {4, height, width}, {1, std::int64_t{4} * width, 4}};
  PartFile file = PartFile::named(path);
  CUBELOOM_TRY(encodePng(file.path(), path, bands, std::nullopt));
  CUBELOOM_TRY(file.finish());
  return file.moveTo(path, true);
}

}  // namespace cubeloom
