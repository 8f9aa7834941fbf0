// SPDX-License-Identifier: GPL-3.0-or-later
// reclassify: other values by a table of ranges.
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/family/whole_limits.h"

namespace cubeloom {
namespace {

/// Whether each value lies in the row's range.
template <class T>
void findRow(const TableRow& row, const T* in, std::size_t count, std::uint8_t* isIn) {
  if constexpr (std::is_integral_v<T>) {
    const auto range = wholeRange<T>(row.exactLow, row.exactHigh, row.hasLow, row.hasHigh);
    for (std::size_t i = 0; i < count; ++i) isIn[i] = static_cast<std::uint8_t>(range.has(in[i]));
  } else {
    const T low = static_cast<T>(row.low), high = static_cast<T>(row.high);
    for (std::size_t i = 0; i < count; ++i)
      isIn[i] = static_cast<std::uint8_t>((row.hasLow ? in[i] >= low : in[i] > low) & (row.hasHigh ? in[i] <= high : in[i] < high));
  }
}

/// The value of the first row that holds; nodata where none does and there is no `otherwise`. Values are whole where the type is.
template <class T>
void reclassified(const std::vector<TableRow>& rows, double otherwise, PointRun<T>& run) {
  const T* in = run.inputs[0];
  std::vector<std::uint8_t> isMissing(run.count), isIn(run.count);
  for (std::size_t i = 0; i < run.count; ++i) {
    isMissing[i] = static_cast<std::uint8_t>(run.valid[i] == 0 || in[i] != in[i]);
    const bool hasValue = isMissing[i] == 0 && !std::isnan(otherwise);
    run.out[i] = hasValue ? static_cast<T>(otherwise) : T{};
    run.valid[i] = static_cast<std::uint8_t>(hasValue);
  }
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {  // so that of two that hold the first one wins
    if (!row->isNodata) findRow(*row, in, run.count, isIn.data());
    const bool hasValue = !std::isnan(row->value);
    const T value = hasValue ? static_cast<T>(row->value) : T{};
    for (std::size_t i = 0; i < run.count; ++i) {
      if ((row->isNodata ? isMissing[i] : isIn[i] & static_cast<std::uint8_t>(isMissing[i] == 0)) == 0) continue;
      run.out[i] = value;
      run.valid[i] = static_cast<std::uint8_t>(hasValue);
    }
  }
}

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
  result.summary = formatCount(static_cast<std::int64_t>(rows.size())) + " rows";
  result.seesNodata = true;
  const auto table = [rows, otherwise](auto& run) { reclassified(rows, otherwise, run); };
  if (isInteger(result.spec.type)) {
    result.kernel = exactPointKernel(table);
  } else {
    noteDoubles(inputs[0].type, result.warnings);
    result.kernel = pointKernel(table);
  }
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
