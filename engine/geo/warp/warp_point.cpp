// SPDX-License-Identifier: GPL-3.0-or-later
// Bilinear and cubic convolution between the nearest 2 x 2 and 4 x 4 pixels.
// Source: GDAL 3.6 GWKBilinearResample4Sample and GWKCubicResample4Sample; R. Keys, doi:10.1109/TASSP.1981.1163711.
#include <cmath>

#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kLeastRound = 4;     // columns, so that none is its own neighbour
constexpr double kLeastValidWeight = 1e-5;  // of valid pixels, below which there is no value

/// Catmull-Rom weights of the pixels at -1, 0, 1, 2 for a sample at `t`.
struct CubicWeights {
  explicit CubicWeights(double t) {
    const double half = 0.5 * t, three = 3 * t, square = half * t;
    w[0] = half * (-1 + t * (2 - t));
    w[1] = 1 + square * (-5 + three);
    w[2] = half * (1 + t * (4 - three));
    w[3] = square * (-1 + t);
  }
  double w[4];
};

/// The pixels around one sample. `kRound`: the plane's first column is the last one's neighbour where both are asked for.
template <class T, bool kRound>
class Neighbourhood {
 public:
  Neighbourhood(const Plane& plane, const PointTap& x, const PointTap& y) : m_plane(plane), m_x(x), m_y(y) {
    const std::int64_t x0 = std::max(x.first, 0), y0 = std::max(y.first, 0);
    const std::int64_t x1 = kRound ? x.first + 1 : std::min<std::int64_t>(x.first + 1, plane.cols - 1);
    const std::int64_t y1 = std::min<std::int64_t>(y.first + 1, plane.rows - 1);
    m_corners[0] = at(y0, x0);
    m_corners[1] = at(y0, x1);
    m_corners[2] = at(y1, x0);
    m_corners[3] = at(y1, x1);
  }

  T at(std::int64_t row, std::int64_t col) const {
    if constexpr (kRound) col += col < 0 ? m_plane.cols : col >= m_plane.cols ? -m_plane.cols : 0;
    return *reinterpret_cast<const T*>(m_plane.data + row * m_plane.rowStride + col * m_plane.colStride);
  }

  double bilinear() const {
    const double right = m_x.delta, left = 1 - right, below = m_y.delta, above = 1 - below;
    const double upper = static_cast<double>(m_corners[0]) * left + static_cast<double>(m_corners[1]) * right;
    const double lower = static_cast<double>(m_corners[2]) * left + static_cast<double>(m_corners[3]) * right;
    return upper * above + lower * below;
  }
  /// Over the valid pixels only; false when the pixel under the sample is not valid, or those that are weigh next to nothing.
  template <class V>
  bool bilinear(const V& validity, double& value) const {
    if (areCornersValid(validity)) {
      value = bilinear();
      return true;
    }
    const double right = m_x.delta, left = 1 - right, below = m_y.delta, above = 1 - below;
    const double shares[4] = {left * above, right * above, left * below, right * below};
    double sum = 0, weights = 0;
    for (int k = 0; k < 4; ++k) {
      if (!validity.isValid(m_corners[k])) continue;
      sum += static_cast<double>(m_corners[k]) * shares[k];
      weights += shares[k];
    }
    value = sum / weights;
    return validity.isValid(centre()) && weights >= kLeastValidWeight;
  }

  bool hasFourByFour() const {
    const bool hasColumns = kRound || (m_x.first >= 1 && m_x.first + 2 < m_plane.cols);
    return hasColumns && m_y.first >= 1 && m_y.first + 2 < m_plane.rows;
  }
  double cubic() const {
    const CubicWeights wx(m_x.delta), wy(m_y.delta);
    double sum = 0;
    for (int i = 0; i < 4; ++i) sum += wy.w[i] * cubicRow(wx, m_y.first - 1 + i);
    return sum;
  }
  template <class V>
  bool isAllValid(const V& validity) const {
    bool all = areCornersValid(validity);
    for (int i = -1; i < 3; ++i)
      for (int j = -1; j < 3; ++j) all &= validity.isValid(at(m_y.first + i, m_x.first + j));
    return all;
  }

 private:
  T centre() const { return m_corners[(m_y.delta >= 0.5 - kTieTolerance ? 2 : 0) + (m_x.delta >= 0.5 - kTieTolerance ? 1 : 0)]; }
  template <class V>
  bool areCornersValid(const V& validity) const {
    return validity.isValid(m_corners[0]) && validity.isValid(m_corners[1]) && validity.isValid(m_corners[2]) &&
           validity.isValid(m_corners[3]);
  }
  double cubicRow(const CubicWeights& wx, std::int64_t row) const {
    const std::int64_t col = m_x.first - 1;
    return wx.w[0] * static_cast<double>(at(row, col)) + wx.w[1] * static_cast<double>(at(row, col + 1)) +
           wx.w[2] * static_cast<double>(at(row, col + 2)) + wx.w[3] * static_cast<double>(at(row, col + 3));
  }

  const Plane& m_plane;
  const PointTap &m_x, &m_y;
  T m_corners[4];  // upper left, upper right, lower left, lower right
};

template <bool kCubic>
class PointPiece final : public WarpPiece {
  using Tap = std::conditional_t<kCubic, CubicTap, PointTap>;

 public:
  PointPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols)
      : m_isRound(mapper.sourceIsRound() && mapper.sourceCols() >= kLeastRound) {
    m_taps = makeTaps<Tap>(mapper, rows, cols, SampleKind::Centre, m_need, [this, &mapper](int axis, double at, double) {
      Tap tap;
      if (axis == 0) at = mapper.columnRound(at);
      if (nearestPixel(at, axis == 0 ? mapper.sourceCols() : mapper.sourceRows()) < 0) return tap;
      const double below = std::floor(at - 0.5);
      tap.first = static_cast<std::int32_t>(below);
      tap.delta = at - 0.5 - below;
      tap.isRound = axis == 0 && m_isRound;
      if (tap.isRound && below < 0) tap.first += static_cast<std::int32_t>(mapper.sourceCols());
      return tap;
    });
  }

  std::size_t bytes() const override { return sizeof *this + m_taps.bytes() + m_need.listBytes(); }

  void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const override {
    if (m_isRound) return applyAs<true>(type, source, target, nodata, fill);
    applyAs<false>(type, source, target, nodata, fill);
  }

 private:
  template <bool kRound>
  void applyAs(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const {
    dispatchRealType(type, [&](auto sample) {
      using T = decltype(sample);
      using Around = Neighbourhood<T, kRound>;
      const Validity<T> validity(nodata);
      const Finish<T> finish(validity);
      const Absent<T> absent(fill, validity);
      const GapValidity<T> gaps(validity);
      const auto between = [&finish](const Around& around, const auto& valid, T missing) {
        if (kCubic && around.hasFourByFour() && around.isAllValid(valid)) return finish(around.cubic());
        double value = 0;
        return around.bilinear(valid, value) ? finish(value) : missing;
      };
      withKind(validity, [&](const auto& kind) {
        gather<T, Around>(source, target, absent.outside, [&](const Around& around) {
          const T value = between(around, kind, absent.missing);
          return isNan(value) && gaps.isStricter() ? between(around, gaps, gaps.missing()) : value;
        });
      });
    });
  }

  template <class T, class Around, class Value>
  void gather(const Plane& source, const Plane& target, T outside, Value&& value) const {
    const std::size_t yStep = m_taps.yStep();
    for (std::size_t i = 0; i < m_taps.rows; ++i) {
      const Tap* x = m_taps.xOfRow(i);
      const Tap* y = m_taps.yOfRow(i);
      std::byte* out = target.data + static_cast<std::int64_t>(i) * target.rowStride;
      for (std::size_t j = 0; j < m_taps.cols; ++j, out += target.colStride, y += yStep) {
        const bool isInside = x[j].first != kNoTap && y->first != kNoTap;
        *reinterpret_cast<T*>(out) = isInside ? value(Around(source, x[j], *y)) : outside;
      }
    }
  }

  bool m_isRound;
  TapGrid<Tap> m_taps;
};

}  // namespace

PiecePtr makePointPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, bool isCubic) {
  if (isCubic) return std::make_unique<PointPiece<true>>(mapper, rows, cols);
  return std::make_unique<PointPiece<false>>(mapper, rows, cols);
}

}  // namespace cubeloom
