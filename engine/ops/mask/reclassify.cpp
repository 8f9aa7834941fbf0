// SPDX-License-Identifier: GPL-3.0-or-later
// reclassify: other values by a table of ranges.
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/pointwise.h"

namespace cubeloom {
namespace {

Result<Pointwise> describe(const Params& params, const std::vector<ArraySpec>& inputs) {
  const std::vector<TableRow> rows = params.table("map");
  const double otherwise = params.number("otherwise", NAN);
  std::vector<double> values{otherwise};
  for (const TableRow& row : rows) values.push_back(row.value);
  Pointwise result;
  result.spec = inputs[0];
  forgetMeaning(result.spec, result.warnings);
  settleComputed(result.spec, values);
  CUBELOOM_TRY(setClasses(result.spec, rows, "map"));
  noteDoubles(inputs[0].type, result.warnings);
  result.summary = formatCount(static_cast<std::int64_t>(rows.size())) + " rows";
  result.seesNodata = true;
  result.kernel = pointKernel([rows, otherwise](auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const T* in = run.inputs[0];
    for (std::size_t i = 0; i < run.count; ++i) run.out[i] = static_cast<T>(std::isnan(in[i]) ? NAN : otherwise);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {  // so that of two that hold the first one wins
      const T low = static_cast<T>(row->low), high = static_cast<T>(row->high), value = static_cast<T>(row->value);
      for (std::size_t i = 0; i < run.count; ++i) {
        const bool isIn = (row->hasLow ? in[i] >= low : in[i] > low) && (row->hasHigh ? in[i] <= high : in[i] < high);
        run.out[i] = (row->isNodata ? std::isnan(in[i]) : isIn) ? value : run.out[i];
      }
    }
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(reclassify) {
  return pointwise(
      {.title = "Reclassify",
       .summary = "Gives values, ranges of them and nodata other values, by a table.",
       .help = "Of two rows that hold for a value the first one counts; nodata stays nodata unless a row (nodata=0) names it. The result "
               "has the "
               "narrowest type that holds the new values and nodata: uint8 for 0 to 254. Names and colours are those of its classes.",
       .references = {"https://numpy.org/doc/stable/reference/generated/numpy.select.html"},
       .example = "reclassify map='[-inf,0.1)=1:dark:#303030;[0.1,0.3)=2;[0.3,inf]=3:bright'",
       .python = "array.copy(data=np.select({map:conditions} + [array.isnull()], {map:results} + [np.nan], {otherwise|np.nan}))",
       .noGdal = "GDAL's programs have no table of ranges before 3.11",
       .params = {{.name = "map", .type = ParamType::Table, .help = "Rows such as [0,0.3)=2:water:#0000ff.", .required = true},
                  {.name = "otherwise", .type = ParamType::Number, .help = "The value where no row holds; empty: nodata."}},
       .keywords = {"classes", "recode", "lookup table", "remap", "threshold", "bins", "digitize"}},
      describe);
}

}  // namespace cubeloom
