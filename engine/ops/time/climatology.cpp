// SPDX-License-Identifier: GPL-3.0-or-later
// climatology: what is usual in each month, season, day of the year or hour.
#include "engine/base/text.h"
#include "engine/op/family/year_groups.h"

namespace cubeloom {
namespace {

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto axis = timeAxisOf(params, input);
  if (!axis) return fail(axis.error());
  auto years = yearGroups(params, *axis);
  if (!years) return fail(years.error());
  const GroupStatistic statistic = groupStatisticOf(params);
  const bool isCount = statistic == GroupStatistic::Count;
  if (params.choice("weights") == "linear" && !takesWeights(statistic))
    return invalidParameter("weights", std::string("there is no ") + statisticName(statistic) + " with weights",
                            "take weights=uniform, or statistic=mean");
  const auto minCount = static_cast<std::size_t>(params.integer("min_count"));
  bool canLack = input.nodata.has_value();
  for (const EntryGroup& group : years->groups) canLack = canLack || group.entries.size() < minCount;
  AlongDim result;
  result.dim = axis->dim;
  auto spec = statisticSpec(input, axis->dim, statistic, canLack && !isCount, result.warnings);
  if (!spec) return fail(spec.error());
  result.spec = std::move(*spec);
  CUBELOOM_TRY(replaceDim(result.spec, axis->dim, years->dims[0]));
  if (years->dims.size() > 1) CUBELOOM_TRY(insertDim(result.spec, axis->dim + 1, years->dims[1]));
  result.madeDims = static_cast<int>(years->dims.size());
  result.kernel = yearStatistics(*years, statistic, isCount ? 0 : minCount);
  result.scratch = years->scratch();
  result.summary = std::string(statisticName(statistic)) + " by " + groupWords(params.choice("by")) + " · " +
                   axis->text(axis->first()).substr(0, 10) + " to " + axis->text(axis->last()).substr(0, 10);
  return result;
}

}  // namespace

CUBELOOM_OPERATION(climatology) {
  std::vector<Param> params = yearGroupParams();
  params.insert(params.begin() + 1, statisticParam({GroupStatistic::Mean, GroupStatistic::Median, GroupStatistic::Min, GroupStatistic::Max,
                                                    GroupStatistic::Std, GroupStatistic::Var, GroupStatistic::Sum, GroupStatistic::Count}));
  params.push_back({.name = "min_count",
                    .type = ParamType::Integer,
                    .help = "Of fewer valid values comes nodata.",
                    .defaultTo = 1,
                    .minimum = 1,
                    .maximum = 100000});
  params.push_back(timeDimParam());
  return alongDim(
      {.title = "Climatology",
       .summary = "Computes a statistic over all years for each month, season, day of the year or hour.",
       .help = "The result has a dim month (1 to 12), season (DJF, MAM, JJA, SON), dayofyear (1 to 366) or hour (0 to 23) in place of the "
               "dates, "
               "with those that occur; by=dayofyear,hour (or month,hour, season,hour) has a dim hour beside it. Days of the year are those "
               "of a year of 366 days: 1 March is the 61st in all years, and the 60th "
               "holds the "
               "29th of February alone; calendars without leap years have 365 or 360. A window takes the neighbouring days (months, ...) "
               "of all "
               "years along, each value once, and goes over new year; weights=linear lets them count less with their distance. All values "
               "count "
               "alike, so a month with more dates has no more weight than its values have. Nodata is left out; std and var divide by the "
               "number "
               "of values (by the sum of weights). Types as in resample_time.",
       .references = {"https://docs.xarray.dev/en/stable/user-guide/groupby.html",
                      "https://code.mpimet.mpg.de/projects/cdo/embedded/cdo.pdf"},
       .example = "climatology by=month",
       .python = withOneKeyPython(yearStatisticPython("{statistic:word}") +
                                  ".transpose(*({by} if dim == {dim|'time'} else dim for dim in array.dims))"),
       .noGdal = "GDAL's programs do not know the dates of bands",
       .params = std::move(params),
       .keywords = {"normal", "mean year", "monthly mean", "seasonal cycle", "day of year", "diurnal", "long-term"}},
      describe);
}

}  // namespace cubeloom
