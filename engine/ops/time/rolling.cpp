// SPDX-License-Identifier: GPL-3.0-or-later
// rolling: a statistic of the entries before, or around, each one.
#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_axis.h"

namespace cubeloom {
namespace {

/// The window of each entry, cut where the array ends.
std::vector<EntryGroup> windowsOf(std::int64_t entries, std::int64_t window, bool isCentred, const std::vector<double>& weights) {
  std::vector<EntryGroup> groups(static_cast<std::size_t>(entries));
  for (std::int64_t i = 0; i < entries; ++i) {
    const std::int64_t first = i - (isCentred ? window / 2 : window - 1);
    for (std::int64_t j = 0; j < window; ++j) {
      if (first + j < 0 || first + j >= entries) continue;
      EntryGroup& group = groups[static_cast<std::size_t>(i)];
      group.entries.push_back(static_cast<std::size_t>(first + j));
      if (!weights.empty()) group.weights.push_back(weights[static_cast<std::size_t>(j)]);
    }
  }
  return groups;
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto dim = seriesDimOf(params, input);
  if (!dim) return fail(dim.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*dim)];
  const std::int64_t window = params.integer("window"), least = params.integer("min_periods", window);
  const std::vector<double> weights = params.numbers("weights");
  const GroupStatistic statistic = groupStatisticOf(params);
  if (window > along.size)
    return invalidParameter("window",
                            "the window " + std::to_string(window) + " is longer than '" + along.name + "', which has " +
                                std::to_string(along.size) + " entries",
                            "give a smaller one");
  if (least > window)
    return invalidParameter("min_periods", "a window of " + std::to_string(window) + " never has " + std::to_string(least) + " values",
                            "give a smaller number or a wider window");
  if (!weights.empty() && static_cast<std::int64_t>(weights.size()) != window)
    return invalidParameter("weights", std::to_string(weights.size()) + " weights are given for a window of " + std::to_string(window),
                            "give one for each entry, the first one first");
  if (!weights.empty() && !takesWeights(statistic))
    return invalidParameter("weights", std::string("there is no ") + statisticName(statistic) + " with weights", "take statistic=mean");
  AlongDim result;
  result.dim = *dim;
  const bool canLack = input.nodata.has_value() || least > (params.flag("center") ? (window + 1) / 2 : 1);
  auto spec = statisticSpec(input, *dim, statistic, canLack, result.warnings);
  if (!spec) return fail(spec.error());
  result.spec = std::move(*spec);
  result.kernel =
      groupStatistics(windowsOf(along.size, window, params.flag("center"), weights), statistic, static_cast<std::size_t>(least));
  result.summary =
      std::string(statisticName(statistic)) + " of " + std::to_string(window) + (params.flag("center") ? " around" : " up to") + " each";
  return result;
}

}  // namespace

CUBELOOM_OPERATION(rolling) {
  const std::string windows = "array.rolling({ {dim|'time'}: {window} }, center={center}{?, min_periods={min_periods}?})";
  return alongDim(
      {.title = "Rolling window",
       .summary = "Computes a statistic of the entries up to each one, or around it.",
       .help =
           "A window is so many entries, whatever their dates; it ends with its entry, or with center=true has it in its middle (of an "
           "even "
           "number: the second of both), in the order of the array. Nodata is left out, and so is what lies outside; where fewer than "
           "min_periods "
           "values are left stands nodata, and elsewhere a value even where the entry itself is nodata. Weights, one for each entry of the "
           "window, are those of mean, sum, std and var: mean divides by those of the valid entries. std and var divide by the number of "
           "values "
           "(ddof=0). Types as in resample_time. Along any dim.",
       .references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.rolling.html"},
       .example = "rolling window=5",
       .python = "{?" + windows +
                 ".construct('window').weighted(xarray.DataArray({weights}, dims='window')).{statistic:word}('window').where(" + windows +
                 ".count().notnull())?}{?weights=:" + windows + ".{statistic:word}()?}",
       .noGdal = "GDAL's programs have no windows along bands",
       .params = {{.name = "window",
                   .type = ParamType::Integer,
                   .help = "How many entries.",
                   .defaultTo = 5,
                   .minimum = 1,
                   .maximum = 10000,
                   .uiMaximum = 101},
                  statisticParam({GroupStatistic::Mean, GroupStatistic::Median, GroupStatistic::Min, GroupStatistic::Max,
                                  GroupStatistic::Std, GroupStatistic::Var, GroupStatistic::Sum, GroupStatistic::Count}),
                  {.name = "center", .type = ParamType::Bool, .help = "The entry is the middle of its window.", .defaultTo = false},
                  {.name = "min_periods",
                   .type = ParamType::Integer,
                   .help = "Nodata where the window has fewer valid values; by default all have to be.",
                   .minimum = 1,
                   .maximum = 10000},
                  {.name = "weights",
                   .type = ParamType::Numbers,
                   .help = "How much each entry of the window counts, as 1,2,1; by default all alike.",
                   .advanced = true},
                  timeDimParam()},
       .keywords = {"moving average", "running mean", "window", "smooth", "trailing"},
       .validFromNodata = "a window has values where its own entry is nodata, too"},
      describe);
}

}  // namespace cubeloom
