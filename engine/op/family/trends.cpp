// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/trends.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cubeloom {
namespace {

/// The continued fraction of the incomplete beta function (Lentz; Numerical Recipes 6.4).
double betaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-15;
  constexpr int kMostTerms = 10000;
  const auto away = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1, d = 1 / away(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (std::abs(d * c - 1) < kEnough) break;
  }
  return h;
}

/// The regularized incomplete beta function; `y` is 1 - x, which may be too small to follow from it.
double regularizedBeta(double a, double b, double x, double y) {
  if (!(x > 0)) return 0;
  if (!(y > 0)) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * betaFraction(a, b, x) / a;
  return 1 - front * betaFraction(b, a, y) / b;
}

/// How often equal values stand in a sorted list, summed as Kendall's variance needs it.
struct Ties {
  double pairs = 0, triples = 0, weighted = 0;  ///< t (t - 1), t (t - 1) (t - 2), t (t - 1) (2 t + 5)
  explicit Ties(const std::vector<double>& sorted) {
    for (std::size_t i = 0; i < sorted.size();) {
      std::size_t end = i;
      while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
      const auto t = static_cast<double>(end - i);
      pairs += t * (t - 1);
      triples += t * (t - 1) * (t - 2);
      weighted += t * (t - 1) * (2 * t + 5);
      i = end;
    }
  }
};

double medianOf(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : (*std::max_element(values.begin(), middle) + *middle) / 2;
}

/// One series, and what pairs of its entries say.
class RankedSeries {
 public:
  void clear() { x.clear(), y.clear(); }
  void add(double at, double value) { x.push_back(at), y.push_back(value); }
  std::size_t count() const { return x.size(); }

  /// S, the pairs that rise minus those that fall; with slopes of all pairs of different places.
  double compare(bool withSlopes) {
    slopes.clear();
    double s = 0;
    for (std::size_t i = 0; i < count(); ++i)
      for (std::size_t j = i + 1; j < count(); ++j) {
        const double apart = x[j] - x[i], rise = y[j] - y[i];
        if (apart == 0) continue;
        const bool forward = apart > 0;
        s += static_cast<double>((rise > 0) - (rise < 0)) * (forward ? 1 : -1);
        if (withSlopes) slopes.push_back(rise / apart);
      }
    return s;
  }
  /// Of S where nothing rises or falls, with ties of both (Kendall 1975).
  double variance() {
    std::sort(x.begin(), x.end());
    std::sort(y.begin(), y.end());
    const Ties places(x), values(y);
    const auto n = static_cast<double>(count());
    double v = (n * (n - 1) * (2 * n + 5) - places.weighted - values.weighted) / 18;
    v += places.pairs * values.pairs / (2 * n * (n - 1));
    if (count() > 2) v += places.triples * values.triples / (9 * n * (n - 1) * (n - 2));
    return v;
  }

  std::vector<double> x, y, slopes;
};

}  // namespace

double studentTwoSided(double t, double degrees) {
  const double whole = degrees + t * t;
  return regularizedBeta(degrees / 2, 0.5, degrees / whole, t * t / whole);
}

TrendKernel olsTrend(TrendRequest request) {
  const std::size_t perPixel = 7 * sizeof(double);
  auto kernel = dimKernel([request = std::move(request)](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const std::size_t pixels = run.pixels;
    std::vector<double> n(pixels), first(pixels), meanX(pixels), meanY(pixels), sxx(pixels), sxy(pixels), syy(pixels);
    const auto each = [&](auto&& take) {
      for (std::size_t i = 0; i < run.entries; ++i)
        for (std::size_t p = 0; p < pixels; ++p)
          take(p, request.at[i], static_cast<double>(run.in[i * pixels + p]), run.valid[i * pixels + p] != 0);
    };
    // Counted from a value, so that equal values have no spread at all.
    each([&](std::size_t p, double x, double y, bool isValid) {
      first[p] = isValid && n[p] == 0 ? y : first[p];
      n[p] += isValid ? 1 : 0;
      meanX[p] += isValid ? x : 0;
      meanY[p] += isValid ? y - first[p] : 0;
    });
    for (std::size_t p = 0; p < pixels; ++p) {
      meanX[p] /= n[p];
      meanY[p] = first[p] + meanY[p] / n[p];
    }
    each([&](std::size_t p, double x, double y, bool isValid) {
      const double dx = isValid ? x - meanX[p] : 0, dy = isValid ? y - meanY[p] : 0;
      sxx[p] += dx * dx;
      sxy[p] += dx * dy;
      syy[p] += dy * dy;
    });
    for (std::size_t p = 0; p < pixels; ++p) {
      const double slope = sxy[p] / sxx[p];
      const double r2 = syy[p] > 0 ? std::min(1.0, sxy[p] / sxx[p] * (sxy[p] / syy[p])) : 0;
      const double degrees = n[p] - 2, t = std::sqrt(r2 * degrees / (1 - r2));
      const double probability = !(degrees > 0) ? NAN : r2 < 1 ? studentTwoSided(t, degrees) : 0;
      const bool isKnown = n[p] >= static_cast<double>(request.minCount) && n[p] > 1 && sxx[p] > 0;
      const double results[] = {slope, meanY[p] - slope * meanX[p], r2, probability, n[p]};
      for (std::size_t k = 0; k < 5; ++k) {
        run.out[k * pixels + p] = static_cast<T>(results[k]);
        run.outValid[k * pixels + p] = static_cast<std::uint8_t>(isKnown);
      }
    }
  });
  return {{"slope", "intercept", "r2", "p", "count"}, std::move(kernel), perPixel};
}

TrendKernel rankTrend(TrendRequest request, RankTrend what) {
  const bool isLine = what == RankTrend::TheilSen;
  const std::size_t entries = request.at.size(), pairs = isLine ? entries * (entries - 1) / 2 : 0;
  constexpr std::size_t kFewestPixels = 16;  // of a run
  auto kernel = dimKernel([request = std::move(request), isLine, pairs](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    RankedSeries series;
    series.slopes.reserve(pairs);
    for (std::size_t p = 0; p < run.pixels; ++p) {
      series.clear();
      for (std::size_t i = 0; i < run.entries; ++i)
        if (const std::size_t at = i * run.pixels + p; run.valid[at]) series.add(request.at[i], static_cast<double>(run.in[at]));
      const auto n = static_cast<double>(series.count());
      double results[5] = {NAN, NAN, NAN, NAN, NAN};
      if (series.count() >= std::max<std::size_t>(request.minCount, 2)) {
        const double s = series.compare(isLine);
        double slope = NAN, intercept = NAN;
        if (isLine && !series.slopes.empty()) {
          slope = medianOf(series.slopes);
          std::vector<double>& values = series.slopes;  // no longer needed
          values.assign(series.y.begin(), series.y.end());
          intercept = medianOf(values);
          values.assign(series.x.begin(), series.x.end());
          intercept -= slope * medianOf(values);
        }
        const double variance = series.variance(), tau = s / (n * (n - 1) / 2);
        const double z = s == 0 ? 0 : (s > 0 ? s - 1 : s + 1) / std::sqrt(variance);
        const double probability = std::erfc(std::abs(z) / std::sqrt(2.0));
        if (isLine) {
          const double line[] = {slope, intercept, tau, probability, n};
          std::copy(std::begin(line), std::end(line), results);
        } else {
          const double test[] = {tau, z, probability, n};
          std::copy(std::begin(test), std::end(test), results);
        }
      }
      for (std::size_t k = 0; k < run.results; ++k) run.out[k * run.pixels + p] = static_cast<T>(results[k]);
    }
  });
  const std::size_t scratch = (pairs + 2 * entries) * sizeof(double) / kFewestPixels + 1;
  if (isLine) return {{"slope", "intercept", "tau", "p", "count"}, std::move(kernel), scratch};
  return {{"tau", "z", "p", "count"}, std::move(kernel), scratch};
}

}  // namespace cubeloom
