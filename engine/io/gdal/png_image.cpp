// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/png_image.h"

#include "engine/io/gdal/gdal_module.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {

Result<void> encodePng(const std::string& path, const std::string& target, const BlockView& bands, std::optional<double> nodata,
                       const PngPalette& palette) {
  const auto gdal = gdalService(ErrorCode::WriteFailed);
  if (!gdal) return fail(gdal.error());
  GdalPicture picture;
  picture.path = path;
  picture.pixels = bands.data;
  picture.type = bands.type;
  picture.bands = static_cast<int>(bands.shape[0]);
  picture.rows = static_cast<int>(bands.shape[1]);
  picture.cols = static_cast<int>(bands.shape[2]);
  picture.strides = {bands.strides[0], bands.strides[1], bands.strides[2]};
  picture.nodata = nodata;
  picture.colours = palette;
  if (const auto done = (*gdal)->writePng(picture); !done)
    return gdalFailure(ErrorCode::WriteFailed, target, "'" + target + "' cannot be written as PNG", done.error());
  return {};
}

Result<void> writePng(const std::string& path, int width, int height, const std::uint8_t* rgba) {
  // encodePng() only reads; views have no constant form.
  auto* pixels = reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(rgba));
  const BlockView bands{pixels, PixelType::UInt8, {4, height, width}, {1, std::int64_t{4} * width, 4}};
  PartFile file = PartFile::named(path);
  CUBELOOM_TRY(encodePng(file.path(), path, bands, std::nullopt, {}));
  CUBELOOM_TRY(file.finish());
  return file.moveTo(path, true);
}

}  // namespace cubeloom
