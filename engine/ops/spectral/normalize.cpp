// SPDX-License-Identifier: GPL-3.0-or-later
// normalize: spectra of one brightness.
#include <algorithm>
#include <cmath>

#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"

namespace cubeloom {
namespace {

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto dim = dimOf(params, input);
  if (!dim) return fail(dim.error());
  AlongDim result;
  result.dim = *dim;
  result.spec = input;
  forgetMeaning(result.spec, result.warnings);
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  result.spec.unit.clear();
  const std::string method = params.choice("method");
  result.summary = method + " along " + input.dims[static_cast<std::size_t>(*dim)].name;
  result.scratch = 2 * sizeof(double);
  result.kernel = dimKernel([isVector = method == "vector", isSum = method == "sum"](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const std::size_t pixels = run.pixels;
    const bool isRange = !isVector && !isSum;
    // What is taken away from each value, and what the rest is divided by.
    std::vector<double> less(pixels, isRange ? INFINITY : 0), scale(pixels, isRange ? -INFINITY : 0);
    for (std::size_t i = 0; i < run.entries; ++i)
      for (std::size_t p = 0; p < pixels; ++p) {
        if (!run.valid[i * pixels + p]) continue;
        const auto value = static_cast<double>(run.in[i * pixels + p]);
        if (isRange) {
          less[p] = std::min(less[p], value);
          scale[p] = std::max(scale[p], value);
        } else {
          scale[p] += isVector ? value * value : value;
        }
      }
    for (std::size_t p = 0; p < pixels; ++p) scale[p] = isVector ? std::sqrt(scale[p]) : isRange ? scale[p] - less[p] : scale[p];
    for (std::size_t i = 0; i < run.entries; ++i)
      for (std::size_t p = 0; p < pixels; ++p) {
        const std::size_t at = i * pixels + p;
        run.out[at] = static_cast<T>((static_cast<double>(run.in[at]) - less[p]) / scale[p]);
        run.outValid[at] = static_cast<std::uint8_t>(run.valid[at] && scale[p] != 0);
      }
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(normalize) {
  return alongDim(
      {.title = "Normalize spectra",
       .summary = "Brings spectra to one brightness: by their sum, their length, or from 0 to 1.",
       .help =
           "sum divides each spectrum by the sum of its values, vector by the square root of the sum of their squares; minmax subtracts "
           "its least value and divides by its greatest less its least. Nodata stays nodata and has no part in them; a spectrum that "
           "would be divided by 0 is nodata. Bands without signal count, too: leave them out before with drop_bands. The result is "
           "float32, float64 for types of more than 16 bits.",
       .references = {"https://scikit-learn.org/1.2/modules/preprocessing.html#normalization"},
       .example = "normalize method=vector",
       .python = "(lambda a, d: {?method=sum:a / a.sum(d).pipe(lambda s: s.where(s != 0))?}"
                 "{?method=vector:a / np.sqrt((a * a).sum(d)).pipe(lambda s: s.where(s != 0))?}"
                 "{?method=minmax:(a - a.min(d)) / (a.max(d) - a.min(d)).pipe(lambda s: s.where(s != 0))?})"
                 "(array.astype('f8'), {dim|'wavelength'})",
       .noGdal = "GDAL's programs do not look along the bands of a pixel",
       .params = {{.name = "method",
                   .type = ParamType::Choice,
                   .help = "What each spectrum is divided by: its sum, its length (vector), or its range (minmax).",
                   .defaultTo = "vector",
                   .choices = {"sum", "vector", "minmax"}},
                  dimParam()},
       .keywords = {"brightness", "unit vector", "norm", "scale", "illumination", "min-max"}},
      describe);
}

}  // namespace cubeloom
