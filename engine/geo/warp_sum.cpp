// SPDX-License-Identifier: GPL-3.0-or-later
// Sum-preserving warp under a general map: the output pixel's quadrilateral on the source shares out the pixels it meets.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/geo/warp_pieces.h"
#include "engine/geo/warp_sample.h"
#include "engine/geo/warp_taps.h"

namespace cubeloom {
namespace {

struct Point {
  double x = 0, y = 0;
};

/// A polygon of at most eight corners: a quadrilateral cut by the four sides of a square.
class Polygon {
 public:
  explicit Polygon(const std::array<Point, 4>& corners) : m_size(4) { std::copy(corners.begin(), corners.end(), m_points.begin()); }

  /// Keeps what lies where sign * (coordinate - limit) >= 0. (Sutherland and Hodgman, doi:10.1145/360767.360802)
  void clip(double Point::*axis, double limit, double sign) {
    std::array<Point, 12> kept;
    std::size_t count = 0;
    for (std::size_t i = 0; i < m_size && count + 2 <= kept.size(); ++i) {
      const Point a = m_points[i], b = m_points[(i + 1) % m_size];
      const double da = sign * (a.*axis - limit), db = sign * (b.*axis - limit);
      if (da >= 0) kept[count++] = a;
      if ((da < 0) == (db < 0)) continue;
      const double t = da / (da - db);
      kept[count++] = {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
    }
    m_points = kept;
    m_size = count;
  }

  double area() const {
    double twice = 0;
    for (std::size_t i = 0; i < m_size; ++i) {
      const Point a = m_points[i], b = m_points[(i + 1) % m_size];
      twice += (a.x - m_points[0].x) * (b.y - m_points[0].y) - (b.x - m_points[0].x) * (a.y - m_points[0].y);
    }
    return std::abs(twice) / 2;
  }

 private:
  std::array<Point, 12> m_points;
  std::size_t m_size;
};

struct Share {
  std::int32_t row = 0, col = 0;
  double weight = 0;
};

/// Sorted, without repetitions: the corners of the pixels of a list.
PixelList cornersOf(const PixelList& pixels) {
  PixelList corners;
  for (const std::int64_t pixel : pixels) corners.insert(corners.end(), {pixel, pixel + 1});
  std::sort(corners.begin(), corners.end());
  corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
  return corners;
}

class SumPiece final : public WarpPiece {
 public:
  SumPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, WarpScale scale) : m_cols(cols.size()) {
    const PixelList cornerRows = cornersOf(rows), cornerCols = cornersOf(cols);
    std::vector<Point> corners(cornerRows.size() * cornerCols.size());
    mapper.mapRows(cornerRows, cornerCols, 0, [&](std::size_t i, const double* x, const double* y) {
      for (std::size_t j = 0; j < cornerCols.size(); ++j) corners[i * cornerCols.size() + j] = {x[j], y[j]};
    });
    const auto cornerAt = [&](std::int64_t row, std::int64_t col) {
      const auto i = std::lower_bound(cornerRows.begin(), cornerRows.end(), row) - cornerRows.begin();
      const auto j = std::lower_bound(cornerCols.begin(), cornerCols.end(), col) - cornerCols.begin();
      return corners[static_cast<std::size_t>(i) * cornerCols.size() + static_cast<std::size_t>(j)];
    };
    // A quadrilateral far wider than the scale is torn by a discontinuity of the map.
    const double widest = 10 / scale.x + 10, highest = 10 / scale.y + 10;
    AxisRange rangeX(mapper.sourceCols()), rangeY(mapper.sourceRows());
    m_begins.push_back(0);
    for (const std::int64_t row : rows)
      for (const std::int64_t col : cols) {
        const std::array<Point, 4> quad{cornerAt(row, col), cornerAt(row, col + 1), cornerAt(row + 1, col + 1), cornerAt(row + 1, col)};
        const auto [left, right] = std::minmax({quad[0].x, quad[1].x, quad[2].x, quad[3].x});
        const auto [top, bottom] = std::minmax({quad[0].y, quad[1].y, quad[2].y, quad[3].y});
        if (right - left <= widest && bottom - top <= highest) {
          const auto range = [](double low, double high, std::int64_t size) {
            return std::pair(static_cast<std::int32_t>(std::clamp(std::floor(low), 0.0, static_cast<double>(size))),
                             static_cast<std::int32_t>(std::clamp(std::ceil(high), 0.0, static_cast<double>(size))));
          };
          const auto [firstRow, endRow] = range(top, bottom, mapper.sourceRows());
          const auto [firstCol, endCol] = range(left, right, mapper.sourceCols());
          for (std::int32_t r = firstRow; r < endRow; ++r)
            for (std::int32_t c = firstCol; c < endCol; ++c) {
              Polygon part(quad);
              part.clip(&Point::x, c, 1);
              part.clip(&Point::x, c + 1, -1);
              part.clip(&Point::y, r, 1);
              part.clip(&Point::y, r + 1, -1);
              const double weight = part.area();
              if (!(weight > 0)) continue;
              m_shares.push_back({r, c, weight});
              rangeX.mark(c, 1);
              rangeY.mark(r, 1);
            }
        }
        m_begins.push_back(m_shares.size());
      }
    AxisUse useX(rangeX), useY(rangeY);
    for (const Share& share : m_shares) {
      useX.mark(share.col, 1);
      useY.mark(share.row, 1);
    }
    m_need.rows = useY.number();
    m_need.cols = useX.number();
    for (Share& share : m_shares) share = {useY.position(share.row), useX.position(share.col), share.weight};
  }

  std::size_t bytes() const override {
    return sizeof *this + m_shares.capacity() * sizeof(Share) + m_begins.capacity() * sizeof(std::size_t) +
           (m_need.rows.size() + m_need.cols.size()) * sizeof(std::int64_t);
  }

  void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const override {
    dispatchRealType(type, [&](auto sample) {
      using T = decltype(sample);
      const Validity<T> validity(nodata);
      const Finish<T> finish(validity);
      const T filling = convertPixel<T>(fill);
      for (std::size_t k = 0; k + 1 < m_begins.size(); ++k) {
        double sum = 0;
        bool any = false;
        for (std::size_t s = m_begins[k]; s < m_begins[k + 1]; ++s) {
          const Share& share = m_shares[s];
          const T pixel = *reinterpret_cast<const T*>(source.data + share.row * source.rowStride + share.col * source.colStride);
          if (validity.isSet() && !validity.isValid(pixel)) continue;
          sum += static_cast<double>(pixel) * share.weight;
          any = true;
        }
        const auto row = static_cast<std::int64_t>(k / m_cols), col = static_cast<std::int64_t>(k % m_cols);
        *reinterpret_cast<T*>(target.data + row * target.rowStride + col * target.colStride) = any ? finish(sum) : filling;
      }
    });
  }

 private:
  std::size_t m_cols = 0;
  std::vector<Share> m_shares;
  std::vector<std::size_t> m_begins;
};

}  // namespace

PiecePtr makeSumPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, WarpScale scale) {
  return std::make_unique<SumPiece>(mapper, rows, cols, scale);
}

}  // namespace cubeloom
