// SPDX-License-Identifier: GPL-3.0-or-later
// cumulate: what has come together up to each entry.
#include "engine/op/family/computed.h"
#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_axis.h"

namespace cubeloom {
namespace {

enum class Running { Sum, Product, Min, Max };

std::shared_ptr<const DimKernel> running(Running what) {
  return dimKernel([what](const auto& run) {
    std::vector<double> states(run.pixels, what == Running::Sum       ? 0.0
                                           : what == Running::Product ? 1.0
                                           : what == Running::Min     ? INFINITY
                                                                      : -INFINITY);
    std::vector<std::uint8_t> begun(run.pixels, 0);
    const auto each = [&](auto&& joined) {
      for (std::size_t i = 0; i < run.entries; ++i)
        for (std::size_t p = 0; p < run.pixels; ++p) {
          const std::size_t at = i * run.pixels + p;
          const bool isValid = run.valid[at] != 0;
          states[p] = isValid ? joined(states[p], static_cast<double>(run.in[at])) : states[p];
          begun[p] |= static_cast<std::uint8_t>(isValid);
          run.out[at] = static_cast<std::remove_pointer_t<decltype(run.out)>>(states[p]);
          run.outValid[at] = begun[p];
        }
    };
    switch (what) {
      case Running::Sum: each([](double a, double b) { return a + b; }); break;
      case Running::Product: each([](double a, double b) { return a * b; }); break;
      case Running::Min: each([](double a, double b) { return b < a ? b : a; }); break;
      case Running::Max: each([](double a, double b) { return b > a ? b : a; }); break;
    }
  });
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto dim = seriesDimOf(params, input);
  if (!dim) return fail(dim.error());
  const std::string name = params.choice("statistic");
  const Running what = name == "sum" ? Running::Sum : name == "product" ? Running::Product : name == "min" ? Running::Min : Running::Max;
  AlongDim result;
  result.dim = *dim;
  const GroupStatistic likely = what == Running::Min   ? GroupStatistic::Min
                                : what == Running::Max ? GroupStatistic::Max
                                                       : GroupStatistic::Sum;
  auto spec = statisticSpec(input, *dim, likely, input.nodata.has_value(), result.warnings);
  if (!spec) return fail(spec.error());
  result.spec = std::move(*spec);
  if (what == Running::Product) result.spec.forgetQuantity();
  result.kernel = running(what);
  result.scratch = sizeof(double) + 1;
  result.summary = name + " along " + input.dims[static_cast<std::size_t>(*dim)].name;
  return result;
}

}  // namespace

CUBELOOM_OPERATION(cumulate) {
  return alongDim(
      {.title = "Cumulate",
       .summary = "Computes the sum, product, minimum or maximum of all entries up to each one.",
       .help = "In the order of the array. Nodata is skipped, as xarray's cumsum does: at such an entry stands what was there before; "
               "where no value has "
               "come yet stands nodata (xarray: 0). Sums and products are float64; min and max keep the type. Along any dim.",
       .references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.cumsum.html"},
       .example = "cumulate",
       .python = "{?statistic=sum:array.cumsum({dim|'time'}).where(array.notnull().cumsum({dim|'time'}) > 0)?}"
                 "{?statistic=product:array.astype('float64').cumprod({dim|'time'}).where(array.notnull().cumsum({dim|'time'}) > 0)?}"
                 "{?statistic=min:array.copy(data=numpy.fmin.accumulate(array.values, axis=array.get_axis_num({dim|'time'})))?}"
                 "{?statistic=max:array.copy(data=numpy.fmax.accumulate(array.values, axis=array.get_axis_num({dim|'time'})))?}",
       .noGdal = "GDAL's programs do not add up bands one after another",
       .params = {{.name = "statistic",
                   .type = ParamType::Choice,
                   .help = "What comes together.",
                   .defaultTo = "sum",
                   .choices = {"sum", "product", "min", "max"}},
                  timeDimParam()},
       .keywords = {"cumulative", "cumsum", "running total", "accumulate", "degree days"},
       .validFromNodata = "nodata is skipped: there stands what came together before"},
      describe);
}

}  // namespace cubeloom
