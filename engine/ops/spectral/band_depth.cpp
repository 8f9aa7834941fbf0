// SPDX-License-Identifier: GPL-3.0-or-later
// band_depth: how deep, where and how large an absorption feature is.
#include <algorithm>
#include <cmath>

#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/group_statistics.h"

namespace cubeloom {
namespace {

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto dim = dimOf(params, input);
  if (!dim) return fail(dim.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*dim)];
  const auto all = positionsOf(along);
  if (!all) return fail(all.error());
  const auto range = params.range("range");
  const auto isIn = [&](double at) { return range && range->first <= at && at <= range->second; };
  const auto first = std::find_if(all->begin(), all->end(), isIn);
  const std::vector<double> at(first, std::find_if_not(first, all->end(), isIn));
  if (at.size() < 3)
    return invalidParameter("range", "a feature of " + std::to_string(at.size()) + " entries of '" + along.name + "' has nothing between",
                            "give a range of at least three");
  const auto skipped = static_cast<std::size_t>(first - all->begin());
  AlongDim result;
  result.dim = *dim;
  result.spec = input;
  forgetMeaning(result.spec, result.warnings);
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  result.spec.unit.clear();
  Dim results{"statistic", 3, {}};
  results.coordinate.labels = {"depth", "position", "area"};
  CUBELOOM_TRY(replaceDim(result.spec, *dim, std::move(results)));
  result.summary = "feature along " + along.name;
  result.kernel = dimKernel([at, skipped](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    for (std::size_t p = 0; p < run.pixels; ++p) {
      const auto value = [&](std::size_t i) { return static_cast<double>(run.in[(skipped + i) * run.pixels + p]); };
      const double left = value(0), right = value(at.size() - 1);
      double depth = -INFINITY, position = NAN, area = 0, before = 0;
      bool isValid = true;
      for (std::size_t i = 0; i < at.size() && isValid; ++i) {
        const double line = left + (right - left) * ((at[i] - at.front()) / (at.back() - at.front())), here = 1 - value(i) / line;
        isValid = run.valid[(skipped + i) * run.pixels + p] && line > 0 && std::isfinite(here);
        if (here > depth) {
          depth = here;
          position = at[i];
        }
        if (i > 0) area += (here + before) / 2 * std::abs(at[i] - at[i - 1]);
        before = here;
      }
      const double found[] = {depth, position, area};
      for (std::size_t k = 0; k < 3; ++k) {
        run.out[k * run.pixels + p] = static_cast<T>(found[k]);
        run.outValid[k * run.pixels + p] = static_cast<std::uint8_t>(isValid);
      }
    }
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(band_depth) {
  return alongDim(
      {.title = "Band depth",
       .summary = "Measures an absorption feature: how deep it is, where, and its area.",
       .help =
           "The feature lies between the first and the last band of 'range', its shoulders, through which the continuum is a straight "
           "line. At each band the depth is 1 - value / continuum. depth is the greatest, position the wavelength where it is (the first "
           "of "
           "several), area the integral of the depths over the wavelength (trapezoids; what lies above the continuum counts negative). "
           "Nodata where a band of the range is, or where the continuum is not positive. For a continuum that touches the spectrum in "
           "several "
           "places take continuum_removal before.",
       .references = {"Clark, R. N., Roush, T. L. (1984): Reflectance spectroscopy: quantitative analysis techniques for remote sensing "
                      "applications. doi:10.1029/JB089iB07p06329"},
       .example = "band_depth range=500,800",
       .noPython = "a line between two shoulders for each pixel is a function of its own, through xarray.apply_ufunc",
       .noGdal = "GDAL's programs do not know the wavelengths of bands",
       .params = {{.name = "range", .type = ParamType::Range, .help = "From shoulder to shoulder.", .unit = "nm", .required = true},
                  dimParam()},
       .keywords = {"absorption", "feature", "continuum", "mineral", "clay", "chlorophyll", "area", "minimum position"}},
      describe);
}

}  // namespace cubeloom
