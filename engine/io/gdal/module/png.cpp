// SPDX-License-Identifier: GPL-3.0-or-later
// PNG through GDAL's driver.
#include <gdal.h>

#include <algorithm>

#include "engine/io/gdal/module/gdal_types.h"
#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"

namespace cubeloom::gdal {
namespace {

CPLErr fill(GDALDatasetH memory, const GdalPicture& picture) {
  const GDALDataType type = gdalTypeOf(picture.type);
  for (int b = 0; b < picture.bands; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(memory, b + 1);
    if (picture.nodata && picture.bands == 1) GDALSetRasterNoDataValue(band, *picture.nodata);
    if (!picture.colours.empty() && picture.bands == 1 && type == GDT_Byte) {
      GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
      for (std::size_t i = 0; i < std::min<std::size_t>(picture.colours.size(), 256); ++i) {
        const auto [red, green, blue, opacity] = picture.colours[i];
        const GDALColorEntry entry{red, green, blue, opacity};
        GDALSetColorEntry(table, static_cast<int>(i), &entry);
      }
      GDALSetRasterColorTable(band, table);
      GDALDestroyColorTable(table);
    }
    auto* pixels = const_cast<std::byte*>(picture.pixels + b * picture.strides[0]);  // they are only read
    if (GDALRasterIOEx(band, GF_Write, 0, 0, picture.cols, picture.rows, pixels, picture.cols, picture.rows, type, picture.strides[2],
                       picture.strides[1], nullptr) != CE_None)
      return CE_Failure;
  }
  return CE_None;
}

}  // namespace

GdalAnswer<> writePng(const GdalPicture& picture) {
  admitSinkDrivers();
  const Complaints complaints;
  const Setting noSideFiles("GDAL_PAM_ENABLED", "NO");
  GDALDatasetH memory =
      GDALCreate(GDALGetDriverByName("MEM"), "", picture.cols, picture.rows, picture.bands, gdalTypeOf(picture.type), nullptr);
  GDALDatasetH file = nullptr;
  if (memory != nullptr && fill(memory, picture) == CE_None)
    file = GDALCreateCopy(GDALGetDriverByName("PNG"), picture.path.c_str(), memory, FALSE, nullptr, nullptr, nullptr);
  const bool isMade = file != nullptr;
  if (isMade) {
    GDALFlushCache(file);
    GDALClose(file);
  }
  if (memory != nullptr) GDALClose(memory);
  // A full disk may show only while closing, which returns nothing: the complaints tell.
  if (!isMade || complaints.hasFailed()) return complaints.failure();
  return {};
}

}  // namespace cubeloom::gdal
