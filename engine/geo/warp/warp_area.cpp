// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics of the pixels an output pixel covers. The covered pixels are those between two opposite corners of the output pixel, the
// outermost weighted by the covered part. Source: GDAL 3.6 GWKAverageOrModeThread.
#include <algorithm>
#include <cmath>

#include "engine/geo/warp/warp_mean.h"
#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_statistics.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

/// The pixels from `low` to `high`, the outer two by their share; `wraps`: beyond the last pixel follows the first.
SpanTap spanBetween(double low, double high, double size, bool wraps) {
  SpanTap tap;
  if (wraps && low + kTieTolerance >= size) {
    low -= size;
    high -= size;
  }
  const double first = std::clamp(std::floor(low + kTieTolerance), 0.0, size);
  double last = std::ceil(high - kTieTolerance);
  if (!wraps) last = std::min(last, size);
  if (first == last && last < size) last += 1;
  if (!(last > first)) return tap;
  tap.first = static_cast<std::int32_t>(first);
  tap.count = static_cast<std::int32_t>(last - first);
  if (tap.count > 1) {
    tap.firstWeight = 1 - (low - first);
    tap.lastWeight = 1 - (last - high);
  }
  return tap;
}

/// The span between two corners along one axis; `margin` pixels beyond the source are tolerated, as by GDAL.
SpanTap spanOf(double low, double high, std::int64_t pixels, double scale, bool mayWrap) {
  SpanTap tap;
  const auto size = static_cast<double>(pixels);
  const double margin = 2 * std::max(1.0, std::ceil(1 / scale));
  if (!(low >= -margin && high >= -margin && low - size <= margin && high - size <= margin)) return tap;
  if (low > high) std::swap(low, high);
  // A pixel over the antimeridian reaches from the last column on to the first: it is as wide as the others when seen that way.
  // (gdalwarp 3.6 believes the same of any source of which an output pixel leaves less than two output pixels on either side.)
  const auto threshold = static_cast<double>(std::min<std::int64_t>(2, pixels / 10));
  const double width = (high - low) * scale, widthAround = (size - (high - low)) * scale;
  const bool wraps =
      mayWrap && low * scale < threshold && (size - high) * scale < threshold && std::abs(widthAround - 1) < std::abs(width - 1);
  if (wraps) {
    std::swap(low, high);
    high += size;
  }
  return spanBetween(low, high, size, wraps);
}

/// Longitudes are brought near the source's middle, which tears an output pixel that lies just opposite: the ends of [low, high] are put
/// side by side again, on the side of the source where the pixel's middle is. True when it covers pixels at both ends of the source: then
/// the gap between them is taken out, as if the last one's neighbour were the first.
bool mend(double& low, double& high, std::int64_t pixels, double period) {
  if (std::abs(high - low) <= 0.75 * period) return false;
  high -= std::copysign(period, high - low);
  if (low > high) std::swap(low, high);
  const auto size = static_cast<double>(pixels);
  const double west = low - period * std::floor(low / period), east = west + (high - low);
  if (period - size >= 1 && west < size && east > period) {
    low = west;
    high = east - (period - size);
    return true;
  }
  const double turns = period * std::round((low + high - size) / 2 / period);
  low -= turns;
  high -= turns;
  return false;
}

/// The share of each pixel between `low` and `high`; `runsAround`: the last pixel's neighbour is the first.
SpanTap shareOf(double low, double high, std::int64_t pixels, bool runsAround) {
  SpanTap tap;
  if (low > high) std::swap(low, high);
  const auto size = static_cast<double>(pixels);
  if (runsAround && high - low < size / 2) {
    const double turns = size * std::floor(low / size);
    low -= turns;
    high -= turns;
  } else {
    low = std::max(low, 0.0);
    high = std::min(high, size);
  }
  if (!(low < high)) return tap;
  const double first = std::floor(low), last = std::ceil(high);
  tap.first = static_cast<std::int32_t>(first);
  tap.count = static_cast<std::int32_t>(last - first);
  tap.firstWeight = std::min(high, first + 1) - low;
  tap.lastWeight = high - (last - 1);
  return tap;
}

class AreaPiece final : public WarpPiece {
 public:
  AreaPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, Resampling method, WarpScale scale)
      : m_method(method) {
    const auto sizeOf = [&mapper](int axis) { return axis == 0 ? mapper.sourceCols() : mapper.sourceRows(); };
    const bool runsAround = mapper.sourceRunsAroundTheEarth();
    const double period = mapper.columnPeriod();
    const bool mayMend = period > 0 && 1 / scale.x < period / 4 && (method == Resampling::Sum || !runsAround);
    m_taps = makeTaps<SpanTap>(mapper, rows, cols, SampleKind::Footprint, m_need, [&](int axis, double low, double high) {
      const bool joinsEnds = axis == 0 && mayMend && mend(low, high, sizeOf(axis), period);
      if (method == Resampling::Sum) return shareOf(low, high, sizeOf(axis), axis == 0 && (runsAround || joinsEnds));
      if (joinsEnds) return spanBetween(low, high, static_cast<double>(sizeOf(axis)), true);
      return spanOf(low, high, sizeOf(axis), axis == 0 ? scale.x : scale.y, axis == 0 && runsAround);
    });
    const std::int64_t used = m_need.cols.count();
    m_wraps = std::any_of(m_taps.x.begin(), m_taps.x.end(), [used](const SpanTap& tap) { return tap.first + tap.count > used; });
  }

  std::size_t bytes() const override {
    return sizeof *this + m_taps.bytes() + m_need.listBytes() + 2 * sizeof(double) * static_cast<std::size_t>(m_need.cols.count());
  }

  void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const override {
    dispatchRealType(type, [&](auto sample) {
      using T = decltype(sample);
      const Validity<T> validity(nodata);
      const Finish<T> finish(validity);
      const Absent<T> absent(fill, validity);
      const bool isContiguous = source.colStride == static_cast<std::int64_t>(sizeof(T));
      if (m_method == Resampling::Average && m_taps.isSeparable && !m_wraps && isContiguous)
        return separableMean<T>(m_taps, source, target, validity, finish, absent);
      const auto reduceBy = [&](auto&& of) {
        const GapValidity<T> gaps(validity);
        reduce<T>(target, absent, gaps, of(validity), of(gaps));
      };
      switch (m_method) {
        case Resampling::Average: return reduceBy([&](const auto& valid) { return meanOf<T>(source, valid, finish, false); });
        case Resampling::Sum: return reduceBy([&](const auto& valid) { return sumOf<T>(source, valid, finish); });
        case Resampling::Rms: return reduceBy([&](const auto& valid) { return meanOf<T>(source, valid, finish, true); });
        case Resampling::Min:
          return reduceBy([&](const auto& valid) { return extremeOf<T>(source, valid, [](T a, T b) { return b < a; }); });
        case Resampling::Max:
          return reduceBy([&](const auto& valid) { return extremeOf<T>(source, valid, [](T a, T b) { return a < b; }); });
        case Resampling::Mode: return reduceBy([&](const auto& valid) { return modeOf<T>(source, valid); });
        case Resampling::Q1: return reduceBy([&](const auto& valid) { return quantileOf<T>(source, valid, 0.25); });
        case Resampling::Q3: return reduceBy([&](const auto& valid) { return quantileOf<T>(source, valid, 0.75); });
        default: return reduceBy([&](const auto& valid) { return quantileOf<T>(source, valid, 0.5); });
      }
    });
  }

 private:
  /// `withoutGaps`: the statistic again, where NaN among the pixels made it one.
  template <class T, class Statistic, class WithoutGaps>
  void reduce(const Plane& target, const Absent<T>& absent, const GapValidity<T>& gaps, Statistic&& statistic,
              WithoutGaps&& withoutGaps) const {
    const std::size_t yStep = m_taps.yStep();
    for (std::size_t i = 0; i < m_taps.rows; ++i) {
      const SpanTap* x = m_taps.xOfRow(i);
      const SpanTap* y = m_taps.yOfRow(i);
      std::byte* out = target.data + static_cast<std::int64_t>(i) * target.rowStride;
      for (std::size_t j = 0; j < m_taps.cols; ++j, out += target.colStride, y += yStep) {
        const bool isInside = x[j].first >= 0 && y->first >= 0;
        T value = isInside ? absent.missing : absent.outside;
        if (isInside) statistic(x[j], *y, value);
        if (isInside && isNan(value) && gaps.isStricter()) {
          value = gaps.missing();
          withoutGaps(x[j], *y, value);
        }
        *reinterpret_cast<T*>(out) = value;
      }
    }
  }

  Resampling m_method;
  TapGrid<SpanTap> m_taps;
  bool m_wraps = false;  ///< a span runs over the last column on to the first
};

}  // namespace

PiecePtr makeAreaPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, Resampling method, WarpScale scale) {
  return std::make_unique<AreaPiece>(mapper, rows, cols, method, scale);
}

}  // namespace cubeloom
