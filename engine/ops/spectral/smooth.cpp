// SPDX-License-Identifier: GPL-3.0-or-later
// smooth: spectra or series without their noise.
#include <cmath>

#include "engine/op/family/computed.h"
#include "engine/op/family/dim_windows.h"

namespace cubeloom {
namespace {

Result<std::shared_ptr<const DimKernel>> kernelOf(const Params& params, const Dim& along) {
  const std::string method = params.choice("method");
  const std::int64_t window = params.integer("window"), order = params.integer("order");
  if (window % 2 == 0) return invalidParameter("window", "the window " + std::to_string(window) + " has no middle", "give an odd number");
  const auto reach = static_cast<std::size_t>(window / 2);
  if (method == "mean") return weightedMeans(std::vector<double>(reach + 1, 1));
  if (method == "median") return windowMedians(reach);
  if (method == "gaussian") return gaussianMeans(params.number("sigma"));
  if (window > along.size)
    return invalidParameter("window",
                            "the window " + std::to_string(window) + " is longer than '" + along.name + "', which has " +
                                std::to_string(along.size) + " entries",
                            "give a smaller one");
  if (order >= window)
    return invalidParameter("order",
                            "a polynomial of degree " + std::to_string(order) + " needs a window of more than " + std::to_string(order),
                            "give a smaller order or a wider window");
  return savitzkyGolay(static_cast<std::size_t>(along.size), static_cast<std::size_t>(window), order);
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
