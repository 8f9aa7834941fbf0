// SPDX-License-Identifier: GPL-3.0-or-later
// Sum-preserving warp under a general map: each source pixel is a quadrilateral on the output's grid and is shared out by the areas of
// its parts in the output's pixels. Source: GDAL 3.6 GWKSumPreservingThread.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_sum_reach.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

using Point = MapPoint;

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

/// A source pixel as the output's pixels see it, and the share of it that one of them covers.
class Quadrilateral {
 public:
  explicit Quadrilateral(const std::array<Point, 4>& corners) : m_corners(corners) {}

  /// False for what a discontinuity of the map tears: some side is twisted over another.
  bool isSimple() const {
    return !cross(m_corners[0], m_corners[1], m_corners[2], m_corners[3]) && !cross(m_corners[1], m_corners[2], m_corners[3], m_corners[0]);
  }
  /// Of this area, what lies in the pixel [col, col + 1) x [row, row + 1).
  double shareOf(double row, double col) const {
    // Halves on either side of a diagonal: each is convex, whatever the quadrilateral is.
    double covered = 0, whole = 0;
    const std::array<Point, 4>& c = m_corners;
    const bool isReflex = turn(c[0], c[1], c[2]) * turn(c[0], c[2], c[3]) < 0;  // then the other diagonal lies inside
    for (const auto& half : isReflex ? std::array{Polygon({c[1], c[2], c[3], c[3]}), Polygon({c[1], c[3], c[0], c[0]})}
                                     : std::array{Polygon({c[0], c[1], c[2], c[2]}), Polygon({c[0], c[2], c[3], c[3]})}) {
      Polygon part = half;
      part.clip(&Point::x, col, 1);
      part.clip(&Point::x, col + 1, -1);
      part.clip(&Point::y, row, 1);
      part.clip(&Point::y, row + 1, -1);
      covered += part.area();
      whole += half.area();
    }
    return covered > 0 ? covered / whole : 0;
  }

 private:
  /// Twice the area of the triangle, positive on one side of a-b.
  static double turn(Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y); }
  static bool cross(Point a, Point b, Point c, Point d) { return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0; }
  std::array<Point, 4> m_corners;
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
    const SumReach reach(mapper, scale);
    m_begins.push_back(0);
    for (const std::int64_t row : rows) {
      std::vector<Candidates> found;
      for (const std::int64_t col : cols)
        found.push_back(
            reach.candidates(row, col, {cornerAt(row, col), cornerAt(row, col + 1), cornerAt(row + 1, col + 1), cornerAt(row + 1, col)}));
      addRow(mapper, row, cols, found);
    }
    AxisRange rangeX(mapper.sourceCols()), rangeY(mapper.sourceRows());
    for (const Share& share : m_shares) {
      rangeX.mark(share.col, 1);
      rangeY.mark(share.row, 1);
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
    return sizeof *this + m_shares.capacity() * sizeof(Share) + m_begins.capacity() * sizeof(std::size_t) + m_need.listBytes();
  }

  void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const override {
    dispatchRealType(type, [&](auto sample) {
      using T = decltype(sample);
      const Validity<T> validity(nodata);
      const Finish<T> finish(validity);
      const Absent<T> absent(fill, validity);
      const GapValidity<T> gaps(validity);
      for (std::size_t k = 0; k + 1 < m_begins.size(); ++k) {
        const bool isInside = m_begins[k] < m_begins[k + 1];
        T value = isInside ? absent.missing : absent.outside;
        addUp<T>(source, k, validity, finish, value);
        if (isInside && isNan(value) && gaps.isStricter()) {
          value = gaps.missing();
          addUp<T>(source, k, gaps, finish, value);
        }
        const auto row = static_cast<std::int64_t>(k / m_cols), col = static_cast<std::int64_t>(k % m_cols);
        *reinterpret_cast<T*>(target.data + row * target.rowStride + col * target.colStride) = value;
      }
    });
  }

 private:
  /// The sum of what counts of the `k`-th output pixel's shares; leaves `out` alone where nothing does.
  template <class T, class V>
  void addUp(const Plane& source, std::size_t k, const V& validity, const Finish<T>& finish, T& out) const {
    double sum = 0;
    bool any = false;
    for (std::size_t s = m_begins[k]; s < m_begins[k + 1]; ++s) {
      const Share& share = m_shares[s];
      const T pixel = *reinterpret_cast<const T*>(source.data + share.row * source.rowStride + share.col * source.colStride);
      if (validity.isSet() && !validity.isValid(pixel)) continue;
      sum += static_cast<double>(pixel) * share.weight;
      any = true;
    }
    if (any) out = finish(sum);
  }

  /// The shares of one row of output pixels, from the corners of their candidates seen on the output.
  void addRow(const PixelMapper& mapper, std::int64_t row, const PixelList& cols, const std::vector<Candidates>& found) {
    std::vector<double> x, y, around;
    for (std::size_t j = 0; j < cols.size(); ++j)
      for (std::int64_t r = found[j].firstRow; !found[j].isEmpty() && r <= found[j].endRow; ++r)
        for (std::int64_t c = found[j].firstCol; c <= found[j].endCol; ++c) {
          x.push_back(static_cast<double>(c));
          y.push_back(static_cast<double>(r));
          around.push_back(static_cast<double>(cols[j]));
        }
    mapper.mapToTarget(x.data(), y.data(), around.data(), x.size());
    std::size_t first = 0;
    for (std::size_t j = 0; j < cols.size(); ++j) {
      const Candidates& part = found[j];
      const auto width = static_cast<std::size_t>(part.endCol - part.firstCol + 1);
      for (std::int64_t r = part.firstRow; r < part.endRow; ++r)
        for (std::int64_t c = part.firstCol; c < part.endCol; ++c) {
          const std::size_t k = first + static_cast<std::size_t>(r - part.firstRow) * width + static_cast<std::size_t>(c - part.firstCol);
          const Quadrilateral pixel(
              {Point{x[k], y[k]}, {x[k + 1], y[k + 1]}, {x[k + width + 1], y[k + width + 1]}, {x[k + width], y[k + width]}});
          const double weight = pixel.shareOf(static_cast<double>(row), static_cast<double>(cols[j]));
          if (weight > 0 && pixel.isSimple())
            m_shares.push_back(
                {static_cast<std::int32_t>(r), static_cast<std::int32_t>((c + mapper.sourceCols()) % mapper.sourceCols()), weight});
        }
      first += part.corners();
      m_begins.push_back(m_shares.size());
    }
  }

  std::size_t m_cols = 0;
  std::vector<Share> m_shares;
  std::vector<std::size_t> m_begins;
};

}  // namespace

double sumPieceBytes(const PixelMapper& mapper, std::size_t rows, std::size_t cols, WarpScale scale) {
  const double covered = (1 / scale.x + 3) * (1 / scale.y + 3);
  const double seen = (2 / scale.x + 5) * (2 / scale.y + 5);  // corners of candidates, one row of output pixels at a time
  const double growth = 2;
  // Beside a pole few output pixels see all columns.
  const double atPole = SumReach(mapper, scale).seesPole() ? static_cast<double>(mapper.sourceCols()) * (2 / scale.y + 5) : 0;
  return growth * (static_cast<double>(cols) * (static_cast<double>(rows) * covered * sizeof(Share) + seen * 3 * sizeof(double)) +
                   atPole * (sizeof(Share) + 4 * 3 * sizeof(double)));
}

PiecePtr makeSumPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, WarpScale scale) {
  return std::make_unique<SumPiece>(mapper, rows, cols, scale);
}

}  // namespace cubeloom
