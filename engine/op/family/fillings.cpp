// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/fillings.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {
namespace {

/// The pixels of a circle around (0, 0) without that one, nearest first, then from the top left.
std::vector<std::pair<std::int64_t, std::int64_t>> circle(std::int64_t radius) {
  std::vector<std::pair<std::int64_t, std::int64_t>> pixels;
  for (std::int64_t r = -radius; r <= radius; ++r)
    for (std::int64_t c = -radius; c <= radius; ++c)
      if (const std::int64_t squared = r * r + c * c; squared > 0 && squared <= radius * radius) pixels.emplace_back(r, c);
  std::stable_sort(pixels.begin(), pixels.end(), [](const auto& a, const auto& b) {
    return a.first * a.first + a.second * a.second < b.first * b.first + b.second * b.second;
  });
  return pixels;
}

/// Calls `fill(position in values, position in out)` where a pixel is nodata; hands the others on.
template <class Run, class Fill>
void eachGap(const Run& run, Fill&& fill) {
  for (std::int64_t r = 0; r < run.rows; ++r)
    for (std::int64_t c = 0; c < run.cols; ++c) {
      const std::int64_t at = r * run.pitch + c, to = r * run.cols + c;
      run.out[to] = run.values[at];
      if (!run.valid[at]) fill(at, to);
    }
}

}  // namespace

std::shared_ptr<const DimKernel> carriedOn(bool isBackwards, std::size_t limit) {
  return exactDimKernel([=](const auto& run) {
    std::vector<std::size_t> age(run.pixels, 0);  // entries since the last valid one
    for (std::size_t k = 0; k < run.entries; ++k) {
      const std::size_t i = isBackwards ? run.entries - 1 - k : k;
      const std::size_t row = i * run.pixels, before = isBackwards ? row + run.pixels : row - run.pixels;
      for (std::size_t p = 0; p < run.pixels; ++p) {
        const bool isValid = run.valid[row + p] != 0;
        age[p] = isValid ? 0 : age[p] + 1;
        const bool isFilled = !isValid && k > 0 && run.outValid[before + p] && (limit == 0 || age[p] <= limit);
        run.out[row + p] = isFilled ? run.out[before + p] : run.in[row + p];
        run.outValid[row + p] = isValid || isFilled;
      }
    }
  });
}

std::shared_ptr<const DimKernel> interpolatedGaps(std::vector<double> positions, std::size_t limit) {
  return dimKernel([positions = std::move(positions), limit](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    std::copy_n(run.in, run.entries * run.pixels, run.out);
    std::copy_n(run.valid, run.entries * run.pixels, run.outValid);
    for (std::size_t p = 0; p < run.pixels; ++p) {
      std::size_t last = run.entries;  // none yet
      for (std::size_t i = 0; i < run.entries; ++i) {
        if (!run.valid[i * run.pixels + p]) continue;
        const std::size_t end = last == run.entries ? 0 : limit == 0 ? i : std::min(i, last + 1 + limit);
        for (std::size_t gap = last + 1; last != run.entries && gap < end; ++gap) {
          const double share = (positions[gap] - positions[last]) / (positions[i] - positions[last]);
          const double from = static_cast<double>(run.in[last * run.pixels + p]), to = static_cast<double>(run.in[i * run.pixels + p]);
          run.out[gap * run.pixels + p] = static_cast<T>(from + share * (to - from));
          run.outValid[gap * run.pixels + p] = 1;
        }
        last = i;
      }
    }
  });
}

std::shared_ptr<const FocalKernel> nearestPixel() {
  return exactFocalKernel([](const auto& run) {
    const auto around = circle(run.radius);
    eachGap(run, [&](std::int64_t at, std::int64_t to) {
      for (const auto& [r, c] : around) {
        const std::int64_t there = at + r * run.pitch + c;
        if (!run.valid[there]) continue;
        run.out[to] = run.values[there];
        run.outValid[to] = 1;
        return;
      }
    });
  });
}

std::shared_ptr<const FocalKernel> inverseDistanceMean() {
  return focalKernel([](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const auto around = circle(run.radius);
    eachGap(run, [&](std::int64_t at, std::int64_t to) {
      double sum = 0, weights = 0;
      for (const auto& [r, c] : around) {
        const std::int64_t there = at + r * run.pitch + c;
        if (!run.valid[there]) continue;
        const double weight = 1 / static_cast<double>(r * r + c * c);
        sum += weight * static_cast<double>(run.values[there]);
        weights += weight;
      }
      if (weights == 0) return;
      run.out[to] = static_cast<T>(sum / weights);
      run.outValid[to] = 1;
    });
  });
}

}  // namespace cubeloom
