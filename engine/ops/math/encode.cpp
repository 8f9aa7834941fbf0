// SPDX-License-Identifier: GPL-3.0-or-later
// encode: true values as smaller stored ones, with the scale that says how to get them back.
#include <cmath>

#include "engine/array/stated_scale.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/pointwise.h"

namespace cubeloom {
namespace {

Result<Pointwise> describe(const Params& params, const std::vector<ArraySpec>& inputs) {
  const ArraySpec& input = inputs[0];
  const auto type = pixelTypeFromName(params.text("dtype"));
  const double scale = params.number("scale"), offset = params.number("offset");
  if (!type || !isInteger(*type))
    return invalidParameter("dtype", "'" + params.text("dtype") + "' stores no whole numbers",
                            "take uint8, int16, uint16 or int32; astype makes floats");
  if (scale == 0 || !std::isfinite(scale))
    return invalidParameter("scale", formatNumber(scale) + " is no scale", "give another number than 0");
  if (statedScale(input))
    return invalidParameter("scale", "the values are stored ones already, of which the file states a scale", "add unscale before");
  const double low = rangeOf(*type).first, high = rangeOf(*type).second;
  const double nodata = params.has("nodata") ? params.number("nodata") : std::isfinite(low) && low < 0 ? low : high;
  if (!canHold(*type, nodata))
    return invalidParameter("nodata", formatNumber(nodata) + " cannot be a " + std::string(pixelTypeName(*type)),
                            "give a value of that type");
  Pointwise result;
  result.spec = input;
  result.spec.type = *type;
  result.spec.nodata = nodata;
  result.spec.storedScale = StoredScale{scale, offset};
  noteDoubles(input.type, result.warnings);
  result.spec.forgetClasses();
  result.summary = std::string(pixelTypeName(*type)) + " · " + formatNumber(scale) + " · " + formatNumber(offset);
  result.kernel = pointKernel([=](auto& run) {
    for (std::size_t i = 0; i < run.count; ++i) {
      const double stored = std::nearbyint((static_cast<double>(run.inputs[0][i]) - offset) / scale);
      // What the type does not hold, or what would be read as nodata, is none.
      run.valid[i] &= static_cast<std::uint8_t>(stored >= low && stored <= high && stored != nodata);
      run.out[i] = static_cast<std::remove_pointer_t<decltype(run.out)>>(run.valid[i] ? stored : 0);
    }
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(encode) {
  return pointwise(
      {.title = "Encode",
       .summary = "Stores values as whole numbers with a scale and an offset: half or a quarter of the bytes.",
       .help = "stored = (value - offset) / scale, rounded to the nearest, to the even one between two; readers that know scales give the "
               "values "
               "back (open decode=true, unscale). A value that the type cannot hold becomes nodata. Nodata is the type's lowest value, of "
               "unsigned types the greatest, unless 'nodata' says another.",
       .references = {"https://docs.xarray.dev/en/stable/user-guide/io.html#scaling-and-type-conversions",
                      "https://cfconventions.org/cf-conventions/cf-conventions.html#packed-data"},
       .example = "encode dtype=int16 scale=0.0001",
       .python = "((array.astype('float64') - {offset}) / {scale}).pipe(lambda v: numpy.sign(v) * numpy.floor(abs(v) + 0.5))"
                 "{?.clip({out.low}, {out.high})?}",
       .noGdal = "gdal_translate -scale does not write the scale back",
       .params =
           {{.name = "dtype", .type = ParamType::PixelType, .help = "What stores them: uint8, int16, uint16, int32.", .defaultTo = "int16"},
            {.name = "scale", .type = ParamType::Number, .help = "What one step of the stored number is worth.", .defaultTo = 0.0001},
            {.name = "offset", .type = ParamType::Number, .help = "The value that is stored as 0.", .defaultTo = 0},
            {.name = "nodata", .type = ParamType::Number, .help = "What stands where there is no value."}},
       .keywords = {"scale_factor", "add_offset", "pack", "quantize", "compress", "int16"}},
      describe);
}

}  // namespace cubeloom
