// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL as an independent reader for tests.
#include "tests/support/raster_reader.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_srs_api.h>

namespace cubeloom::test {
namespace {

std::map<std::string, std::string> toMap(char** items) {
  std::map<std::string, std::string> map;
  for (; items && *items; ++items) {
    const std::string item = *items;
    const std::size_t equals = item.find('=');
    map[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return map;
}

ReadBand readFacts(GDALRasterBandH band) {
  ReadBand facts;
  facts.description = GDALGetDescription(band);
  facts.unit = GDALGetRasterUnitType(band);
  facts.scale = GDALGetRasterScale(band, nullptr);
  facts.offset = GDALGetRasterOffset(band, nullptr);
  facts.colour = GDALGetColorInterpretationName(GDALGetRasterColorInterpretation(band));
  facts.metadata = toMap(GDALGetMetadata(band, nullptr));
  int has = 0;
  const double nodata = GDALGetRasterNoDataValue(band, &has);
  if (has) facts.nodata = nodata;
  for (int i = 0; i < GDALGetOverviewCount(band); ++i) {
    GDALRasterBandH overview = GDALGetOverview(band, i);
    facts.overviews.emplace_back(GDALGetRasterBandYSize(overview), GDALGetRasterBandXSize(overview));
  }
  return facts;
}

}  // namespace

ReadRaster readRaster(const std::string& path, const std::string& driver, int overview) {
  GDALAllRegister();
  CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", "NO");
  ReadRaster out;
  const char* drivers[] = {driver.c_str(), nullptr};
  CPLErrorReset();
  GDALDatasetH dataset = GDALOpenEx(path.c_str(), GDAL_OF_RASTER, drivers, nullptr, nullptr);
  if (!dataset) {
    out.problem = CPLGetLastErrorMsg();
    if (out.problem.empty()) out.problem = "not opened";
    return out;
  }
  out.bands = GDALGetRasterCount(dataset);
  GDALGetGeoTransform(dataset, out.geotransform.data());
  if (OGRSpatialReferenceH crs = GDALGetSpatialRef(dataset)) {
    char* wkt = nullptr;
    OSRExportToWkt(crs, &wkt);
    out.wkt = wkt;
    CPLFree(wkt);
    if (const char* code = OSRGetAuthorityCode(crs, nullptr)) out.authority = std::string(OSRGetAuthorityName(crs, nullptr)) + ":" + code;
  }
  out.metadata = toMap(GDALGetMetadata(dataset, nullptr));
  out.structure = toMap(GDALGetMetadata(dataset, "IMAGE_STRUCTURE"));
  for (int b = 0; b < out.bands; ++b) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, b + 1);
    out.band.push_back(readFacts(band));
    if (overview >= 0) band = GDALGetOverview(band, overview);
    out.rows = GDALGetRasterBandYSize(band);
    out.cols = GDALGetRasterBandXSize(band);
    const GDALDataType type = GDALGetRasterDataType(band);
    out.type = GDALGetDataTypeName(type);
    const std::size_t bandBytes =
        static_cast<std::size_t>(out.rows) * static_cast<std::size_t>(out.cols) * static_cast<std::size_t>(GDALGetDataTypeSizeBytes(type));
    out.pixels.resize(bandBytes * static_cast<std::size_t>(out.bands));
    CPLErrorReset();
    if (GDALRasterIO(band, GF_Read, 0, 0, out.cols, out.rows, out.pixels.data() + bandBytes * static_cast<std::size_t>(b), out.cols,
                     out.rows, type, 0, 0) != CE_None)
      out.problem = "band " + std::to_string(b + 1) + ": " + CPLGetLastErrorMsg();
  }
  GDALClose(dataset);
  return out;
}

}  // namespace cubeloom::test
