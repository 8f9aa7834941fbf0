// SPDX-License-Identifier: GPL-3.0-or-later
// smooth: spectra or series without their noise.
#include <algorithm>
#include <cmath>

#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"
#include "engine/op/reduce/reduction.h"

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

/// The polynomial of each entry's window; near the ends that of the outermost window.
std::vector<WeightedEntries> savitzkyGolay(std::size_t entries, std::size_t window, std::int64_t order) {
  const auto matrix = fitMatrix(window, order);
  std::vector<WeightedEntries> rows;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t first = std::min(i - std::min(i, window / 2), entries - window);
    rows.push_back({first, matrix[i - first]});
  }
  return rows;
}

/// Weighted means of the valid entries of a window; `weights` from its middle outwards.
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

/// The median of the valid entries of a window; between two the mean of both.
std::shared_ptr<const DimKernel> medians(std::size_t reach) {
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

Result<std::shared_ptr<const DimKernel>> kernelOf(const Params& params, const Dim& along) {
  const std::string method = params.choice("method");
  const std::int64_t window = params.integer("window"), order = params.integer("order");
  if (window % 2 == 0) return invalidParameter("window", "the window " + std::to_string(window) + " has no middle", "give an odd number");
  const auto reach = static_cast<std::size_t>(window / 2);
  if (method == "mean") return weightedMeans(std::vector<double>(reach + 1, 1));
  if (method == "median") return medians(reach);
  if (method == "gaussian") {
    const double sigma = params.number("sigma");
    std::vector<double> weights;
    for (std::int64_t d = 0; d <= std::llround(4 * sigma); ++d)
      weights.push_back(std::exp(-0.5 * static_cast<double>(d * d) / (sigma * sigma)));
    return weightedMeans(std::move(weights));
  }
  if (window > along.size)
    return invalidParameter("window",
                            "the window " + std::to_string(window) + " is longer than '" + along.name + "', which has " +
                                std::to_string(along.size) + " entries",
                            "give a smaller one");
  if (order >= window)
    return invalidParameter("order",
                            "a polynomial of degree " + std::to_string(order) + " needs a window of more than " + std::to_string(order),
                            "give a smaller order or a wider window");
  return weightedSums(savitzkyGolay(static_cast<std::size_t>(along.size), static_cast<std::size_t>(window), order));
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  if (input.isClasses()) return fail(ErrorCode::UnsupportedType, "the array holds numbers of classes: nothing lies between two of them");
  auto dim = dimOf(params, input);
  if (!dim) return fail(dim.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*dim)];
  auto kernel = kernelOf(params, along);
  if (!kernel) return fail(kernel.error());
  AlongDim result;
  result.dim = *dim;
  result.spec = input;
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  if (input.scaledDim() == *dim) forgetMeaning(result.spec, result.warnings);  // means across scales
  result.kernel = *kernel;
  result.summary = params.choice("method") + " along " + along.name;
  return result;
}

}  // namespace

CUBELOOM_OPERATION(smooth) {
  return alongDim(
      {.title = "Smooth",
       .summary = "Smooths each spectrum or series.",
       .help =
           "savgol fits a polynomial to the window around each entry (Savitzky and Golay), near the ends to the outermost window, as "
           "scipy's savgol_filter; it is nodata where an entry of the window is. mean, gaussian and median take the valid entries of the "
           "window, which ends where the array does. Nodata stays nodata. Entries count alike, whatever their distances.",
       .references = {"Savitzky, A., Golay, M. J. E. (1964): Smoothing and differentiation of data by simplified least squares procedures. "
                      "doi:10.1021/ac60214a047"},
       .example = "smooth window=7 order=2",
       .python =
           "{?method=savgol:array.copy(data=scipy.signal.savgol_filter(array, {window}, {order}, "
           "axis=array.get_axis_num({dim|'wavelength'})))?}"
           "{?method=mean:array.rolling({ {dim|'wavelength'}: {window} }, center=True, min_periods=1).mean().where(array.notnull())?}"
           "{?method=median:array.rolling({ {dim|'wavelength'}: {window} }, center=True, min_periods=1).median().where(array.notnull())?}"
           "{?method=gaussian:array.copy(data=scipy.ndimage.gaussian_filter1d(array.fillna(0), {sigma}, "
           "axis=array.get_axis_num({dim|'wavelength'}), mode='constant') / scipy.ndimage.gaussian_filter1d(array.notnull().astype(float), "
           "{sigma}, axis=array.get_axis_num({dim|'wavelength'}), mode='constant')).where(array.notnull())?}",
       .noGdal = "GDAL's programs have no windows along bands",
       .params = {{.name = "window",
                   .type = ParamType::Integer,
                   .help = "Entries of the window, an odd number.",
                   .defaultTo = 7,
                   .minimum = 1,
                   .maximum = 1001},
                  {.name = "order",
                   .type = ParamType::Integer,
                   .help = "Degree of savgol's polynomial.",
                   .defaultTo = 2,
                   .minimum = 0,
                   .maximum = 10},
                  {.name = "method",
                   .type = ParamType::Choice,
                   .help = "How an entry gets its value.",
                   .defaultTo = "savgol",
                   .choices = {"savgol", "mean", "gaussian", "median"}},
                  {.name = "sigma",
                   .type = ParamType::Number,
                   .help = "Width of gaussian, whose window reaches 4 of it.",
                   .unit = "entries",
                   .defaultTo = 1,
                   .minimum = 0.1,
                   .maximum = 100},
                  dimParam()},
       .keywords = {"savitzky", "golay", "filter", "noise", "moving average", "gaussian", "median"}},
      describe);
}

}  // namespace cubeloom
