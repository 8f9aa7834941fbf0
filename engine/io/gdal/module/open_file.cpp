// SPDX-License-Identifier: GPL-3.0-or-later
// A file is opened, and its pixels read.
#include <gdal.h>

#include "engine/io/gdal/module/confinement.h"
#include "engine/io/gdal/module/gdal_types.h"
#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"
#include "engine/io/gdal/module/vrt.h"

namespace cubeloom::gdal {
namespace {

void close(void* dataset) {
  const Complaints complaints;
  const Confinement nothing("");
  GDALClose(dataset);
}

}  // namespace

GdalAnswer<GdalFile> open(const std::string& path, const std::vector<std::string>& drivers) {
  const Complaints complaints;
  Confinement bounds(path);
  if (drivers == std::vector<std::string>{"VRT"}) {
    if (const std::string problem = vrtProblem(path); !problem.empty()) return tl::unexpected(problem);
    bounds.admitVrt();
  }
  const Setting alone("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR", path.starts_with("/vsi"));
  std::vector<const char*> names;
  names.reserve(drivers.size() + 1);
  for (const std::string& name : drivers) names.push_back(name.c_str());
  names.push_back(nullptr);
  GDALDatasetH dataset = GDALOpenEx(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                    drivers.empty() ? nullptr : names.data(), nullptr, nullptr);
  if (dataset == nullptr) return complaints.failure();
  GdalHandle handle(dataset, close);
  if (!complaints.lostTag().empty()) return tl::unexpected(complaints.lostTag());
  const int bands = GDALGetRasterCount(dataset);
  const char* typeName = bands > 0 ? GDALGetDataTypeName(GDALGetRasterDataType(GDALGetRasterBand(dataset, 1))) : "";
  return GdalFile{
      std::move(handle),           path,    GDALGetDriverShortName(GDALGetDatasetDriver(dataset)), bands, GDALGetRasterYSize(dataset),
      GDALGetRasterXSize(dataset), typeName};
}

GdalAnswer<> read(const GdalFile& file, const std::vector<GdalWindow>& windows) {
  const Complaints complaints;
  const Confinement bounds(file.path);
  for (const GdalWindow& window : windows) {
    GDALRasterBandH band = GDALGetRasterBand(file.handle.get(), window.band);
    if (window.isOfMask) band = GDALGetMaskBand(band);
    const auto rows = static_cast<int>(window.rows), cols = static_cast<int>(window.cols);
    if (GDALRasterIOEx(band, GF_Read, static_cast<int>(window.col), static_cast<int>(window.row), cols, rows, window.to, cols, rows,
                       gdalTypeOf(window.type), window.colStep, window.rowStep, nullptr) != CE_None)
      return complaints.failure();
  }
  return {};
}

}  // namespace cubeloom::gdal
