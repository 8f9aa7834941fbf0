// SPDX-License-Identifier: GPL-3.0-or-later
// Ground control points, RPCs and arrays of locations by GDAL's own transformers, without approximation.
#include "engine/io/gdal/gdal_transformers.h"

#include <array>
#include <cmath>
#include <limits>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_library.h"
#include "engine/io/gdal/location_arrays.h"

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

/// Of what the transformers of `dataset` take for the ground.
Crs groundCrs(const std::string& method, GDALDatasetH dataset) {
  if (method == "rpc") return Crs::fromUser("EPSG:4326").value_or(Crs());
  if (method != "geolocation") return crsOf(GDALGetGCPSpatialRef(dataset));
  const char* text = GDALGetMetadataItem(dataset, "SRS", "GEOLOCATION");
  return text != nullptr ? Crs::fromUser(text).value_or(Crs()) : Crs();
}

/// Heights are looked up point by point while it lives. GDAL would take points that share their latitude along a line of the heights, by a
/// path of its own: what a pixel gets would depend on its neighbours.
class PointByPoint {
 public:
  explicit PointByPoint(bool isNeeded) : m_isNeeded(isNeeded) {
    if (m_isNeeded) CPLSetThreadLocalConfigOption(kOption, "NO");
  }
  ~PointByPoint() {
    if (m_isNeeded) CPLSetThreadLocalConfigOption(kOption, nullptr);
  }
  PointByPoint(const PointByPoint&) = delete;
  PointByPoint& operator=(const PointByPoint&) = delete;

 private:
  static constexpr const char* kOption = "GDAL_RPC_DEM_OPTIM";
  bool m_isNeeded;
};

}  // namespace

GdalTransformers::Loan::~Loan() {
  if (m_owner.isShared()) return;
  const std::lock_guard lock(m_owner.m_mutex);
  if (!guarded([this] { m_owner.m_free.push_back(m_transformer); })) GDALDestroyGenImgProjTransformer(m_transformer);
}

Result<void> GdalTransformers::Loan::outcome() const {
  if (m_failure) return fail(*m_failure);
  return {};
}

void GdalTransformers::Loan::transform(bool toRaster, double* cols, double* rows, std::size_t count) const {
  if (count == 0) return;
  const GdalErrorScope errors;
  const PointByPoint pointByPoint(!m_owner.m_rpcDem.empty());
  std::vector<double> heights(count, 0.0);
  std::vector<int> succeeded(count, 0);
  const bool isDone =
      GDALGenImgProjTransform(m_transformer, toRaster ? 1 : 0, static_cast<int>(count), cols, rows, heights.data(), succeeded.data()) != 0;
  for (std::size_t i = 0; i < count; ++i)
    if (succeeded[i] == 0 || !std::isfinite(cols[i]) || !std::isfinite(rows[i]))
      cols[i] = rows[i] = std::numeric_limits<double>::infinity();
  // Only heights are read while transforming.
  if (m_failure || (isDone && !(errors.hasFailed() && !m_owner.m_rpcDem.empty()))) return;
  const std::string& path = m_owner.m_rpcDem.empty() ? m_owner.m_handles->path() : m_owner.m_rpcDem;
  m_failure = errors.failure(ErrorCode::ReadFailed, path, "the pixels of " + m_owner.m_handles->path() + " cannot be placed").value();
}

GdalTransformers::GdalTransformers(std::shared_ptr<GdalHandles> handles, const OpenRequest& request)
    : m_handles(std::move(handles)),
      m_method(request.georeference),
      m_rpcHeight(request.rpcHeight ? formatNumber(*request.rpcHeight) : ""),
      m_rpcDem(request.rpcDem) {}

GdalTransformers::~GdalTransformers() {
  for (void* transformer : m_free) GDALDestroyGenImgProjTransformer(transformer);
}

Result<std::shared_ptr<GdalTransformers>> GdalTransformers::create(std::shared_ptr<GdalHandles> handles, const OpenRequest& request) {
  std::shared_ptr<GdalTransformers> transformers(new GdalTransformers(std::move(handles), request));
  CUBELOOM_TRY(transformers->suggestGrid());
  return transformers;
}

Result<std::unique_ptr<GdalTransformers::Loan>> GdalTransformers::borrow() {
  {
    const std::lock_guard lock(m_mutex);
    if (!m_free.empty()) {
      void* transformer = m_free.back();
      if (!isShared()) m_free.pop_back();
      return std::make_unique<Loan>(*this, transformer);
    }
  }
  auto transformer = make();
  if (!transformer) return fail(std::move(transformer.error()));
  return std::make_unique<Loan>(*this, *transformer);
}

/// What the positions of `dataset` are computed from, checked.
Result<void> GdalTransformers::findFiles(void* dataset) {
  const std::string& path = m_handles->path();
  const auto missing = [&path](const char* what) {
    return failAt(ErrorCode::InvalidParameter, path, path + " has no " + what, "leave georeference out");
  };
  if (m_method == "rpc") {
    if (GDALGetMetadata(dataset, "RPC") == nullptr) return missing("RPCs");
    if (!m_rpcDem.empty()) m_files = {m_rpcDem};
  } else if (m_method == "geolocation") {
    if (GDALGetMetadata(dataset, "GEOLOCATION") == nullptr) return missing("location arrays");
    auto files = locationFiles(dataset, path);
    if (!files) return fail(std::move(files.error()));
    m_files = std::move(*files);
  } else if (GDALGetGCPCount(dataset) == 0) {
    return missing("ground control points");
  }
  return {};
}

Result<void*> GdalTransformers::make() {
  auto loan = m_handles->borrow();
  if (!loan) return fail(std::move(loan.error()));
  const GdalErrorScope errors;
  const std::string& path = m_handles->path();
  const bool isPolynomial = m_method.starts_with("gcp");
  char** options = nullptr;
  const auto set = [&options](const char* key, const char* value) { options = CSLSetNameValue(options, key, value); };
  set("METHOD", m_method == "rpc" ? "RPC" : m_method == "tps" ? "GCP_TPS" : isPolynomial ? "GCP_POLYNOMIAL" : "GEOLOC_ARRAY");
  if (isPolynomial && m_method.size() == 4) set("MAX_GCP_ORDER", m_method.c_str() + 3);
  if (!m_rpcHeight.empty()) set("RPC_HEIGHT", m_rpcHeight.c_str());
  if (!m_rpcDem.empty()) set("RPC_DEM", m_rpcDem.c_str());
  set("GEOLOC_USE_TEMP_DATASETS", "NO");  // in memory, where several threads may read them
  void* transformer = GDALCreateGenImgProjTransformer2(loan->dataset(), nullptr, options);
  CSLDestroy(options);
  if (transformer == nullptr) return errors.failure(ErrorCode::OpenFailed, path, path + " cannot be placed on the ground by " + m_method);
  // As GDALGenImgProjTransform from a dataset with this geotransform: first to the ground, then back.
  const auto geotransform = m_grid.affine().geotransform();
  if (m_grid.rows() > 0) GDALSetGenImgProjTransformerDstGeoTransform(transformer, geotransform.data());
  if (isShared()) m_arrays.emplace(std::move(*loan));
  return transformer;
}

Result<void> GdalTransformers::suggestGrid() {
  {
    auto loan = m_handles->borrow();
    if (!loan) return fail(std::move(loan.error()));
    CUBELOOM_TRY(findFiles(loan->dataset()));
  }
  auto made = make();
  if (!made) return fail(std::move(made.error()));
  m_free.push_back(*made);
  auto loan = m_handles->borrow();
  if (!loan) return fail(std::move(loan.error()));
  const GdalErrorScope errors;
  std::array<double, 6> geotransform{};
  int cols = 0, rows = 0;
  const CPLErr outcome =
      GDALSuggestedWarpOutput(loan->dataset(), GDALGenImgProjTransform.address(), *made, geotransform.data(), &cols, &rows);
  const std::string& path = m_handles->path();
  if (outcome != CE_None || cols < 1 || rows < 1)
    return errors.failure(ErrorCode::OpenFailed, path, "no grid can be found for " + path + " placed by " + m_method);
  m_grid = GeoBox(rows, cols, Affine::fromGeotransform(geotransform), groundCrs(m_method, loan->dataset()));
  GDALSetGenImgProjTransformerDstGeoTransform(*made, geotransform.data());
  return {};
}

}  // namespace cubeloom
