// SPDX-License-Identifier: GPL-3.0-or-later
// composite: one image of a series.
#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_axis.h"

namespace cubeloom {
namespace {

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto axis = timeAxisOf(params, input);
  if (!axis) return fail(axis.error());
  const GroupStatistic statistic = groupStatisticOf(params);
  const bool isCount = statistic == GroupStatistic::Count;
  const auto minCount = static_cast<std::size_t>(params.integer("min_count"));
  AlongDim result;
  result.dim = axis->dim;
  const bool canLack = input.nodata.has_value() || axis->seconds.size() < minCount;
  auto spec = statisticSpec(input, axis->dim, statistic, canLack && !isCount, result.warnings);
  if (!spec) return fail(spec.error());
  result.spec = spec->withoutDim(axis->dim);
  result.madeDims = 0;
  result.kernel = groupStatistics({{axis->order, {}}}, statistic, isCount ? 0 : minCount);
  result.summary = std::string(statisticName(statistic)) + " · " + axis->text(axis->first()).substr(0, 10) + " to " +
                   axis->text(axis->last()).substr(0, 10);
  return result;
}

}  // namespace

CUBELOOM_OPERATION(composite) {
  return alongDim(
      {.title = "Composite",
       .summary = "Makes one image of a series: at each pixel the median, mean, first, last, least or greatest valid value, or how many "
                  "are valid.",
       .help = "Nodata, clouds that were masked before among it, is left out. first and last go by the dates, whatever the order of the "
               "array. Each band "
               "is taken by itself, so the bands of a pixel may be of different dates, but for first and last where their nodata is the "
               "same. Where fewer "
               "than min_count values are valid stands nodata; count is 0 where none is. Types as in resample_time, which makes one image "
               "for each "
               "month, season or year.",
       .references = {"Flood, N. (2013): Seasonal composite Landsat TM/ETM+ images using the medoid. doi:10.3390/rs5126481"},
       .example = "composite",
       .python = "{?!statistic=first,last:array.{statistic:word}({dim|'time'}{?statistic=sum:, min_count=1?})?}"
                 "{?statistic=first:array.sortby({dim|'time'}).compute().pipe(lambda a: a.isel({ {dim|'time'}: "
                 "a.notnull().argmax({dim|'time'}) }))?}"
                 "{?statistic=last:array.sortby({dim|'time'}, ascending=False).compute().pipe(lambda a: a.isel({ {dim|'time'}: "
                 "a.notnull().argmax({dim|'time'}) }))?}"
                 "{?!min_count=1:{?!statistic=count:.where(array.count({dim|'time'}) >= {min_count})?}?}",
       .noGdal = "gdal_calc.py would count nodata in",
       .params = {statisticParam({GroupStatistic::Median, GroupStatistic::Mean, GroupStatistic::First, GroupStatistic::Last,
                                  GroupStatistic::Min, GroupStatistic::Max, GroupStatistic::Std, GroupStatistic::Count}),
                  {.name = "min_count",
                   .type = ParamType::Integer,
                   .help = "Nodata where fewer values are valid.",
                   .defaultTo = 1,
                   .minimum = 1,
                   .maximum = 100000},
                  timeDimParam()},
       .keywords = {"cloud-free", "mosaic in time", "median image", "latest", "best pixel"}},
      describe);
}

}  // namespace cubeloom
