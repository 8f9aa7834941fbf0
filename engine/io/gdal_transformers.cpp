// SPDX-License-Identifier: GPL-3.0-or-later
// Ground control points and RPCs by GDAL's own transformers, without approximation.

#include <array>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/io/gdal_error.h"
#include "engine/io/gdal_library.h"
#include "engine/io/gdal_placed_source.h"
#include "engine/io/io_error.h"

namespace cubeloom {
namespace {

Crs crsOf(OGRSpatialReferenceH reference) {
  char* wkt = nullptr;
  const std::array<const char*, 2> options{"FORMAT=WKT2_2019", nullptr};
  Crs crs;
  if (reference != nullptr && OSRExportToWktEx(reference, &wkt, options.data()) == OGRERR_NONE && wkt != nullptr)
    crs = Crs::fromUser(wkt).value_or(Crs());
  CPLFree(wkt);
  return crs;
}

}  // namespace

GdalTransformers::GdalTransformers(std::shared_ptr<GdalHandles> handles, const OpenRequest& request)
    : m_handles(std::move(handles)),
      m_method(request.georeference),
      m_rpcHeight(request.rpcHeight ? formatNumber(*request.rpcHeight) : ""),
      m_rpcDem(request.rpcDem) {}

GdalTransformers::~GdalTransformers() {
  for (void* transformer : m_free) GDALDestroyGenImgProjTransformer(transformer);
}

Result<void*> GdalTransformers::borrow() {
  {
    const std::lock_guard lock(m_mutex);
    if (!m_free.empty()) {
      void* transformer = m_free.back();
      m_free.pop_back();
      return transformer;
    }
  }
  auto loan = m_handles->borrow();
  if (!loan) return fail(std::move(loan.error()));
  const GdalErrorScope errors;
  const std::string& path = m_handles->path();
  GDALDatasetH dataset = loan->dataset();
  const bool isRpc = m_method == "rpc";
  if (isRpc ? GDALGetMetadata(dataset, "RPC") == nullptr : GDALGetGCPCount(dataset) == 0)
    return failAt(ErrorCode::InvalidParameter, path, path + (isRpc ? " has no RPCs" : " has no ground control points"),
                  "leave georeference out");
  char** options = CSLSetNameValue(nullptr, "METHOD", isRpc ? "RPC" : m_method == "tps" ? "GCP_TPS" : "GCP_POLYNOMIAL");
  if (m_method.starts_with("gcp") && m_method.size() == 4) options = CSLSetNameValue(options, "MAX_GCP_ORDER", m_method.c_str() + 3);
  if (!m_rpcHeight.empty()) options = CSLSetNameValue(options, "RPC_HEIGHT", m_rpcHeight.c_str());
  if (!m_rpcDem.empty()) options = CSLSetNameValue(options, "RPC_DEM", m_rpcDem.c_str());
  void* transformer = GDALCreateGenImgProjTransformer2(dataset, nullptr, options);
  CSLDestroy(options);
  if (transformer == nullptr) return errors.failure(ErrorCode::OpenFailed, path, path + " cannot be placed on the ground by " + m_method);
  return transformer;
}

void GdalTransformers::giveBack(void* transformer) {
  const std::lock_guard lock(m_mutex);
  m_free.push_back(transformer);
}

Result<GeoBox> GdalTransformers::suggestedGrid() {
  auto transformer = borrow();
  if (!transformer) return fail(std::move(transformer.error()));
  auto loan = m_handles->borrow();
  if (!loan) return fail(std::move(loan.error()));
  const GdalErrorScope errors;
  std::array<double, 6> geotransform{};
  int cols = 0, rows = 0;
  const CPLErr outcome =
      GDALSuggestedWarpOutput(loan->dataset(), GDALGenImgProjTransform.address(), *transformer, geotransform.data(), &cols, &rows);
  giveBack(*transformer);
  const std::string& path = m_handles->path();
  if (outcome != CE_None || cols < 1 || rows < 1)
    return errors.failure(ErrorCode::OpenFailed, path, "no grid can be found for " + path + " placed by " + m_method);
  const Crs crs = m_method == "rpc" ? Crs::fromUser("EPSG:4326").value_or(Crs()) : crsOf(GDALGetGCPSpatialRef(loan->dataset()));
  return GeoBox(rows, cols, Affine::fromGeotransform(geotransform), crs);
}

Result<void> GdalTransformers::toRaster(const GeoBox& grid, std::vector<double>& cols, std::vector<double>& rows) {
  auto transformer = borrow();
  if (!transformer) return fail(std::move(transformer.error()));
  const GdalErrorScope errors;
  // As GDALGenImgProjTransform from a dataset with this geotransform: first to the ground, then back.
  const auto geotransform = grid.affine().geotransform();
  GDALSetGenImgProjTransformerDstGeoTransform(*transformer, geotransform.data());
  std::vector<double> heights(cols.size(), 0.0);
  std::vector<int> succeeded(cols.size(), 0);
  GDALGenImgProjTransform(*transformer, 1, static_cast<int>(cols.size()), cols.data(), rows.data(), heights.data(), succeeded.data());
  giveBack(*transformer);
  for (std::size_t i = 0; i < cols.size(); ++i)
    if (succeeded[i] == 0 || !std::isfinite(cols[i]) || !std::isfinite(rows[i]))
      cols[i] = rows[i] = std::numeric_limits<double>::infinity();
  return {};
}

}  // namespace cubeloom
