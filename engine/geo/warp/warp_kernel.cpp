// SPDX-License-Identifier: GPL-3.0-or-later
// Separable kernels of any width: their weights are made once per piece. Source: GDAL 3.6 GWKResample and GWKResampleOptimizedLanczos.
#include <cmath>
#include <numbers>

#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

constexpr double kLeastWeight = 1e-6;

double bilinearWeight(double x) { return std::max(0.0, 1 - std::abs(x)); }

double cubicWeight(double x) {
  const double a = std::abs(x), square = x * x;
  if (a <= 1) return square * (1.5 * a - 2.5) + 1;
  return a <= 2 ? square * (-0.5 * a + 2.5) - 4 * a + 2 : 0;
}

/// Six times the cubic B-spline: only ratios count. Beyond 2 it goes on as gdalwarp's does, whose sum of truncated powers lacks the last
/// term; a widened kernel reaches there by less than a pixel.
double splineWeight(double x) {
  const double a = std::abs(x);
  const double outer = (2 - a) * (2 - a) * (2 - a);
  if (a < 1) return outer - 4 * (1 - a) * (1 - a) * (1 - a);
  return x < -2 ? 0 : outer;
}

double lanczosWeight(double x) {
  if (x == 0) return 1;
  const double angle = std::numbers::pi * x;
  return std::sin(angle) * std::sin(angle / 3) / (angle * angle / 3);
}

double weightOf(Resampling method, double x) {
  switch (method) {
    case Resampling::Bilinear: return bilinearWeight(x);
    case Resampling::Cubic: return cubicWeight(x);
    case Resampling::CubicSpline: return splineWeight(x);
    default: return lanczosWeight(x);
  }
}

int reachOf(Resampling method, double scale) {
  return scale < 1 ? static_cast<int>(std::ceil(kernelRadius(method) / scale)) : kernelRadius(method);
}

/// Without nodata gdalwarp has fast paths for some types, which always divide by the weights; its general path does not when they are all
/// but 1.
bool isGeneral(Resampling method, PixelType type) {
  const bool isShort = type == PixelType::UInt8 || type == PixelType::Int16 || type == PixelType::UInt16;
  if (method == Resampling::Lanczos) return true;
  return !isShort && (method == Resampling::CubicSpline || type != PixelType::Float32);
}

/// How a kernel's rows lie, known when it is compiled: `kCols` pixels (0: as its tap says), over the plane's end on to its begin or not.
template <int kColumns, bool kGoesAround>
struct Shape {
  static constexpr int kCols = kColumns;
  static constexpr bool kIsRound = kGoesAround;
};

struct Sum {
  double values = 0, weights = 0;
  double mean(bool mayLeave) const { return mayLeave && weights >= 0.99999 && weights <= 1.00001 ? values : values / weights; }
};

class KernelPiece final : public WarpPiece {
 public:
  KernelPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, Resampling method, WarpScale scale)
      : m_method(method), m_isLanczos(method == Resampling::Lanczos) {
    const auto mostX = static_cast<std::size_t>(kernelTaps(method, scale.x)), mostY = static_cast<std::size_t>(kernelTaps(method, scale.y));
    const std::size_t pixels = rows.size() * cols.size();
    m_weights.reserve(mapper.isSeparable() ? mostX * cols.size() + mostY * rows.size() : (mostX + mostY) * pixels);
    m_taps = makeTaps<KernelTap>(mapper, rows, cols, SampleKind::Centre, m_need, [&](int axis, double at, double) {
      if (axis == 1) return tapOf(method, at, mapper.sourceRows(), scale.y, false);
      return tapOf(method, mapper.columnRound(at), mapper.sourceCols(), scale.x, mapper.sourceIsRound());
    });
    if (m_isLanczos) return;  // whose pixels are counted, too
    for (KernelTap& tap : m_taps.x) leaveOutZeros(tap, m_need.cols.count());
    for (KernelTap& tap : m_taps.y) leaveOutZeros(tap, m_need.rows.count());
  }

  std::size_t bytes() const override { return sizeof *this + m_taps.bytes() + m_weights.capacity() * sizeof(double) + m_need.listBytes(); }

  void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const override {
    dispatchRealType(type, [&](auto sample) {
      using T = decltype(sample);
      const Validity<T> validity(nodata);
      const bool mayLeave = validity.isSet() || isGeneral(m_method, type);
      withKind(validity, [&](const auto& kind) { applyWith(source, target, validity, fill, mayLeave, kind); });
    });
  }

 private:
  KernelTap tapOf(Resampling method, double at, std::int64_t size, double scale, bool isRound) {
    KernelTap tap;
    const std::int64_t centre = nearestPixel(at, size);
    if (centre < 0) return tap;
    const bool isWidened = scale < 1;
    const int radius = reachOf(method, scale);
    const double below = std::floor(at - 0.5);
    const double delta = at - 0.5 - below;
    const auto base = static_cast<std::int64_t>(below);
    // GDAL's widened lanczos is centred on the pixel, not on the sample.
    const double shift = m_isLanczos && isWidened ? 0 : delta;
    const double stretch = isWidened ? scale : 1;
    std::int64_t low = m_isLanczos ? -radius : 1 - radius, high = radius;
    if (!isRound || high - low >= size) {
      low = std::max(low, -base);
      high = std::min(high, size - 1 - base);
    }
    if (m_isLanczos) {
      while ((static_cast<double>(low) - shift) * stretch < -3) ++low;
      while ((static_cast<double>(high) - shift) * stretch > 3) --high;
    }
    if (low > high) return tap;
    tap.first = static_cast<std::int32_t>(base + low < 0 ? base + low + size : base + low);
    tap.count = static_cast<std::int32_t>(high - low + 1);
    tap.centre = static_cast<std::int32_t>(centre);
    tap.weights = m_weights.size();
    for (std::int64_t i = low; i <= high; ++i) {
      m_weights.push_back(weightOf(method, (static_cast<double>(i) - shift) * stretch));
      tap.sum += m_weights.back();
    }
    return tap;
  }

  template <class T, class V>
  void applyWith(const Plane& source, const Plane& target, const Validity<T>& validity, double fill, bool mayLeave, const V& kind) const {
    const Finish<T> finish(validity);
    const Absent<T> absent(fill, validity);
    const GapValidity<T> gaps(validity);
    const std::size_t yStep = m_taps.yStep();
    for (std::size_t i = 0; i < m_taps.rows; ++i) {
      const KernelTap* x = m_taps.xOfRow(i);
      const KernelTap* y = m_taps.yOfRow(i);
      std::byte* out = target.data + static_cast<std::int64_t>(i) * target.rowStride;
      for (std::size_t j = 0; j < m_taps.cols; ++j, out += target.colStride, y += yStep) {
        T value = absent.outside;
        if (x[j].first != kNoTap && y->first != kNoTap) {
          Sum sum;
          value = weigh<T>(source, x[j], *y, kind, sum) && sum.weights >= kLeastWeight ? finish(sum.mean(mayLeave)) : absent.missing;
          if (isNan(value) && gaps.isStricter()) value = withoutGaps<T>(source, x[j], *y, gaps, finish, mayLeave);
        }
        *reinterpret_cast<T*>(out) = value;
      }
    }
  }

  /// The outer pixels of a widened kernel may weigh nothing. They are read, as the plan says, but not looked at. `size`: of the axis as
  /// held.
  void leaveOutZeros(KernelTap& tap, std::int64_t size) const {
    if (tap.first == kNoTap || tap.first + std::int64_t{tap.count} > size) return;
    for (; tap.count > 1 && m_weights[tap.weights] == 0; ++tap.weights, ++tap.first) --tap.count;
    while (tap.count > 1 && m_weights[tap.weights + static_cast<std::size_t>(tap.count) - 1] == 0) --tap.count;
  }

  /// The value of the pixels that are no gaps. Rare, and kept out of the loop over pixels.
  template <class T>
  [[gnu::noinline]] T withoutGaps(const Plane& source, const KernelTap& x, const KernelTap& y, const GapValidity<T>& gaps,
                                  const Finish<T>& finish, bool mayLeave) const {
    Sum sum;
    const bool hasAny = weigh<T>(source, x, y, gaps, sum) && sum.weights >= kLeastWeight;
    return hasAny ? finish(sum.mean(mayLeave)) : gaps.missing();
  }

  /// The usual rows, bilinear's of 2 pixels and cubic's of 4, are summed without counters.
  template <class T, class V>
  bool weigh(const Plane& source, const KernelTap& x, const KernelTap& y, const V& kind, Sum& sum) const {
    if (x.first + std::int64_t{x.count} > source.cols) return weighAs<T>(source, x, y, kind, sum, Shape<0, true>{});
    if (x.count == 2) return weighAs<T>(source, x, y, kind, sum, Shape<2, false>{});
    if (x.count == 4) return weighAs<T>(source, x, y, kind, sum, Shape<4, false>{});
    return weighAs<T>(source, x, y, kind, sum, Shape<0, false>{});
  }

  template <class T, class V, class S>
  bool weighAs(const Plane& source, const KernelTap& x, const KernelTap& y, const V& kind, Sum& sum, S) const {
    if constexpr (std::is_same_v<V, Everything>) {
      sum = sumOfAll<T, S>(source, x, y);
      return true;
    } else {
      const T centre = *reinterpret_cast<const T*>(source.data + y.centre * source.rowStride + x.centre * source.colStride);
      return kind.isValid(centre) && sumOfValid<T, S>(source, x, y, kind, sum);
    }
  }

  /// Where the tap's pixel `j` along a row is whose first is at `row`: over the plane's end they may go on at its begin.
  template <class S>
  static const std::byte* pixelAt(const Plane& source, const std::byte* row, const KernelTap& x, std::int32_t j) {
    const std::int64_t col = S::kIsRound && x.first + j >= source.cols ? j - source.cols : j;
    return row + col * source.colStride;
  }

  template <class T, class S>
  Sum sumOfAll(const Plane& source, const KernelTap& x, const KernelTap& y) const {
    const std::int32_t cols = S::kCols > 0 ? S::kCols : x.count;
    const double* wx = m_weights.data() + x.weights;
    const double* wy = m_weights.data() + y.weights;
    const std::byte* row = source.data + y.first * source.rowStride + x.first * source.colStride;
    double values = 0;
    for (std::int32_t i = 0; i < y.count; ++i, row += source.rowStride) {
      double rowSum = 0;
      for (std::int32_t j = 0; j < cols; ++j)
        rowSum += static_cast<double>(*reinterpret_cast<const T*>(pixelAt<S>(source, row, x, j))) * wx[j];
      values += rowSum * wy[i];
    }
    return {values, x.sum * y.sum};
  }

  template <class T, class S, class V>
  bool sumOfValid(const Plane& source, const KernelTap& x, const KernelTap& y, const V& kind, Sum& sum) const {
    const std::int32_t cols = S::kCols > 0 ? S::kCols : x.count;
    const double* wx = m_weights.data() + x.weights;
    const double* wy = m_weights.data() + y.weights;
    const std::byte* row = source.data + y.first * source.rowStride + x.first * source.colStride;
    std::int64_t valid = 0;
    double values = 0, weights = 0;
    for (std::int32_t i = 0; i < y.count; ++i, row += source.rowStride) {
      double rowSum = 0, rowWeights = 0;
      for (std::int32_t j = 0; j < cols; ++j) {
        const T pixel = *reinterpret_cast<const T*>(pixelAt<S>(source, row, x, j));
        if (!kind.isValid(pixel)) continue;
        rowSum += static_cast<double>(pixel) * wx[j];
        rowWeights += wx[j];
        ++valid;
      }
      values += rowSum * wy[i];
      weights += rowWeights * wy[i];
    }
    sum = {values, weights};
    // Lanczos' negative lobes make nonsense of a minority of valid pixels.
    return !m_isLanczos || valid >= static_cast<std::int64_t>(cols) * y.count / 2;
  }

  Resampling m_method;
  bool m_isLanczos = false;
  std::vector<double> m_weights;
  TapGrid<KernelTap> m_taps;
};

}  // namespace

int kernelRadius(Resampling method) {
  switch (method) {
    case Resampling::Bilinear: return 1;
    case Resampling::Cubic:
    case Resampling::CubicSpline: return 2;
    case Resampling::Lanczos: return 3;
    default: return 0;
  }
}

int kernelTaps(Resampling method, double scale) { return 2 * reachOf(method, scale) + (method == Resampling::Lanczos ? 1 : 0); }

PiecePtr makeKernelPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, Resampling method, WarpScale scale) {
  return std::make_unique<KernelPiece>(mapper, rows, cols, method, scale);
}

}  // namespace cubeloom
