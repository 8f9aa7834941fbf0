// SPDX-License-Identifier: GPL-3.0-or-later
// The mean under parallel grids: the covered rows are added up column by column, then the columns under each output pixel.
// Every source pixel is touched once, in straight loops; the sums are those of GDAL 3.6 GWKAverageOrModeThread in another order.
#pragma once

#include <vector>

#include "engine/base/vector_clones.h"
#include "engine/geo/warp/warp.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_statistics.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {

/// Adds `count` pixels times `weight` to `sums`, and the weight itself to `weights`, where the pixel is valid.
template <class T>
CUBELOOM_VECTOR_CLONES void addRow(const T* row, std::size_t count, double weight, const Validity<T>& validity, double* __restrict sums,
                                   double* __restrict weights) {
  if (!validity.isSet()) {
    for (std::size_t c = 0; c < count; ++c) sums[c] += static_cast<double>(row[c]) * weight;
  } else if (validity.isNan()) {
    for (std::size_t c = 0; c < count; ++c) {
      const bool isValid = row[c] == row[c];
      sums[c] += isValid ? static_cast<double>(row[c]) * weight : 0.0;
      weights[c] += isValid ? weight : 0.0;
    }
  } else {
    const T nodata = validity.nodata();
    for (std::size_t c = 0; c < count; ++c) {
      const bool isValid = row[c] != nodata;
      sums[c] += isValid ? static_cast<double>(row[c]) * weight : 0.0;
      weights[c] += isValid ? weight : 0.0;
    }
  }
}

/// Separable taps without spans that run over the antimeridian, source columns without gaps between pixels.
template <class T>
void separableMean(const TapGrid<SpanTap>& taps, const Plane& source, const Plane& target, const Validity<T>& validity,
                   const Finish<T>& finish, const Absent<T>& absent) {
  const auto cols = static_cast<std::size_t>(source.cols);
  std::vector<double> sums(cols), weights(cols);
  const auto weightOf = [](const SpanTap& span, std::int32_t k) {
    return k == 0 ? span.firstWeight : k + 1 == span.count ? span.lastWeight : 1.0;
  };
  const GapValidity<T> gaps(validity);
  const auto withoutGaps = meanOf<T>(source, gaps, finish, false);
  for (std::size_t i = 0; i < taps.rows; ++i) {
    const SpanTap& y = taps.y[i];
    double rowWeights = 0;
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(weights.begin(), weights.end(), 0.0);
    for (std::int32_t k = 0; y.first >= 0 && k < y.count; ++k) {
      const double weight = weightOf(y, k);
      rowWeights += weight;
      addRow(reinterpret_cast<const T*>(source.data + (y.first + k) * source.rowStride), cols, weight, validity, sums.data(),
             weights.data());
    }
    if (!validity.isSet()) std::fill(weights.begin(), weights.end(), rowWeights);
    std::byte* out = target.data + static_cast<std::int64_t>(i) * target.rowStride;
    for (const SpanTap& x : taps.x) {
      double sum = 0, weight = 0;
      for (std::int32_t k = 0; x.first >= 0 && k < x.count; ++k) {
        const std::size_t c = static_cast<std::size_t>(x.first) + static_cast<std::size_t>(k);
        sum += sums[c] * weightOf(x, k);
        weight += weights[c] * weightOf(x, k);
      }
      const bool isInside = x.first >= 0 && y.first >= 0;
      T value = weight > 0 ? finish(sum / weight) : isInside ? absent.missing : absent.outside;
      if (isInside && isNan(value) && gaps.isStricter()) {
        value = gaps.missing();
        withoutGaps(x, y, value);
      }
      *reinterpret_cast<T*>(out) = value;
      out += target.colStride;
    }
  }
}

}  // namespace cubeloom
