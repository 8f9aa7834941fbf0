// SPDX-License-Identifier: GPL-3.0-or-later
// unscale: from values as a file stores them to those that they stand for.
#include "engine/array/stated_scale.h"
#include "engine/op/family/pointwise.h"

namespace cubeloom {
namespace {

Result<Pointwise> describe(const Params& params, const std::vector<ArraySpec>& inputs) {
  const ArraySpec& input = inputs[0];
  auto scale = statedScale(input);
  const bool isGiven = params.has("scale") || params.has("offset");
  if (isGiven && scale)
    return invalidParameter(params.has("scale") ? "scale" : "offset", "the source has a scale and an offset of its own",
                            "leave scale and offset out, or compute with calc");
  if (isGiven) scale = StatedScale{.factors = {params.number("scale", 1)}, .offsets = {params.number("offset", 0)}};
  if (!scale)
    return invalidParameter("scale", "the source declares neither scale nor offset", "give them here: true value = value * scale + offset");
  Pointwise result;
  result.spec = decodedSpec(input);
  if (isGiven) result.spec.unit.clear();
  result.summary = scale->summary();
  if (scale->dim >= 0) {
    result.along = {{scale->dim, scale->factors}, {scale->dim, scale->offsets}};
    result.kernel = pointKernel([](auto& run) {
      using T = std::remove_pointer_t<decltype(run.out)>;
      for (std::size_t i = 0; i < run.count; ++i) run.out[i] = trueValue(run.inputs[0][i], run.inputs[1][i], run.inputs[2][i], T{1});
    });
    return result;
  }
  result.kernel = pointKernel([scale = *scale](auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const T factor = static_cast<T>(scale.factors[0]), offset = static_cast<T>(scale.offsets[0]), divisor = static_cast<T>(scale.divisor);
    for (std::size_t i = 0; i < run.count; ++i) run.out[i] = trueValue(run.inputs[0][i], factor, offset, divisor);
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(unscale) {
  return pointwise(
      {.title = "Apply scale and offset",
       .summary = "Turns values as stored into those that they stand for: value * scale + offset.",
       .help =
           "Scale and offset are the source's: scale_factor and add_offset of CF, those of GDAL's bands and of a STAC item, ENVI's data "
           "gain and offset values, each band its own where they differ, or without these its reflectance scale factor, which values are "
           "divided "
           "by. open decode=true does the same. Where the source declares none, give them here. Nodata becomes "
           "NaN. Values are float32 for types of up to 16 bits and float32 itself, else float64; product and sum are rounded one by one, "
           "as in numpy.",
       .references = {"https://cfconventions.org/Data/cf-conventions/cf-conventions-1.11/cf-conventions.html#packed-data"},
       .example = "unscale scale=0.0001 offset=-0.1",
       .noPython = "xarray and rioxarray apply a source's scales when it is opened, with mask_and_scale=True",
       .noGdal = "gdal_translate -unscale has one pixel type for all and takes no scales",
       .params = {{.name = "scale", .type = ParamType::Number, .help = "Factor, where the source declares none; empty: 1."},
                  {.name = "offset", .type = ParamType::Number, .help = "What is added, where the source declares none; empty: 0."}},
       .keywords = {"scale", "offset", "gain", "reflectance", "decode", "stored", "digital numbers", "mask_and_scale"}},
      describe);
}

}  // namespace cubeloom
