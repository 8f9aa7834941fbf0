// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/focal_windows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cubeloom {
namespace {

/// Combines every window's values, rows first and then columns: `take(so far, value, whether valid)` begins with `start`.
template <class S, class T, class Take>
std::vector<S> separable(const FocalRun<T>& run, S start, Take&& take) {
  const auto width = static_cast<std::size_t>(run.cols);
  std::vector<S> lines(static_cast<std::size_t>(run.rows + 2 * run.radius) * width, start);
  std::vector<S> windows(static_cast<std::size_t>(run.rows) * width, start);
  for (std::int64_t r = -run.radius; r < run.rows + run.radius; ++r) {
    S* line = lines.data() + (r + run.radius) * run.cols;
    for (std::int64_t d = -run.radius; d <= run.radius; ++d) {
      const std::int64_t from = r * run.pitch + d;
      for (std::int64_t c = 0; c < run.cols; ++c)
        line[c] = take(line[c], run.valid[from + c] ? static_cast<S>(run.values[from + c]) : start, run.valid[from + c] != 0);
    }
  }
  for (std::int64_t r = 0; r < run.rows; ++r)
    for (std::int64_t d = 0; d <= 2 * run.radius; ++d) {
      const S* line = lines.data() + (r + d) * run.cols;
      S* window = windows.data() + r * run.cols;
      for (std::int64_t c = 0; c < run.cols; ++c) window[c] = take.join(window[c], line[c]);
    }
  return windows;
}

template <class S>
struct Least {
  S operator()(S a, S b, bool) const { return b < a ? b : a; }
  S join(S a, S b) const { return b < a ? b : a; }
};
template <class S>
struct Most {
  S operator()(S a, S b, bool) const { return b > a ? b : a; }
  S join(S a, S b) const { return b > a ? b : a; }
};
struct Sum {
  double operator()(double a, double b, bool) const { return a + b; }
  double join(double a, double b) const { return a + b; }
};
struct Count {
  double operator()(double a, double, bool isValid) const { return a + (isValid ? 1.0 : 0.0); }
  double join(double a, double b) const { return a + b; }
};

/// Of what an extreme begins with: no value is worse.
template <class T>
T worst(bool isHigh) {
  using Limits = std::numeric_limits<T>;
  if constexpr (Limits::has_infinity) return isHigh ? Limits::infinity() : -Limits::infinity();
  return isHigh ? Limits::max() : Limits::lowest();
}

template <class T>
std::vector<T> least(const FocalRun<T>& run) {
  return separable<T>(run, worst<T>(true), Least<T>{});
}
template <class T>
std::vector<T> most(const FocalRun<T>& run) {
  return separable<T>(run, worst<T>(false), Most<T>{});
}

/// Calls `f(offset of each valid pixel of the window of (r, c))`.
template <class T, class F>
void forEachValid(const FocalRun<T>& run, std::int64_t r, std::int64_t c, F&& f) {
  for (std::int64_t y = r - run.radius; y <= r + run.radius; ++y)
    for (std::int64_t x = c - run.radius; x <= c + run.radius; ++x)
      if (run.valid[y * run.pitch + x]) f(run.values[y * run.pitch + x]);
}

template <class T>
void means(const FocalRun<T>& run) {
  const auto sums = separable<double>(run, 0.0, Sum{}), counts = separable<double>(run, 0.0, Count{});
  for (std::size_t i = 0; i < sums.size(); ++i) run.out[i] = static_cast<T>(sums[i] / counts[i]);
}

/// Of the whole window as a population, from the distances to its mean.
template <class T>
void deviations(const FocalRun<T>& run) {
  const auto sums = separable<double>(run, 0.0, Sum{}), counts = separable<double>(run, 0.0, Count{});
  for (std::int64_t r = 0; r < run.rows; ++r)
    for (std::int64_t c = 0; c < run.cols; ++c) {
      const auto i = static_cast<std::size_t>(r * run.cols + c);
      const double mean = sums[i] / counts[i];
      double squares = 0;
      forEachValid(run, r, c, [&](T value) { squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean); });
      run.out[i] = static_cast<T>(std::sqrt(squares / counts[i]));
    }
}

template <class T>
void medians(const FocalRun<T>& run) {
  std::vector<T> values;
  for (std::int64_t r = 0; r < run.rows; ++r)
    for (std::int64_t c = 0; c < run.cols; ++c) {
      if (!run.outValid[r * run.cols + c]) continue;
      values.clear();
      forEachValid(run, r, c, [&](T value) { values.push_back(value); });
      const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
      std::nth_element(values.begin(), middle, values.end());
      run.out[r * run.cols + c] = values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
    }
}

template <class T>
void compute(WindowStatistic statistic, const FocalRun<T>& run) {
  const auto give = [&run](auto&& result, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) run.out[i] = static_cast<T>(result(i));
  };
  const auto count = static_cast<std::size_t>(run.rows * run.cols);
  if (statistic == WindowStatistic::Mean) return means(run);
  if (statistic == WindowStatistic::Std) return deviations(run);
  if (statistic == WindowStatistic::Median) return medians(run);
  if (statistic == WindowStatistic::Sum) return give([s = separable<double>(run, 0.0, Sum{})](std::size_t i) { return s[i]; }, count);
  if (statistic == WindowStatistic::Min) return give([l = least(run)](std::size_t i) { return l[i]; }, count);
  if (statistic == WindowStatistic::Max) return give([m = most(run)](std::size_t i) { return m[i]; }, count);
  give([l = least(run), m = most(run)](std::size_t i) { return m[i] - l[i]; }, count);
}

}  // namespace

std::shared_ptr<const FocalKernel> windowStatistic(WindowStatistic statistic) {
  if (statistic == WindowStatistic::Min || statistic == WindowStatistic::Max)
    return exactFocalKernel([statistic](const auto& run) { compute(statistic, run); });
  return focalKernel([statistic](const auto& run) { compute(statistic, run); });
}

}  // namespace cubeloom
