// SPDX-License-Identifier: GPL-3.0-or-later
// diff: the change from each entry to the next.
#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/time_axis.h"

namespace cubeloom {
namespace {

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto dim = seriesDimOf(params, input);
  if (!dim) return fail(dim.error());
  const auto place = static_cast<std::size_t>(*dim);
  const std::int64_t times = params.integer("n"), size = input.dims[place].size;
  if (times >= size)
    return invalidParameter("n",
                            "'" + input.dims[place].name + "' has " + std::to_string(size) +
                                " entries, which have no differences of order " + std::to_string(times),
                            "give a smaller number");
  Region kept = fullRegion(input.shape());
  kept[place] = IndexSet::range(params.choice("label") == "upper" ? times : times - 1, size - times, 1);
  AlongDim result;
  result.dim = *dim;
  result.spec = input.select(kept);
  CUBELOOM_TRY(settleDifferences(result.spec, result.warnings));
  std::vector<double> weights{1};  // of (x - 1)^n
  for (std::int64_t i = 0; i < times; ++i) {
    weights.push_back(0);
    for (std::size_t j = weights.size(); j-- > 0;) weights[j] = (j > 0 ? weights[j - 1] : 0) - weights[j];
  }
  std::vector<WeightedEntries> rows;
  for (std::int64_t i = 0; i < size - times; ++i) rows.push_back({static_cast<std::size_t>(i), weights});
  result.kernel = weightedSums(std::move(rows));
  result.summary = (times > 1 ? "order " + std::to_string(times) + " along " : "along ") + input.dims[place].name;
  return result;
}

}  // namespace

CUBELOOM_OPERATION(diff) {
  return alongDim(
      {.title = "Difference",
       .summary = "Computes the change from each entry to the next.",
       .help =
           "The next minus the one before, in the order of the array, not divided by the time between them (derivative is); of order n the "
           "differences of the differences. The result has n entries less, with the dates of the later ones (label=upper) or of those "
           "before these "
           "(lower, as xarray). Nodata "
           "where an entry that takes part is. Whole numbers never wrap around: the result is float32, float64 for types of more than 16 "
           "bits.",
       .references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.diff.html"},
       .example = "diff",
       .python = "array.diff({dim|'time'}, n={n}, label={label})",
       .noGdal = "GDAL's programs do not compare bands with their neighbours",
       .params = {{.name = "n",
                   .type = ParamType::Integer,
                   .help = "How many times differences are taken.",
                   .defaultTo = 1,
                   .minimum = 1,
                   .maximum = 10},
                  {.name = "label",
                   .type = ParamType::Choice,
                   .help = "Whose date a difference gets.",
                   .defaultTo = "upper",
                   .choices = {{"upper", "of the later entry"}, {"lower", "of the entry before it"}}},
                  timeDimParam()},
       .keywords = {"change", "delta", "subtract", "increment"}},
      describe);
}

}  // namespace cubeloom
