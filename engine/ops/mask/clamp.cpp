// SPDX-License-Identifier: GPL-3.0-or-later
// clamp: values kept between two limits.
#include <algorithm>
#include <cmath>

#include "engine/array/stated_scale.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/family/whole_limits.h"

namespace cubeloom {
namespace {

Result<Pointwise> describe(const Params& params, const std::vector<ArraySpec>& inputs) {
  const double low = params.number("minimum", -INFINITY), high = params.number("maximum", INFINITY);
  if (low > high) return invalidParameter("minimum", "the minimum is above the maximum", "exchange the two");
  const ArraySpec& input = inputs[0];
  const long double exactLow = params.exact("minimum", -INFINITY), exactHigh = params.exact("maximum", INFINITY);
  if (isInteger(input.type) && std::ceil(exactLow) > std::floor(exactHigh))
    return invalidParameter("maximum", "no whole number lies between minimum and maximum", "widen them, or add astype before");
  const auto [lowest, highest] = rangeOf(input.type);
  if (low > highest || high < lowest)
    return invalidParameter(low > highest ? "minimum" : "maximum",
                            "no " + std::string(pixelTypeName(input.type)) + " lies between the limits: it holds " + formatNumber(lowest) +
                                " to " + formatNumber(highest),
                            "choose limits among these, or add astype before");
  const double least = std::max(lowest, isInteger(input.type) ? std::ceil(low) : low);
  const double most = std::min(highest, isInteger(input.type) ? std::floor(high) : high);
  Pointwise result;
  result.spec = input;
  if (statedScale(input))
    result.warnings.emplace_back(
        "the limits are compared with values as stored, of which the file states a scale; add unscale before, or open with decode=true, "
        "for the true ones");
  // Valid values are not nodata, so a result can only be nodata when a limit is that moves a value.
  const auto becomes = [&input](double limit, bool moves) { return moves && input.nodata == limit; };
  const bool keepsNodata = isInteger(input.type) && !becomes(least, low > lowest) && !becomes(most, high < highest);
  if (!keepsNodata) settleComputed(result.spec, input.type, least, most, input.nodata.has_value());
  result.summary = (std::isfinite(low) ? formatNumber(low) : "any") + " to " + (std::isfinite(high) ? formatNumber(high) : "any");
  result.kernel = exactPointKernel([=](auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    T lower{}, upper{};
    if constexpr (std::is_integral_v<T>) {
      const auto range = wholeRange<T>(exactLow, exactHigh);
      lower = range.low, upper = range.high;
    } else {
      lower = static_cast<T>(least), upper = static_cast<T>(most);
    }
    for (std::size_t i = 0; i < run.count; ++i) {
      const T value = run.inputs[0][i];
      run.out[i] = value < lower ? lower : value > upper ? upper : value;
    }
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(clamp) {
  return pointwise(
      {.title = "Clamp",
       .summary = "Keeps the values between two limits.",
       .help = "What lies below the minimum becomes the minimum, what lies above the maximum the maximum. The pixel type stays. "
               "Nodata stays nodata: NaN for floats; for whole numbers its own value, or another one that no clamped value has.",
       .references = {"https://numpy.org/doc/stable/reference/generated/numpy.clip.html"},
       .example = "clamp minimum=0 maximum=1",
       .python = "array.clip({minimum|None}, {maximum|None})",
       .noGdal = "gdal_calc.py would clamp nodata, too",
       .params = {{.name = "minimum", .type = ParamType::Number, .help = "The least value; empty: none."},
                  {.name = "maximum", .type = ParamType::Number, .help = "The greatest value; empty: none."}},
       .keywords = {"clip", "limit", "range", "threshold", "saturate"}},
      describe);
}

}  // namespace cubeloom
