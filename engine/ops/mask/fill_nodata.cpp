// SPDX-License-Identifier: GPL-3.0-or-later
// fill_nodata: gaps get values: a constant, or from what lies around them in space or along a dim.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/fillings.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/family/whole_limits.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Fill nodata";
  d.summary = "Gives gaps values: a constant, the nearest pixels, or the entries before and after along a dim.";
  d.help =
      "value: the constant. nearest: the nearest valid pixel within 'limit' pixels. idw: the mean of all valid pixels within 'limit' "
      "pixels, weighted by one over the squared distance. ffill and bfill: the last valid entry before and the next one after along 'dim', "
      "at most 'limit' entries on. linear: between the valid entries on both sides, by where they lie; ends stay nodata. What cannot be "
      "filled stays nodata. nearest, value, ffill and bfill keep the pixel type; idw and linear give float32, of types of more than 16 "
      "bits "
      "float64.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.interpolate_na.html",
                  "Shepard, D. (1968): A two-dimensional interpolation function for irregularly-spaced data. doi:10.1145/800186.810616"};
  d.example = "fill_nodata method=value value=0";
  d.moreExamples = {"fill_nodata method=idw limit=2", "fill_nodata method=linear"};
  d.python =
      "{?method=value:array.fillna({value|0})?}{?method=ffill:array.ffill({dim|'wavelength'}, limit={limit|None})?}"
      "{?method=bfill:array.bfill({dim|'wavelength'}, limit={limit|None})?}"
      "{?method=linear:array.interpolate_na({dim|'wavelength'}, limit={limit|None})?}";
  d.gdal = "gdal_fillnodata.py{? -md {limit}?} {input} {output}";
  d.keywords = {"gaps", "interpolate", "inpaint", "missing", "fillna", "ffill", "bfill", "idw", "holes", "clouds"};
  d.params = {{.name = "method",
               .type = ParamType::Choice,
               .help = "Where the values come from.",
               .defaultTo = "nearest",
               .choices = {{"value", "a constant"},
                           {"nearest", "the nearest pixel"},
                           {"idw", "pixels around, by distance"},
                           {"ffill", "the entry before"},
                           {"bfill", "the entry after"},
                           {"linear", "between the entries before and after"}}},
              {.name = "value", .type = ParamType::Number, .help = "Of method=value."},
              {.name = "limit",
               .type = ParamType::Integer,
               .help = "How far away a value may come from: pixels, or entries of a gap. In space 10 when left out, along a dim any.",
               .unit = "px",
               .minimum = 1,
               .maximum = 10000},
              dimParam()};
  d.validFromNodata = "a constant stands where there was nothing";
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bindValue(const Declaration& d, const Params& params, const ArraySpec& input) {
  if (!params.has("value")) return invalidParameter("value", "no value is given", "give one, as in value=0");
  const double value = params.number("value");
  const long double exact = params.exact("value");
  const bool isHeld = input.type == PixelType::Int64    ? !wholeRange<std::int64_t>(exact, exact).isEmpty
                      : input.type == PixelType::UInt64 ? !wholeRange<std::uint64_t>(exact, exact).isEmpty
                                                        : canHold(input.type, value);
  if (!isHeld)
    return invalidParameter("value", formatNumber(value) + " cannot be a " + std::string(pixelTypeName(input.type)),
                            "give a value of that type, or add astype before");
  Pointwise facts;
  facts.spec = input;
  facts.seesNodata = true;
  facts.summary = formatNumber(value);
  if (input.nodata == value) facts.warnings.push_back(formatNumber(value) + " is the array's nodata value: nothing is filled");
  facts.kernel = exactPointKernel([value, exact](auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const T* in = run.inputs[0];
    if constexpr (std::is_integral_v<T>) {
      for (std::size_t i = 0; i < run.count; ++i) run.out[i] = run.valid[i] != 0 ? in[i] : static_cast<T>(exact);
      std::fill_n(run.valid, run.count, std::uint8_t{1});
    } else {
      for (std::size_t i = 0; i < run.count; ++i) run.out[i] = std::isnan(in[i]) ? static_cast<T>(value) : in[i];
    }
  });
  return bindPointwise(d, {input}, std::move(facts));
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  static const Declaration kDeclaration = declaration();
  const ArraySpec& input = inputs[0];
  const std::string method = params.choice("method");
  if (method == "value") return bindValue(kDeclaration, params, input);
  std::vector<std::string> warnings;
  ArraySpec spec = input;
  const bool isMixed = method == "idw" || method == "linear";
  if (isMixed && input.isClasses())
    return fail(ErrorCode::UnsupportedType, "the array holds numbers of classes: nothing lies between two of them", "take method=nearest");
  if (isMixed) settleComputed(spec, meanType(input.type), 0, 0, true);
  if (!input.nodata && isInteger(input.type)) warnings.emplace_back("the array has no nodata value: there is nothing to fill");
  const std::int64_t limit = params.integer("limit");
  if (method == "nearest" || method == "idw") {
    Focal facts{spec, params.has("limit") ? limit : 10, Edge::Nodata, method == "idw" ? inverseDistanceMean() : nearestPixel()};
    if (facts.radius > 1000) return invalidParameter("limit", formatCount(limit) + " pixels are too far in space", "give 1,000 at most");
    facts.summary = method + " within " + std::to_string(facts.radius) + " px";
    facts.warnings = std::move(warnings);
    return bindFocal(input, std::move(facts));
  }
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*d)];
  AlongDim facts{*d, spec, nullptr, method + " along " + along.name, std::move(warnings)};
  if (method == "linear") {
    auto positions = positionsOf(along);
    if (!positions) return fail(positions.error());
    facts.kernel = interpolatedGaps(std::move(*positions), static_cast<std::size_t>(limit));
  } else {
    facts.kernel = carriedOn(method == "bfill", static_cast<std::size_t>(limit));
  }
  return bindAlongDim(input, std::move(facts));
}

}  // namespace

CUBELOOM_OPERATION(fill_nodata) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
