// SPDX-License-Identifier: GPL-3.0-or-later
// anomaly: how far each value is from what is usual at that time of the year.
#include "engine/op/family/computed.h"
#include "engine/op/family/year_groups.h"

namespace cubeloom {
namespace {

enum class Mode { Difference, Ratio, Zscore };

/// Each value beside the mean of its group, of zscore also the spread.
std::shared_ptr<const DimKernel> anomalies(YearGroups years, Mode mode, std::size_t minCount) {
  const std::size_t groups = years.groups.size();
  const auto means = yearStatistics(years, GroupStatistic::Mean, minCount);
  const auto spreads = mode == Mode::Zscore ? yearStatistics(years, GroupStatistic::Std, minCount) : nullptr;
  return dimKernel([groups, means, spreads, mode, ofEntry = std::move(years.ofEntry)](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    // In double: what is usual may be large beside what differs from it.
    std::vector<double> values(run.in, run.in + run.entries * run.pixels), mean(groups * run.pixels), spread(spreads ? mean.size() : 0);
    std::vector<std::uint8_t> known(mean.size());
    DimRun<double> inner{run.entries, groups, run.pixels, values.data(), run.valid, nullptr, known.data()};
    if (spreads) {
      inner.out = spread.data();
      (*spreads)(inner);
    }
    inner.out = mean.data();
    (*means)(inner);
    for (std::size_t i = 0; i < run.entries; ++i) {
      const std::size_t at = i * run.pixels, group = ofEntry[i] * run.pixels;
      for (std::size_t p = 0; p < run.pixels; ++p) {
        const double value = values[at + p], usual = mean[group + p];
        const double by = mode == Mode::Difference ? 1 : mode == Mode::Ratio ? usual : spread[group + p];
        run.out[at + p] = static_cast<T>((mode == Mode::Ratio ? value : value - usual) / by);
        run.outValid[at + p] = static_cast<std::uint8_t>(run.valid[at + p] != 0 && known[group + p] != 0 && by != 0);
      }
    }
  });
}

/// Which entries lie in the baseline; empty: all do.
Result<std::vector<bool>> countedOf(const std::string& baseline, const TimeAxis& axis) {
  std::vector<bool> counts;
  if (baseline.empty()) return counts;
  const auto span = axis.span(baseline);
  if (!span) return invalidParameter("baseline", "'" + baseline + "' is no span of time", "write it as 1991/2020 or 1991-01/2020-12-31");
  for (const double at : axis.seconds) counts.push_back(at >= span->begin.value_or(at) && at <= span->end.value_or(at));
  if (std::find(counts.begin(), counts.end(), true) != counts.end()) return counts;
  return invalidParameter("baseline", "no date lies in " + baseline,
                          "the array has " + axis.text(axis.first()) + " to " + axis.text(axis.last()));
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto axis = timeAxisOf(params, input);
  if (!axis) return fail(axis.error());
  const auto counts = countedOf(params.text("baseline"), *axis);
  if (!counts) return fail(counts.error());
  auto years = yearGroups(params, *axis, *counts);
  if (!years) return fail(years.error());
  const std::string mode = params.choice("mode");
  const auto without = std::count_if(years->groups.begin(), years->groups.end(), [](const EntryGroup& g) { return g.entries.empty(); });
  AlongDim result;
  result.dim = axis->dim;
  if (without > 0)
    result.warnings.push_back("the baseline has no date of " + std::to_string(without) + " of " + std::to_string(years->groups.size()) +
                              " groups (" + groupWords(params.choice("by")) + "): there the result is nodata");
  result.spec = input;
  CUBELOOM_TRY(settleDifferences(result.spec, result.warnings));
  if (mode != "difference") result.spec.unit = "1";
  result.scratch = (axis->seconds.size() + years->groups.size() * 2) * sizeof(double) + years->scratch();
  result.kernel = anomalies(std::move(*years),
                            mode == "difference" ? Mode::Difference
                            : mode == "ratio"    ? Mode::Ratio
                                                 : Mode::Zscore,
                            static_cast<std::size_t>(params.integer("min_count")));
  const std::string baseline = params.text("baseline");
  result.summary = mode + " by " + groupWords(params.choice("by")) + (baseline.empty() ? "" : " · " + baseline);
  return result;
}

/// The statistic of each group, of the dates of the baseline.
std::string usualPython(const char* statistic) {
  return "(lambda array: " + yearStatisticPython(statistic) + ")(array{?.sel({ {dim|'time'}: slice(*{baseline}.split('/')) })?})";
}

}  // namespace

CUBELOOM_OPERATION(anomaly) {
  std::vector<Param> params = yearGroupParams();
  params.insert(params.begin(),
                {.name = "mode",
                 .type = ParamType::Choice,
                 .help = "What is said of a value.",
                 .defaultTo = "difference",
                 .choices = {{"difference", "value - mean"}, {"ratio", "value / mean"}, {"zscore", "(value - mean) / std"}}});
  params.insert(params.begin() + 2,
                {.name = "baseline", .type = ParamType::Text, .help = "The years that say what is usual, as 1991/2020; by default all."});
  params.push_back({.name = "min_count",
                    .type = ParamType::Integer,
                    .help = "Nodata where what is usual would follow from fewer valid values.",
                    .defaultTo = 1,
                    .minimum = 1,
                    .maximum = 100000});
  params.push_back(timeDimParam());
  return alongDim(
      {.title = "Anomaly",
       .summary = "Compares each value with what is usual in its month, season, day of the year or hour.",
       .help = "What is usual is the mean that climatology computes, with its by, window and weights, over the dates of the baseline alone "
               "(both "
               "ends included) or all; the dates of the result are all of the input's. zscore divides by the standard deviation of the "
               "same values "
               "(ddof=0). Nodata where the value is, where the baseline has fewer than min_count valid values, and where the divisor is 0. "
               "A difference "
               "keeps the unit; ratio and zscore have none.",
       .references = {"https://docs.xarray.dev/en/stable/user-guide/groupby.html",
                      "WMO (2017): WMO guidelines on the calculation of climate normals. WMO-No. 1203"},
       .example = "anomaly by=month baseline=2000/2002",
       .python = withOneKeyPython("{?mode=difference:(array.groupby(" + yearKeyPython() + ") - " + usualPython("mean") +
                                  ")?}{?mode=ratio:(array.groupby(" + yearKeyPython() + ") / " + usualPython("mean") +
                                  ")?}{?mode=zscore:((array.groupby(" + yearKeyPython() + ") - " + usualPython("mean") + ").groupby(" +
                                  yearKeyPython() + ") / " + usualPython("std") + ")?}.transpose(*array.dims)"),
       .noGdal = "GDAL's programs do not know the dates of bands",
       .params = std::move(params),
       .keywords = {"departure", "standardized", "z-score", "deviation", "drought", "normal", "climate"}},
      describe);
}

}  // namespace cubeloom
