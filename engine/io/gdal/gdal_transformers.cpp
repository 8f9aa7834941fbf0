// SPDX-License-Identifier: GPL-3.0-or-later
// Ground control points, RPCs and arrays of locations by GDAL's own transformers, without approximation.
#include "engine/io/gdal/gdal_transformers.h"

#include "engine/base/guard.h"
#include "engine/base/redact.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/location_arrays.h"

namespace cubeloom {
namespace {

/// Of what the transformers take for the ground.
std::string groundCrs(const std::string& method, const GdalFacts& facts) {
  if (method == "rpc") return "EPSG:4326";
  return method == "geolocation" ? facts.locations->crs : facts.controlPointsCrs;
}

}  // namespace

GdalTransformers::Loan::~Loan() {
  if (m_owner.isShared()) return;
  const std::lock_guard lock(m_owner.m_mutex);
  // One that finds no place waits for the end unused.
  static_cast<void>(guarded([this] { m_owner.m_free.push_back(&m_transformer); }));
}

Result<void> GdalTransformers::Loan::outcome() const {
  if (m_failure) return fail(*m_failure);
  return {};
}

void GdalTransformers::Loan::transform(bool toRaster, double* cols, double* rows, std::size_t count) const {
  const GdalHandles& handles = *m_owner.m_handles;
  const auto done = handles.gdal().transform(m_transformer, toRaster, cols, rows, count);
  if (m_failure || done) return;
  const std::string& path = m_owner.m_placing.rpcDem.empty() ? handles.path() : m_owner.m_placing.rpcDem;
  m_failure = gdalFailure(ErrorCode::ReadFailed, path, "the pixels of " + handles.path() + " cannot be placed", done.error()).value();
}

GdalTransformers::GdalTransformers(std::shared_ptr<GdalHandles> handles, const OpenRequest& request)
    : m_handles(std::move(handles)),
      m_placing{request.georeference, request.rpcHeight ? formatNumber(*request.rpcHeight) : "", request.rpcDem, {}} {}

Result<std::shared_ptr<GdalTransformers>> GdalTransformers::create(std::shared_ptr<GdalHandles> handles, const GdalFacts& facts,
                                                                   const OpenRequest& request) {
  std::shared_ptr<GdalTransformers> transformers(new GdalTransformers(std::move(handles), request));
  CUBELOOM_TRY(transformers->findFiles(facts));
  CUBELOOM_TRY(transformers->suggestGrid(facts));
  return transformers;
}

Result<std::unique_ptr<GdalTransformers::Loan>> GdalTransformers::borrow() {
  {
    const std::lock_guard lock(m_mutex);
    if (!m_free.empty()) {
      const GdalHandle& transformer = *m_free.back();
      if (!isShared()) m_free.pop_back();
      return std::make_unique<Loan>(*this, transformer);
    }
  }
  auto transformer = make();
  if (!transformer) return fail(std::move(transformer.error()));
  return std::make_unique<Loan>(*this, **transformer);
}

/// What the positions are computed from, checked.
Result<void> GdalTransformers::findFiles(const GdalFacts& facts) {
  const std::string& path = m_handles->path();
  const auto missing = [&path](const char* what) {
    return failAt(ErrorCode::InvalidParameter, path, path + " has no " + what, "leave georeference out");
  };
  if (m_placing.method == "rpc") {
    if (!facts.hasRpc) return missing("RPCs");
    if (!m_placing.rpcDem.empty()) m_files = {m_placing.rpcDem};
  } else if (m_placing.method == "geolocation") {
    if (!facts.locations) return missing("location arrays");
    // GDAL would fetch one from a host, or read one from a file.
    if (!facts.locations->crs.empty() && !Crs::fromUser(facts.locations->crs))
      return failAt(
          ErrorCode::OpenFailed, path,
          "the SRS of the GEOLOCATION metadata of " + path + " is not understood: " + redactSecrets(facts.locations->crs.substr(0, 80)),
          "write it as WKT or as a code such as EPSG:4326");
    auto files = locationFiles(*m_handles, *facts.locations);
    if (!files) return fail(std::move(files.error()));
    m_files = std::move(*files);
  } else if (facts.controlPoints == 0) {
    return missing("ground control points");
  }
  return {};
}

Result<const GdalHandle*> GdalTransformers::make() {
  auto loan = m_handles->borrow();
  if (!loan) return fail(std::move(loan.error()));
  const std::string& path = m_handles->path();
  auto transformer = m_handles->gdal().makeTransformer(loan->file(), m_placing);
  if (!transformer)
    return gdalFailure(ErrorCode::OpenFailed, path, path + " cannot be placed on the ground by " + m_placing.method, transformer.error());
  if (isShared()) m_arrays.emplace(std::move(*loan));
  const std::lock_guard lock(m_mutex);
  m_made.push_back(std::move(*transformer));
  return &m_made.back();
}

Result<void> GdalTransformers::suggestGrid(const GdalFacts& facts) {
  auto made = make();
  if (!made) return fail(std::move(made.error()));
  m_free.push_back(*made);
  auto loan = m_handles->borrow();
  if (!loan) return fail(std::move(loan.error()));
  const auto grid = m_handles->gdal().suggestGrid(loan->file(), **made);
  const std::string& path = m_handles->path();
  if (!grid)
    return gdalFailure(ErrorCode::OpenFailed, path, "no grid can be found for " + path + " placed by " + m_placing.method, grid.error());
  const Crs ground = Crs::fromUser(groundCrs(m_placing.method, facts)).value_or(Crs());
  m_grid = GeoBox(grid->rows, grid->cols, Affine::fromGeotransform(grid->geotransform), ground);
  m_placing.grid = grid->geotransform;
  return {};
}

}  // namespace cubeloom
