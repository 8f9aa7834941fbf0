// SPDX-License-Identifier: GPL-3.0-or-later
// The exact map, in the order of operations of GDAL's GDALGenImgProjTransform, with one PROJ transformer per thread at work.
#include "engine/geo/warp/pixel_mapper.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/geo/warp/pixel_tiles.h"
#include "engine/geo/whole_turn.h"

namespace cubeloom {

/// Borrows a transformer and gives it back.
class PixelMapper::Lease {
 public:
  explicit Lease(const PixelMapper& owner) : m_owner(owner) {
    {
      const std::lock_guard lock(owner.m_mutex);
      if (!owner.m_idle.empty()) {
        m_transformer.emplace(std::move(owner.m_idle.back()));
        owner.m_idle.pop_back();
        return;
      }
    }
    if (auto made = Transformer::between(owner.m_source.crs(), owner.m_target.crs())) m_transformer.emplace(std::move(*made));
  }
  ~Lease() {
    if (!m_transformer) return;
    const std::lock_guard lock(m_owner.m_mutex);
    m_owner.m_idle.push_back(std::move(*m_transformer));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  void toSource(double* x, double* y, std::size_t count) const {
    if (!fails(x, y, count)) m_transformer->inverse(x, y, count);
  }
  void toTarget(double* x, double* y, std::size_t count) const {
    if (!fails(x, y, count)) m_transformer->forward(x, y, count);
  }

 private:
  bool fails(double* x, double* y, std::size_t count) const {
    if (m_transformer) return false;
    std::fill_n(x, count, std::numeric_limits<double>::infinity());
    std::fill_n(y, count, std::numeric_limits<double>::infinity());
    return true;
  }

  const PixelMapper& m_owner;
  std::optional<Transformer> m_transformer;
};

PixelMapper::PixelMapper(const GeoBox& source, const GeoBox& target)
    : m_source(source), m_target(target), m_toSourcePixel(source.affine().inverse()), m_toTargetPixel(target.affine().inverse()) {}

PixelMapper::PixelMapper(const PixelMap& map, const GeoBox& source, const GeoBox& target)
    : PixelMapper(GeoBox(source.rows(), source.cols(), Affine(), Crs()), GeoBox(target.rows(), target.cols(), Affine(), Crs())) {
  m_map = &map;
}

Result<std::unique_ptr<PixelMapper>> PixelMapper::create(const GeoBox& source, const GeoBox& target) {
  constexpr std::int64_t kMostPixels = std::numeric_limits<std::int32_t>::max() - 64;
  for (const GeoBox* box : {&source, &target}) {
    if (box->rows() < 1 || box->cols() < 1 || box->affine().determinant() == 0 || !std::isfinite(box->affine().determinant()))
      return fail(ErrorCode::InvalidParameter, "a grid of the warp has no pixels or a degenerate geotransform", "Assign a grid first.");
    if (box->rows() > kMostPixels || box->cols() > kMostPixels)
      return fail(ErrorCode::InvalidParameter, "a grid of the warp has more than 2147483583 rows or columns", "Clip it first.");
  }
  if (source.crs().isValid() != target.crs().isValid())
    return fail(ErrorCode::GridMismatch, source.crs().isValid() ? "the target's CRS is unknown" : "the source's CRS is unknown",
                "Assign a CRS to it first.");

  const auto turn = columnsRound(source);
  const GeoBox once = turn ? GeoBox(source.rows(), *turn, source.affine(), source.crs()) : source;
  std::unique_ptr<PixelMapper> mapper(new PixelMapper(once, target));
  mapper->m_isRound = turn.has_value();
  mapper->m_sameCrs = source.crs().isSameAs(target.crs());
  mapper->m_separable = mapper->m_sameCrs && source.isAxisAligned() && target.isAxisAligned();
  if (!mapper->m_sameCrs) {
    auto transformer = Transformer::between(source.crs(), target.crs());
    if (!transformer) return fail(std::move(transformer.error()));
    mapper->m_idle.push_back(std::move(*transformer));
  }
  if (source.crs().isGeographic()) {
    const Bounds extent = once.bounds();
    if (source.isAxisAligned()) mapper->m_columnPeriod = 360 / source.pixelWidth();
    mapper->m_runsAround = source.isAxisAligned() && std::abs(extent.width() - 360) < source.pixelWidth();
    if (extent.width() <= 360 || mapper->m_isRound) mapper->m_centreLongitude = (extent.xmin + extent.xmax) / 2;
  }
  return mapper;
}

bool PixelMapper::isTranslation() const {
  const Affine &s = m_source.affine(), &t = m_target.affine();
  const auto isWhole = [](double value) { return std::abs(value - std::round(value)) <= 1e-6; };
  return m_sameCrs && !m_source.crs().isGeographic() && s.a == t.a && s.b == t.b && s.d == t.d && s.e == t.e &&
         isWhole(m_toSourcePixel.x(t.c, t.f)) && isWhole(m_toSourcePixel.y(t.c, t.f));
}

std::pair<double, double> PixelMapper::poleRows() const {
  return {m_toSourcePixel.f + 90 * m_toSourcePixel.e, m_toSourcePixel.f - 90 * m_toSourcePixel.e};
}

double PixelMapper::nearCentre(double longitude) const {
  if (m_centreLongitude && longitude < *m_centreLongitude - 180) return longitude + 360;
  if (m_centreLongitude && longitude > *m_centreLongitude + 180 && std::isfinite(longitude)) return longitude - 360;
  return longitude;
}

double PixelMapper::sourceCol(double col) const {
  const double x = nearCentre(m_target.affine().c + col * m_target.affine().a);
  return m_toSourcePixel.c + x * m_toSourcePixel.a;
}

double PixelMapper::sourceRow(double row) const {
  const double y = m_target.affine().f + row * m_target.affine().e;
  return m_toSourcePixel.f + y * m_toSourcePixel.e;
}

void PixelMapper::map(double* cols, double* rows, std::size_t count) const {
  if (m_map != nullptr) return m_map->toSource(cols, rows, count);
  const Affine& t = m_target.affine();
  for (std::size_t i = 0; i < count; ++i) {
    const double x = t.c + cols[i] * t.a + rows[i] * t.b;
    const double y = t.f + cols[i] * t.d + rows[i] * t.e;
    cols[i] = x;
    rows[i] = y;
  }
  if (!m_sameCrs) Lease(*this).toSource(cols, rows, count);
  if (m_centreLongitude)
    for (std::size_t i = 0; i < count; ++i) cols[i] = nearCentre(cols[i]);
  const Affine& s = m_toSourcePixel;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(cols[i]) || !std::isfinite(rows[i])) {
      cols[i] = rows[i] = std::numeric_limits<double>::infinity();
      continue;
    }
    const double col = s.c + cols[i] * s.a + rows[i] * s.b;
    const double row = s.f + cols[i] * s.d + rows[i] * s.e;
    cols[i] = col;
    rows[i] = row;
  }
}

void PixelMapper::mapToTarget(double* cols, double* rows, const double* aroundCol, std::size_t count) const {
  if (m_map != nullptr) return m_map->toTarget(cols, rows, count);
  const Affine &s = m_source.affine(), &t = m_toTargetPixel;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = s.x(cols[i], rows[i]), y = s.y(cols[i], rows[i]);
    cols[i] = x;
    rows[i] = y;
  }
  if (!m_sameCrs) Lease(*this).toTarget(cols, rows, count);
  const bool isPeriodic = m_target.crs().isGeographic() && m_target.isAxisAligned();
  const double period = 360 / m_target.pixelWidth();
  for (std::size_t i = 0; i < count; ++i) {
    const double col = t.x(cols[i], rows[i]), row = t.y(cols[i], rows[i]);
    cols[i] = isPeriodic ? col - period * std::round((col - aroundCol[i]) / period) : col;
    rows[i] = row;
    if (!std::isfinite(cols[i]) || !std::isfinite(rows[i])) cols[i] = rows[i] = std::numeric_limits<double>::infinity();
  }
}

void PixelMapper::mapRows(const PixelList& rows, const PixelList& cols, double shift, const RowVisitor& visit) const {
  const auto isRun = [](const PixelList& list) {
    for (std::size_t i = 1; i < list.size(); ++i)
      if (list[i] != list[i - 1] + 1) return false;
    return true;
  };
  if (interpolatesRuns() && isRun(rows) && isRun(cols)) {
    mapRowsInTiles(*this, rows, cols, shift, visit);
    return;
  }
  std::vector<double> x(cols.size()), y(cols.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < cols.size(); ++j) {
      x[j] = static_cast<double>(cols[j]) + shift;
      y[j] = static_cast<double>(rows[i]) + shift;
    }
    map(x.data(), y.data(), x.size());
    visit(i, x.data(), y.data());
  }
}

}  // namespace cubeloom
