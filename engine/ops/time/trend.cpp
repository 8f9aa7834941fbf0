// SPDX-License-Identifier: GPL-3.0-or-later
// trend: how a series rises or falls by its true dates, and how sure that is.
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_axis.h"
#include "engine/op/family/trends.h"

namespace cubeloom {
namespace {

/// Seconds of one of what slopes are per.
double lengthOf(const std::string& per, const TimeAxis& axis) {
  constexpr double kDaySeconds = 86400;
  return per == "day" ? kDaySeconds : axis.secondsOfYear() * (per == "decade" ? 10 : 1);
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  const auto axis = timeAxisOf(params, input);
  if (!axis) return fail(axis.error());
  const std::string method = params.choice("method");
  const auto minCount = static_cast<std::size_t>(params.integer("min_count"));
  if (axis->first() == axis->last())
    return invalidParameter("dim", "'" + axis->along.name + "' has one date only", "a trend needs two, and three for its p");
  constexpr std::size_t kMostPairs = 4000;
  if (method != "ols" && axis->seconds.size() > kMostPairs)
    return invalidParameter("method", method + " compares all pairs of dates, of which " + formatCount(axis->along.size) + " have too many",
                            "bring them to fewer than 4,000 with resample_time before, or take ols");
  TrendRequest request{{}, minCount};
  for (const double at : axis->seconds) request.at.push_back((at - axis->first()) / lengthOf(params.choice("per"), *axis));
  AlongDim result;
  result.dim = axis->dim;
  result.spec = input;
  CUBELOOM_TRY(settleDifferences(result.spec, result.warnings));
  result.spec.unit.clear();
  const TrendKernel made = method == "ols"
                               ? olsTrend(std::move(request))
                               : rankTrend(std::move(request), method == "theil_sen" ? RankTrend::TheilSen : RankTrend::MannKendall);
  Dim statistics{"statistic", static_cast<std::int64_t>(made.names.size()), {}};
  statistics.coordinate.labels = made.names;
  CUBELOOM_TRY(replaceDim(result.spec, axis->dim, std::move(statistics)));
  result.kernel = made.kernel;
  result.scratch = made.scratch;
  result.summary = method + " per " + params.choice("per") + " · " + axis->text(axis->first()).substr(0, 10) + " to " +
                   axis->text(axis->last()).substr(0, 10);
  return result;
}

}  // namespace

CUBELOOM_OPERATION(trend) {
  return alongDim(
      {.title = "Trend",
       .summary = "Fits a line to each series, or tests whether it rises or falls.",
       .help =
           "By the true dates, so that gaps and unequal steps count as they are. ols is the least squares line: slope, intercept, r2, p of "
           "a "
           "slope other than 0 (two-sided, Student's t with n - 2 degrees of freedom) and count. theil_sen is robust: slope is the median "
           "of the "
           "slopes between all pairs of different dates, intercept the median of the values minus slope times the median of the dates. It "
           "gives tau and p of the Mann-Kendall test beside; mann_kendall gives these alone, with z. p follows from the normal "
           "distribution of S, "
           "corrected for ties and for continuity; tau is S over the number of pairs. Slopes are per year "
           "of the calendar's mean length (365.2425 days in the world's), per decade or day; the intercept is the value at the first date "
           "of the array. Nodata is "
           "left out; all is nodata where fewer than min_count values are valid, and p and z where they cannot be: ols needs three values.",
       .references =
           {"Sen, P. K. (1968): Estimates of the regression coefficient based on Kendall's tau. doi:10.1080/01621459.1968.10480934",
            "Mann, H. B. (1945): Nonparametric tests against trend. doi:10.2307/1907187",
            "Hussain, M. M., Mahmud, I. (2019): pyMannKendall. doi:10.21105/joss.01556"},
       .example = "trend",
       .noPython = "a fit for each pixel is a function of its own: scipy.stats.linregress or theilslopes through xarray.apply_ufunc",
       .noGdal = "GDAL's programs do not know the dates of bands",
       .params = {{.name = "method",
                   .type = ParamType::Choice,
                   .help = "How the trend is found.",
                   .defaultTo = "ols",
                   .choices = {{"ols", "least squares: slope, intercept, r2, p, count"},
                               {"theil_sen", "median of slopes: slope, intercept, tau, p, count", {"theilsen", "sen"}},
                               {"mann_kendall", "rank test: tau, z, p, count"}}},
                  {.name = "per",
                   .type = ParamType::Choice,
                   .help = "What slopes are per.",
                   .defaultTo = "year",
                   .choices = {"year", "decade", "day"}},
                  {.name = "min_count",
                   .type = ParamType::Integer,
                   .help = "Nodata where fewer values are valid.",
                   .defaultTo = 3,
                   .minimum = 2,
                   .maximum = 100000},
                  timeDimParam()},
       .keywords = {"slope", "regression", "linear", "significance", "sen", "kendall", "change", "greening"}},
      describe);
}

}  // namespace cubeloom
