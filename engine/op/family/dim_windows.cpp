// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/dim_windows.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {
namespace {

/// Row i: how the polynomial of degree `order` that fits `window` entries best follows from them at entry i. By orthogonal polynomials.
std::vector<std::vector<double>> fitMatrix(std::size_t window, std::int64_t order) {
  std::vector<std::vector<double>> matrix(window, std::vector<double>(window, 0));
  std::vector<std::vector<double>> basis;
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  for (std::int64_t degree = 0; degree <= order; ++degree) {
    std::vector<double> next(window, 1);
    for (std::size_t i = 0; i < window && degree > 0; ++i)
      next[i] = basis.back()[i] * (2 * static_cast<double>(i) / static_cast<double>(window - 1) - 1);
    for (int pass = 0; pass < 2; ++pass)  // twice is enough
      for (const auto& earlier : basis) {
        const double part = dot(next, earlier);
        for (std::size_t i = 0; i < window; ++i) next[i] -= part * earlier[i];
      }
    const double length = std::sqrt(dot(next, next));
    for (double& value : next) value /= length;
    for (std::size_t i = 0; i < window; ++i)
      for (std::size_t j = 0; j < window; ++j) matrix[i][j] += next[i] * next[j];
    basis.push_back(std::move(next));
  }
  return matrix;
}

}  // namespace

std::shared_ptr<const DimKernel> savitzkyGolay(std::size_t entries, std::size_t window, std::int64_t order) {
  const auto matrix = fitMatrix(window, order);
  std::vector<WeightedEntries> rows;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t first = std::min(i - std::min(i, window / 2), entries - window);
    rows.push_back({first, matrix[i - first]});
  }
  return weightedSums(std::move(rows));
}

std::shared_ptr<const DimKernel> weightedMeans(std::vector<double> weights) {
  return dimKernel([weights = std::move(weights)](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    std::vector<double> sums(run.pixels), totals(run.pixels);
    const std::size_t reach = weights.size() - 1;
    for (std::size_t i = 0; i < run.entries; ++i) {
      std::fill(sums.begin(), sums.end(), 0.0);
      std::fill(totals.begin(), totals.end(), 0.0);
      for (std::size_t j = i - std::min(i, reach); j <= std::min(run.entries - 1, i + reach); ++j) {
        const double weight = weights[j > i ? j - i : i - j];
        for (std::size_t p = 0; p < run.pixels; ++p) {
          const bool counts = run.valid[j * run.pixels + p] != 0;
          sums[p] += counts ? weight * static_cast<double>(run.in[j * run.pixels + p]) : 0.0;
          totals[p] += counts ? weight : 0.0;
        }
      }
      for (std::size_t p = 0; p < run.pixels; ++p) {
        run.out[i * run.pixels + p] = static_cast<T>(sums[p] / totals[p]);
        run.outValid[i * run.pixels + p] = run.valid[i * run.pixels + p];
      }
    }
  });
}

std::shared_ptr<const DimKernel> gaussianMeans(double sigma) {
  std::vector<double> weights;
  for (std::int64_t d = 0; d <= std::llround(4 * sigma); ++d)
    weights.push_back(std::exp(-0.5 * static_cast<double>(d * d) / (sigma * sigma)));
  return weightedMeans(std::move(weights));
}

std::shared_ptr<const DimKernel> windowMedians(std::size_t reach) {
  return dimKernel([reach](const auto& run) {
    std::vector<std::remove_pointer_t<decltype(run.out)>> values;
    for (std::size_t i = 0; i < run.entries; ++i)
      for (std::size_t p = 0; p < run.pixels; ++p) {
        const std::size_t at = i * run.pixels + p;
        run.outValid[at] = run.valid[at];
        if (!run.valid[at]) continue;
        values.clear();
        for (std::size_t j = i - std::min(i, reach); j <= std::min(run.entries - 1, i + reach); ++j)
          if (run.valid[j * run.pixels + p]) values.push_back(run.in[j * run.pixels + p]);
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        run.out[at] = values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
      }
  });
}

}  // namespace cubeloom
