// SPDX-License-Identifier: GPL-3.0-or-later
// Ground control points, RPCs and arrays of locations by GDAL's own transformers, without approximation.
#include <cpl_string.h>
#include <gdal.h>
#include <gdal_alg.h>

#include <cmath>
#include <limits>
#include <string>

#include "engine/io/gdal/module/confinement.h"
#include "engine/io/gdal/module/requests.h"
#include "engine/io/gdal/module/scopes.h"

namespace cubeloom::gdal {
namespace {

struct Transformer {
  void* transformer;
  std::string path, heights;  ///< what is read: the raster's own, and a file of heights or none
};

void destroy(void* handle) {
  auto* made = static_cast<Transformer*>(handle);
  GDALDestroyGenImgProjTransformer(made->transformer);
  delete made;
}

const char* methodOf(const std::string& method) {
  if (method == "rpc") return "RPC";
  if (method == "tps") return "GCP_TPS";
  return method == "geolocation" ? "GEOLOC_ARRAY" : "GCP_POLYNOMIAL";
}

}  // namespace

GdalAnswer<GdalHandle> makeTransformer(const GdalFile& file, const GdalPlacing& placing) {
  const Complaints complaints;
  const Confinement bounds(file.path, placing.rpcDem);
  char** options = nullptr;
  const auto set = [&options](const char* key, const char* value) { options = CSLSetNameValue(options, key, value); };
  set("METHOD", methodOf(placing.method));
  if (placing.method.starts_with("gcp") && placing.method.size() == 4) set("MAX_GCP_ORDER", placing.method.c_str() + 3);
  if (!placing.rpcHeight.empty()) set("RPC_HEIGHT", placing.rpcHeight.c_str());
  if (!placing.rpcDem.empty()) set("RPC_DEM", placing.rpcDem.c_str());
  set("GEOLOC_USE_TEMP_DATASETS", "NO");  // in memory, where several threads may read them
  void* transformer = GDALCreateGenImgProjTransformer2(file.handle.get(), nullptr, options);
  CSLDestroy(options);
  if (transformer == nullptr) return complaints.failure();
  // As GDALGenImgProjTransform from a dataset with this geotransform: first to the ground, then back.
  if (placing.grid) GDALSetGenImgProjTransformerDstGeoTransform(transformer, placing.grid->data());
  return GdalHandle(new Transformer{transformer, file.path, placing.rpcDem}, destroy);
}

GdalAnswer<GdalGrid> suggestGrid(const GdalFile& file, const GdalHandle& transformer) {
  const Complaints complaints;
  const auto& transforming = *static_cast<Transformer*>(transformer.get());
  const Confinement bounds(transforming.path, transforming.heights);
  void* made = transforming.transformer;
  GdalGrid grid;
  int cols = 0, rows = 0;
  const CPLErr outcome = GDALSuggestedWarpOutput(file.handle.get(), GDALGenImgProjTransform, made, grid.geotransform.data(), &cols, &rows);
  if (outcome != CE_None || cols < 1 || rows < 1) return complaints.failure();
  GDALSetGenImgProjTransformerDstGeoTransform(made, grid.geotransform.data());
  grid.rows = rows;
  grid.cols = cols;
  return grid;
}

GdalAnswer<> transform(const GdalHandle& transformer, bool toRaster, double* cols, double* rows, std::size_t count) {
  if (count == 0) return {};
  const auto& made = *static_cast<Transformer*>(transformer.get());
  const bool readsHeights = !made.heights.empty();
  const Complaints complaints;
  const Confinement bounds(made.path, made.heights);
  // Heights are looked up point by point. GDAL would take points that share their latitude along a line of the heights, by a path of its
  // own: what a pixel gets would depend on its neighbours.
  const Setting pointByPoint("GDAL_RPC_DEM_OPTIM", "NO", readsHeights);
  std::vector<double> heights(count, 0.0);
  std::vector<int> succeeded(count, 0);
  const bool isDone = GDALGenImgProjTransform(made.transformer, toRaster ? 1 : 0, static_cast<int>(count), cols, rows, heights.data(),
                                              succeeded.data()) != 0;
  for (std::size_t i = 0; i < count; ++i)
    if (succeeded[i] == 0 || !std::isfinite(cols[i]) || !std::isfinite(rows[i]))
      cols[i] = rows[i] = std::numeric_limits<double>::infinity();
  // Only heights are read while transforming.
  if (!isDone || (complaints.hasFailed() && readsHeights)) return complaints.failure();
  return {};
}

}  // namespace cubeloom::gdal
