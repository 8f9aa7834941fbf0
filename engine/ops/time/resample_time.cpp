// SPDX-License-Identifier: GPL-3.0-or-later
// resample_time: a series in months, dekads or other bins of time.
#include "engine/base/text.h"
#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_bins.h"

namespace cubeloom {
namespace {

BinEnd endOf(const std::string& choice) { return choice == "left" ? BinEnd::Left : choice == "right" ? BinEnd::Right : BinEnd::Usual; }

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto axis = timeAxisOf(params, input);
  if (!axis) return fail(axis.error());
  const auto step = timeStepOf("freq", params.text("freq"));
  if (!step) return fail(step.error());
  const auto bins = timeBins(*step, *axis, endOf(params.choice("closed")), endOf(params.choice("label")));
  if (!bins) return fail(bins.error());
  const GroupStatistic statistic = groupStatisticOf(params);
  const bool isCount = statistic == GroupStatistic::Count;
  const auto minCount = static_cast<std::size_t>(params.integer("min_count"));
  std::vector<EntryGroup> groups;
  std::size_t empty = 0;
  bool canLack = input.nodata.has_value();
  for (const auto& entries : bins->entries) {
    groups.push_back({entries, {}});
    empty += entries.empty() ? 1 : 0;
    canLack = canLack || entries.size() < minCount;
  }
  AlongDim result;
  result.dim = axis->dim;
  auto spec = statisticSpec(input, axis->dim, statistic, canLack && !isCount, result.warnings);
  if (!spec) return fail(spec.error());
  result.spec = std::move(*spec);
  CUBELOOM_TRY(replaceDim(result.spec, axis->dim, axis->withDates(bins->dates)));
  result.kernel = groupStatistics(std::move(groups), statistic, isCount ? 0 : minCount);
  result.summary = std::string(statisticName(statistic)) + " by " + params.text("freq") + " · " +
                   formatCount(result.spec.dims[static_cast<std::size_t>(axis->dim)].size) + " bins";
  if (empty > 0 && !isCount) result.summary += ", " + formatCount(static_cast<std::int64_t>(empty)) + " without a date";
  return result;
}

}  // namespace

CUBELOOM_OPERATION(resample_time) {
  const std::string bins = "{ {dim|'time'}: " + timeStepPython("freq") + " }{?, label={label}?}{?, closed={closed}?}";
  return alongDim(
      {.title = "Resample time",
       .summary = "Brings a series to years, seasons, months, dekads, weeks or days by a statistic of what lies in each.",
       .help =
           "Bins are those of pandas and xarray. They follow each other without a gap from the first date to the last; one without a valid "
           "value is nodata, of count 0. Dates name a bin by its begin, and the begin belongs to it; of weeks and of the words that end "
           "with E "
           "it is the end instead, all of that day included. label and closed say it otherwise. Steps of one length (16D) are counted "
           "from the begin of the first day. seasons begin in December: December counts to the next year's winter. Nodata is left out of "
           "all statistics; std and var divide by the number of values. mean, median, std and var give float32 for types of up to 16 bits "
           "and float32 itself, else float64; sum gives float64, count int32; the others keep the type. Calendars of models (noleap, "
           "360_day) stay themselves. Duplicate dates all count; falling dates come out rising.",
       .references = {"https://pandas.pydata.org/docs/reference/api/pandas.Grouper.html",
                      "https://docs.xarray.dev/en/stable/generated/xarray.DataArray.resample.html"},
       .example = "resample_time freq=month",
       .python =
           "{?freq=dekad:array.assign_coords({ {dim|'time'}: pandas.to_datetime([date.replace(day=min((date.day - 1) // 10, 2) * 10 + 1) "
           "for date in array.indexes[{dim|'time'}].floor('D')]) }).groupby({dim|'time'}).{statistic:word}()?}"
           "{?!freq=dekad:array{?statistic=first,last:.compute()?}.resample(" +
           bins +
           ").{statistic:word}({?statistic=sum:min_count={min_count}?}){?statistic=count:.fillna(0)?}"
           "{?!statistic=sum,count:{?!min_count=1:.where(array.resample(" +
           bins + ").count() >= {min_count})?}?}.transpose(*array.dims)?}",
       .noGdal = "GDAL's programs do not know the dates of bands",
       .params = {{.name = "freq", .type = ParamType::Text, .help = "How long a bin is: " + timeStepHelp(), .defaultTo = "month"},
                  statisticParam({GroupStatistic::Mean, GroupStatistic::Median, GroupStatistic::Min, GroupStatistic::Max,
                                  GroupStatistic::Std, GroupStatistic::Var, GroupStatistic::Sum, GroupStatistic::Count,
                                  GroupStatistic::First, GroupStatistic::Last}),
                  {.name = "min_count",
                   .type = ParamType::Integer,
                   .help = "A bin with fewer valid values is nodata.",
                   .defaultTo = 1,
                   .minimum = 1,
                   .maximum = 100000},
                  {.name = "label",
                   .type = ParamType::Choice,
                   .help = "Which end of a bin is its date; by default as pandas has it.",
                   .choices = {"left", "right"},
                   .advanced = true},
                  {.name = "closed",
                   .type = ParamType::Choice,
                   .help = "Which end belongs to a bin; by default as pandas has it.",
                   .choices = {"left", "right"},
                   .advanced = true},
                  timeDimParam()},
       .keywords = {"monthly", "annual", "yearly", "seasonal", "dekad", "weekly", "daily", "aggregate", "temporal", "period"}},
      describe);
}

}  // namespace cubeloom
