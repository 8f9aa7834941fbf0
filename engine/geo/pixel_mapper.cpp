// SPDX-License-Identifier: GPL-3.0-or-later
// The exact map, in the order of operations of GDAL's GDALGenImgProjTransform, with one PROJ transformer per thread at work.
#include "engine/geo/pixel_mapper.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/geo/pixel_tiles.h"

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
    if (m_transformer) {
      m_transformer->inverse(x, y, count);
    } else {
      for (std::size_t i = 0; i < count; ++i) x[i] = y[i] = std::numeric_limits<double>::infinity();
    }
  }

 private:
  const PixelMapper& m_owner;
  std::optional<Transformer> m_transformer;
};

PixelMapper::PixelMapper(const GeoBox& source, const GeoBox& target)
    : m_source(source), m_target(target), m_toSourcePixel(source.affine().inverse()) {}

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

  std::unique_ptr<PixelMapper> mapper(new PixelMapper(source, target));
  mapper->m_sameCrs = source.crs().isSameAs(target.crs());
  mapper->m_separable = mapper->m_sameCrs && source.isAxisAligned() && target.isAxisAligned();
  if (!mapper->m_sameCrs) {
    auto transformer = Transformer::between(source.crs(), target.crs());
    if (!transformer) return fail(std::move(transformer.error()));
    mapper->m_idle.push_back(std::move(*transformer));
    const Bounds extent = source.bounds();
    if (source.crs().isGeographic() && extent.width() <= 360) mapper->m_centreLongitude = (extent.xmin + extent.xmax) / 2;
  }
  return mapper;
}

double PixelMapper::sourceCol(double col) const {
  const double x = m_target.affine().c + col * m_target.affine().a;
  return m_toSourcePixel.c + x * m_toSourcePixel.a;
}

double PixelMapper::sourceRow(double row) const {
  const double y = m_target.affine().f + row * m_target.affine().e;
  return m_toSourcePixel.f + y * m_toSourcePixel.e;
}

void PixelMapper::map(double* cols, double* rows, std::size_t count) const {
  const Affine& t = m_target.affine();
  for (std::size_t i = 0; i < count; ++i) {
    const double x = t.c + cols[i] * t.a + rows[i] * t.b;
    const double y = t.f + cols[i] * t.d + rows[i] * t.e;
    cols[i] = x;
    rows[i] = y;
  }
  if (!m_sameCrs) {
    Lease(*this).toSource(cols, rows, count);
    if (m_centreLongitude) {
      for (std::size_t i = 0; i < count; ++i) {
        if (cols[i] < *m_centreLongitude - 180) {
          cols[i] += 360;
        } else if (cols[i] > *m_centreLongitude + 180 && std::isfinite(cols[i])) {
          cols[i] -= 360;
        }
      }
    }
  }
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

void PixelMapper::mapRows(const PixelList& rows, const PixelList& cols, double shift, const RowVisitor& visit) const {
  const auto isRun = [](const PixelList& list) {
    for (std::size_t i = 1; i < list.size(); ++i)
      if (list[i] != list[i - 1] + 1) return false;
    return true;
  };
  if (!m_sameCrs && isRun(rows) && isRun(cols)) {
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
