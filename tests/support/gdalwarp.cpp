// SPDX-License-Identifier: GPL-3.0-or-later
// GDALWarp, the library call behind gdalwarp, from one MEM dataset into another.
#include "tests/support/gdalwarp.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <gdal_utils.h>
#include <ogr_srs_api.h>

#include <QString>

#include "engine/io/gdal/module/gdal_types.h"

namespace cubeloom::test {
namespace {

std::string number(double value) { return QString::number(value, 'g', 17).toStdString(); }

GDALDatasetH makeRaster(const GeoBox& box, const std::string& crs, PixelType type, std::optional<double> nodata) {
  GDALDatasetH dataset =
      GDALCreate(GDALGetDriverByName("MEM"), "", static_cast<int>(box.cols()), static_cast<int>(box.rows()), 1, gdalTypeOf(type), nullptr);
  auto geotransform = box.affine().geotransform();
  GDALSetGeoTransform(dataset, geotransform.data());
  OGRSpatialReferenceH srs = OSRNewSpatialReference(nullptr);
  OSRSetFromUserInput(srs, crs.c_str());
  OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
  GDALSetSpatialRef(dataset, srs);
  OSRDestroySpatialReference(srs);
  if (nodata) GDALSetRasterNoDataValue(GDALGetRasterBand(dataset, 1), *nodata);
  return dataset;
}

CPLErr transferAll(GDALDatasetH dataset, GDALRWFlag direction, std::byte* pixels) {
  const int cols = GDALGetRasterXSize(dataset), rows = GDALGetRasterYSize(dataset);
  GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
  return GDALRasterIO(band, direction, 0, 0, cols, rows, pixels, cols, rows, GDALGetRasterDataType(band), 0, 0);
}

}  // namespace

GdalWarpAnswer gdalwarp(const GdalWarpJob& job, const std::vector<std::string>& warpOptions,
                        const std::vector<std::string>& transformerOptions) {
  GDALAllRegister();
  CPLSetConfigOption("OSR_USE_NON_DEPRECATED", "NO");  // a deprecated EPSG code is the CRS that it names, not its successor
  GDALDatasetH source = makeRaster(job.source, job.sourceCrs, job.type, job.nodata);
  GDALDatasetH target = makeRaster(job.target, job.targetCrs, job.type, job.nodata);
  GDALFillRaster(GDALGetRasterBand(target, 1), job.nodata.value_or(job.fill), 0);  // a target that meets no source is not touched
  std::vector<std::byte> pixels = job.pixels;
  transferAll(source, GF_Write, pixels.data());

  const std::string method = job.method == Resampling::Nearest ? "near" : std::string(resamplingName(job.method));
  std::vector<std::string> words{"-r", method, "-et", "0", "-ovr", "NONE", "-wm", "1000", "-wo", "NUM_THREADS=1"};
  const std::string initial = job.nodata ? "NO_DATA" : number(job.fill);
  words.insert(words.end(), {"-wo", "INIT_DEST=" + initial});
  if (job.nodata) words.insert(words.end(), {"-dstnodata", number(*job.nodata)});
  for (const std::string& option : warpOptions) words.insert(words.end(), {"-wo", option});
  for (const std::string& option : transformerOptions) words.insert(words.end(), {"-to", option});
  char** arguments = nullptr;
  for (const std::string& word : words) arguments = CSLAddString(arguments, word.c_str());

  GdalWarpAnswer answer;
  CPLErrorReset();
  CPLPushErrorHandler(CPLQuietErrorHandler);
  GDALWarpAppOptions* options = GDALWarpAppOptionsNew(arguments, nullptr);
  if (!GDALWarp(nullptr, target, 1, &source, options, nullptr)) {
    answer.problem = CPLGetLastErrorMsg();
    if (answer.problem.empty()) answer.problem = "no warp and no reason";
  }
  CPLPopErrorHandler();
  GDALWarpAppOptionsFree(options);
  CSLDestroy(arguments);

  answer.pixels.resize(static_cast<std::size_t>(job.target.rows() * job.target.cols()) * pixelTypeBytes(job.type));
  transferAll(target, GF_Read, answer.pixels.data());
  GDALClose(target);
  GDALClose(source);
  return answer;
}

GdalWarpAnswer gdalwarpFile(const std::string& path, const GeoBox& target, const std::vector<std::string>& words) {
  GDALAllRegister();
  GdalWarpAnswer answer;
  CPLErrorReset();
  GDALDatasetH source = GDALOpen(path.c_str(), GA_ReadOnly);
  const Bounds extent = target.bounds();
  std::vector<std::string> all{"-of", "MEM", "-r", "near", "-et", "0", "-ovr", "NONE", "-wm", "1000", "-te"};
  for (const double value : {extent.xmin, extent.ymin, extent.xmax, extent.ymax}) all.push_back(number(value));
  all.insert(all.end(), {"-ts", std::to_string(target.cols()), std::to_string(target.rows())});
  all.insert(all.end(), words.begin(), words.end());
  char** arguments = nullptr;
  for (const std::string& word : all) arguments = CSLAddString(arguments, word.c_str());
  GDALWarpAppOptions* options = GDALWarpAppOptionsNew(arguments, nullptr);
  GDALDatasetH warped = source != nullptr ? GDALWarp("", nullptr, 1, &source, options, nullptr) : nullptr;
  GDALWarpAppOptionsFree(options);
  CSLDestroy(arguments);
  if (warped == nullptr) {
    answer.problem = CPLGetLastErrorMsg();
  } else {
    const int cols = GDALGetRasterXSize(warped), rows = GDALGetRasterYSize(warped), bands = GDALGetRasterCount(warped);
    const GDALDataType type = GDALGetRasterDataType(GDALGetRasterBand(warped, 1));
    answer.pixels.resize(static_cast<std::size_t>(cols) * static_cast<std::size_t>(rows) * static_cast<std::size_t>(bands) *
                         static_cast<std::size_t>(GDALGetDataTypeSizeBytes(type)));
    if (GDALDatasetRasterIO(warped, GF_Read, 0, 0, cols, rows, answer.pixels.data(), cols, rows, type, bands, nullptr, 0, 0, 0) != CE_None)
      answer.problem = CPLGetLastErrorMsg();
    GDALClose(warped);
  }
  if (source != nullptr) GDALClose(source);
  return answer;
}

}  // namespace cubeloom::test
