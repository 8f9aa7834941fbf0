// SPDX-License-Identifier: GPL-3.0-or-later
// astype: another pixel type, rounded and clamped as GDAL does, nodata kept.
#include "engine/base/text.h"
#include "engine/op/family/convert_task.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Change type";
  d.summary = "Converts the values to another pixel type.";
  d.help =
      "Whole-number types round half away from zero and clamp to their range, as GDAL does (numpy would wrap around). nodata stays nodata: "
      "it becomes the value given here, or keeps its own where the new type can hold it. NaN is nodata, declared or not. Values that are "
      "not nodata are not kept off it.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.astype.html"};
  d.example = "astype dtype=int16 nodata=-9999";
  d.python =
      "{?out.low=:array.astype({dtype})?}{?(numpy.sign(array) * numpy.floor(abs(array) + 0.5)).clip({out.low}, {out.high})"
      "{?.where(lambda rounded: rounded != {out.nodata})?}{?out.nodata=:.fillna(0).astype({dtype})?}?}";
  d.gdal =  // gdal_translate says another nodata, but leaves the pixels
      "{?out.renodata=:gdal_translate -q -ot {dtype}{? -a_nodata {nodata}?} {input} {output}?}"
      "{?gdalwarp -q -overwrite -ot {dtype} -dstnodata {out.renodata} {input} {output}?}";
  d.keywords = {"convert", "dtype", "cast", "integer", "float"};
  Param dtype{.name = "dtype", .type = ParamType::PixelType, .help = "The new pixel type."};
  dtype.required = true;
  d.params = {dtype, Param{.name = "nodata", .type = ParamType::Number, .help = "What nodata becomes; by default it stays as it is."}};
  return d;
}

class BoundAstype : public KernelOperation {
 public:
  BoundAstype(const ArraySpec& input, PixelType type, std::optional<double> nodata) : m_conversion{input.type, type, input.nodata, nodata} {
    m_spec = input;
    m_spec.type = type;
    m_spec.nodata = nodata;
    warnOfLoss(input, m_spec, m_warnings);
    m_summary = std::string(pixelTypeName(input.type)) + " → " + std::string(pixelTypeName(type));
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return convertTask(m_conversion, region); }

 private:
  Conversion m_conversion;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const PixelType type = *pixelTypeFromName(params.text("dtype"));
  if (isComplex(inputs[0].type) && !isComplex(type))
    return fail(ErrorCode::UnsupportedType, "a complex array cannot become " + std::string(pixelTypeName(type)),
                "write it as it is: GeoTIFF, ENVI and Zarr hold complex values");
  if (params.has("nodata")) {
    const double nodata = params.number("nodata");
    if (!canHold(type, nodata))
      return invalidParameter("nodata", "nodata " + formatNumber(nodata) + " cannot be a " + std::string(pixelTypeName(type)),
                              "give a value of the new type");
    return std::make_shared<BoundAstype>(inputs[0], type, nodata);
  }
  auto nodata = convertedNodata(inputs[0], type, "dtype");
  if (!nodata) return fail(nodata.error());
  return std::make_shared<BoundAstype>(inputs[0], type, *nodata);
}

}  // namespace

CUBELOOM_OPERATION(astype) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
