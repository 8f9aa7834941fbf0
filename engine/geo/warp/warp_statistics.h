// SPDX-License-Identifier: GPL-3.0-or-later
// The statistics an area warp can take of the pixels under one output pixel. Each returns a callable (x, y, out) that leaves `out` alone
// where no pixel is valid. NaN that `validity` lets through spoils means; the others pass over it where there is anything else, and answer
// it where there is not: then the statistic is taken again without it (GapValidity).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/geo/warp/warp.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {

/// Calls `visit(value, weight)` for the valid pixels of a footprint, row by row.
template <class T, class V, class Visit>
void forEachCovered(const Plane& source, const SpanTap& x, const SpanTap& y, const V& validity, Visit&& visit) {
  const auto weightOf = [](const SpanTap& span, std::int32_t k) {
    return k == 0 ? span.firstWeight : k + 1 == span.count ? span.lastWeight : 1.0;
  };
  for (std::int32_t i = 0; i < y.count; ++i) {
    const double rowWeight = weightOf(y, i);
    const std::byte* row = source.data + (y.first + i) * source.rowStride;
    for (std::int32_t j = 0; j < x.count; ++j) {
      std::int64_t col = x.first + j;
      if (col >= source.cols) col -= source.cols;
      const T pixel = *reinterpret_cast<const T*>(row + col * source.colStride);
      if (!validity.isSet() || validity.isValid(pixel)) visit(pixel, rowWeight * weightOf(x, j));
    }
  }
}

template <class T>
struct Frequent {
  T value;
  std::ptrdiff_t count;
};

/// The value seen most often; of several the one that got there first. `seen`: not empty, no NaN, each with its place in the order.
template <class T>
Frequent<T> mostFrequent(std::vector<std::pair<T, std::int32_t>>& seen) {
  std::sort(seen.begin(), seen.end());
  T best = seen.front().first;
  std::ptrdiff_t bestCount = 0;
  std::int32_t bestLast = 0;
  for (auto begin = seen.begin(); begin != seen.end();) {
    const auto end = std::find_if(begin, seen.end(), [begin](const auto& entry) { return entry.first != begin->first; });
    const std::int32_t last = (end - 1)->second;
    if (end - begin > bestCount || (end - begin == bestCount && last < bestLast)) {
      best = begin->first;
      bestCount = end - begin;
      bestLast = last;
    }
    begin = end;
  }
  return {best, bestCount};
}

template <class T, class V>
auto meanOf(const Plane& source, const V& validity, const Finish<T>& finish, bool ofSquares) {
  return [&source, &validity, &finish, ofSquares](const SpanTap& x, const SpanTap& y, T& out) {
    double sum = 0, weights = 0;
    forEachCovered<T>(source, x, y, validity, [&sum, &weights, ofSquares](T pixel, double weight) {
      const auto value = static_cast<double>(pixel);
      sum += (ofSquares ? value * value : value) * weight;
      weights += weight;
    });
    if (weights > 0) out = finish(ofSquares ? std::sqrt(sum / weights) : sum / weights);
  };
}

template <class T, class V>
auto sumOf(const Plane& source, const V& validity, const Finish<T>& finish) {
  return [&source, &validity, &finish](const SpanTap& x, const SpanTap& y, T& out) {
    double sum = 0;
    bool any = false;
    forEachCovered<T>(source, x, y, validity, [&sum, &any](T pixel, double weight) {
      sum += static_cast<double>(pixel) * weight;
      any = true;
    });
    if (any) out = finish(sum);
  };
}

template <class T, class V, class Replaces>
auto extremeOf(const Plane& source, const V& validity, Replaces replaces) {
  return [&source, &validity, replaces](const SpanTap& x, const SpanTap& y, T& out) {
    bool any = false;
    forEachCovered<T>(source, x, y, validity, [&](T pixel, double) {
      if (!any || isNan(out) || replaces(out, pixel)) out = pixel;
      any = true;
    });
  };
}

/// For bytes: a running leader over counts; for all else the values are collected and sorted. NaN equals nothing, not even itself: it can
/// only be the first of values that are seen once each.
template <class T, class V>
auto modeOf(const Plane& source, const V& validity) {
  if constexpr (sizeof(T) == 1) {
    return [&source, &validity](const SpanTap& x, const SpanTap& y, T& out) {
      std::array<std::int32_t, 256> counts{};
      std::int32_t most = 0;
      forEachCovered<T>(source, x, y, validity, [&counts, &most, &out](T pixel, double) {
        const std::int32_t count = ++counts[static_cast<std::uint8_t>(pixel)];
        if (count <= most) return;
        most = count;
        out = pixel;
      });
    };
  } else {
    return [&source, &validity, seen = std::vector<std::pair<T, std::int32_t>>()](const SpanTap& x, const SpanTap& y, T& out) mutable {
      seen.clear();
      bool startsWithNan = false;
      forEachCovered<T>(source, x, y, validity, [&seen, &startsWithNan, &out](T pixel, double) {
        if (!isNan(pixel)) {
          seen.emplace_back(pixel, static_cast<std::int32_t>(seen.size()));
        } else if (seen.empty()) {
          startsWithNan = true;
          out = pixel;
        }
      });
      if (seen.empty()) return;
      const Frequent<T> most = mostFrequent(seen);
      if (most.count > 1 || !startsWithNan) out = most.value;
    };
  }
}

template <class T, class V>
auto quantileOf(const Plane& source, const V& validity, double share) {
  return [&source, &validity, share, values = std::vector<T>()](const SpanTap& x, const SpanTap& y, T& out) mutable {
    values.clear();
    forEachCovered<T>(source, x, y, validity, [&values, &out](T pixel, double) {
      if (isNan(pixel)) {
        out = pixel;
      } else {
        values.push_back(pixel);
      }
    });
    if (values.empty()) return;
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size()) - 1));
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    out = values[static_cast<std::size_t>(rank)];
  };
}

}  // namespace cubeloom
