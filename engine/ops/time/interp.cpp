// SPDX-License-Identifier: GPL-3.0-or-later
// interp: a series at other dates.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_bins.h"

namespace cubeloom {
namespace {

Result<std::vector<double>> datesIn(const std::string& list, const TimeAxis& axis) {
  std::vector<double> dates;
  for (const std::string& text : split(list, ',')) {
    const auto date = parseDatetime(trim(text), axis.days);
    if (!date) return invalidParameter("times", "'" + text + "' is no date", "write dates as 2020-01-31,2020-02-29T12:00");
    dates.push_back(*date);
  }
  return dates;
}

Result<std::vector<double>> datesLike(const std::string& node, const TimeAxis& axis, const BindContext& context) {
  if (!context.specOf) return invalidParameter("like", "there is no other node to take dates from");
  const auto other = context.specOf(node);
  if (!other) return invalidParameter("like", other.error().message, other.error().hint);
  const int dim = other->indexOf(axis.along.name);
  if (dim < 0) return invalidParameter("like", "node '" + node + "' has no dim '" + axis.along.name + "'", "name one that has");
  const auto theirs = timeAxisOf(other->dims[static_cast<std::size_t>(dim)], "like");
  if (!theirs) return fail(theirs.error());
  if (theirs->days != axis.days)
    return invalidParameter("like", "the dates of node '" + node + "' are of another calendar", "give dates or a step");
  return theirs->seconds;
}

/// By the one of `times`, `step` and `like` that is given.
Result<std::vector<double>> targetsOf(const Params& params, const TimeAxis& axis, const BindContext& context) {
  const std::string times = params.text("times"), step = params.text("step"), like = params.text("like");
  if (static_cast<int>(times.empty()) + static_cast<int>(step.empty()) + static_cast<int>(like.empty()) != 2)
    return invalidParameter("step", "the new dates follow from one of step, times and like", "give exactly one of them");
  if (!times.empty()) return datesIn(times, axis);
  if (!like.empty()) return datesLike(like, axis, context);
  const auto length = timeStepOf("step", step);
  if (!length) return fail(length.error());
  return datesOf(*length, axis, axis.first(), axis.last(), "step");
}

/// Per pixel, between the valid entries on both sides; or between the entries on both sides, where both are valid.
class Between {
 public:
  Between(const TimeAxis& axis, std::vector<double> targets, bool isNearest, bool skips, double mostGap)
      : m_at(axis.seconds), m_order(axis.order), m_targets(std::move(targets)), m_isNearest(isNearest), m_skips(skips), m_mostGap(mostGap) {
    for (std::size_t k = 0; k < m_targets.size(); ++k) m_rising.push_back(k);
    std::sort(m_rising.begin(), m_rising.end(), [this](std::size_t a, std::size_t b) { return m_targets[a] < m_targets[b]; });
  }
  static constexpr std::size_t kScratchOfResult = 2 * sizeof(double);

  template <class T>
  void operator()(const DimRun<T>& run) const {
    const std::size_t pixels = run.pixels, entries = m_order.size();
    std::vector<double> before(run.results * pixels), valueBefore(run.results * pixels), at(pixels, NAN), value(pixels, NAN);
    std::size_t next = 0;
    for (const std::size_t k : m_rising) {
      for (; next < entries && m_at[m_order[next]] <= m_targets[k]; ++next) take(run, m_order[next], at, value);
      std::copy(at.begin(), at.end(), before.begin() + static_cast<std::ptrdiff_t>(k * pixels));
      std::copy(value.begin(), value.end(), valueBefore.begin() + static_cast<std::ptrdiff_t>(k * pixels));
    }
    std::fill(at.begin(), at.end(), NAN);
    std::fill(value.begin(), value.end(), NAN);
    std::size_t left = entries;
    for (std::size_t r = m_rising.size(); r-- > 0;) {
      const std::size_t k = m_rising[r];
      for (; left > 0 && m_at[m_order[left - 1]] >= m_targets[k]; --left) take(run, m_order[left - 1], at, value);
      for (std::size_t p = 0; p < pixels; ++p) {
        const std::size_t to = k * pixels + p;
        const double low = before[to], high = at[p], from = valueBefore[to], gap = high - low;
        const double part = gap > 0 ? (m_targets[k] - low) / gap : 0;
        const double between = m_isNearest ? (part < 0.5 ? from : value[p]) : from + part * (value[p] - from);
        run.out[to] = static_cast<T>(gap > 0 ? between : from);
        run.outValid[to] = static_cast<std::uint8_t>(gap >= 0 && gap <= m_mostGap);
      }
    }
  }

 private:
  /// The entry is the nearest one from here on, of the pixels where it is valid; else NaN where nothing is skipped.
  template <class T>
  void take(const DimRun<T>& run, std::size_t entry, std::vector<double>& at, std::vector<double>& value) const {
    const T* values = run.in + entry * run.pixels;
    const std::uint8_t* valid = run.valid + entry * run.pixels;
    const double here = m_at[entry];
    for (std::size_t p = 0; p < run.pixels; ++p) {
      const bool isValid = valid[p] != 0;
      at[p] = isValid || !m_skips ? here : at[p];
      value[p] = isValid ? static_cast<double>(values[p]) : m_skips ? value[p] : NAN;
    }
  }

  std::vector<double> m_at;
  std::vector<std::size_t> m_order;
  std::vector<double> m_targets;
  bool m_isNearest, m_skips;
  double m_mostGap;
  std::vector<std::size_t> m_rising;
};

Result<AlongDim> describe(const Params& params, const ArraySpec& input, const BindContext& context) {
  const auto axis = timeAxisOf(params, input);
  if (!axis) return fail(axis.error());
  for (std::size_t i = 1; i < axis->order.size(); ++i)
    if (axis->seconds[axis->order[i]] == axis->seconds[axis->order[i - 1]])
      return invalidParameter("dim", "two entries of '" + axis->along.name + "' have the date " + axis->text(axis->seconds[axis->order[i]]),
                              "make one of them before: resample_time freq=day");
  const auto targets = targetsOf(params, *axis, context);
  if (!targets) return fail(targets.error());
  const bool isNearest = params.choice("method") == "nearest";
  if (input.isClasses() && !isNearest)
    return fail(ErrorCode::UnsupportedType, "the array holds numbers of classes: nothing lies between two of them", "take method=nearest");
  const auto outside = std::count_if(targets->begin(), targets->end(), [&](double at) { return at < axis->first() || at > axis->last(); });
  constexpr double kSecondsOfDay = 86400;
  const double mostGap = params.has("max_gap") ? params.number("max_gap") * kSecondsOfDay : INFINITY;
  AlongDim result;
  result.dim = axis->dim;
  if (outside > 0)
    result.warnings.push_back(std::to_string(outside) + " of " + std::to_string(targets->size()) + " dates lie before " +
                              axis->text(axis->first()) + " or after " + axis->text(axis->last()) + ": they are nodata");
  if (isNearest) {
    auto spec =
        statisticSpec(input, axis->dim, GroupStatistic::First, outside > 0 || input.nodata || std::isfinite(mostGap), result.warnings);
    if (!spec) return fail(spec.error());
    result.spec = std::move(*spec);
    result.spec.attributes = input.attributes;
  } else {
    result.spec = input;
    settleComputed(result.spec, meanType(input.type), 0, 0, true);
    if (input.scaledDim() == axis->dim) forgetMeaning(result.spec, result.warnings);
  }
  CUBELOOM_TRY(replaceDim(result.spec, axis->dim, axis->withDates(*targets)));
  result.scratch = targets->size() * Between::kScratchOfResult + 2 * sizeof(double);
  result.kernel = dimKernel(Between(*axis, *targets, isNearest, params.flag("skip_nodata"), mostGap));
  result.summary = params.choice("method") + " · " + formatCount(static_cast<std::int64_t>(targets->size())) + " dates";
  return result;
}

}  // namespace

CUBELOOM_OPERATION(interp) {
  return alongDim(
      {.title = "Interpolate in time",
       .summary = "Computes a series at other dates: in steps, listed, or those of another node.",
       .help = "linear takes the entries before and after a date, by the true distances in time; nearest the nearer one, of two as near "
               "the later. "
               "A date that the series has gets its value. step begins with the first date of the series (steps of the calendar with the "
               "first of "
               "theirs that is not before it) and ends with the last. Dates outside of the series are nodata. So are those beside nodata, "
               "as in "
               "xarray's interp, unless skip_nodata takes the nearest valid entries on both sides; max_gap then says how far these may be "
               "from each other. linear "
               "gives float32, float64 for types of more than 16 bits; nearest keeps the type. Dates may fall, but not repeat.",
       .references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.interp.html"},
       .example = "interp step=season",
       .python = "array{?skip_nodata=true:.interpolate_na({dim|'time'}, method={method}{?, max_gap=pandas.Timedelta({max_gap}, 'D')?})?}"
                 ".interp({ {dim|'time'}: {?step=dekad:[date for date in pandas.date_range(array[{dim|'time'}].values.min(), "
                 "array[{dim|'time'}].values.max()) if date.day in (1, 11, "
                 "21)]?}{?!step=,dekad:pandas.date_range(array[{dim|'time'}].values.min(), "
                 "array[{dim|'time'}].values.max(), freq=" +
                 timeStepPython("step") + ")?}{?pandas.to_datetime({times}.split(','))?}{?{like:word}[{dim|'time'}]?} }, method={method})",
       .noGdal = "GDAL's programs do not know the dates of bands",
       .params =
           {{.name = "step", .type = ParamType::Text, .help = "How far the new dates are apart: " + timeStepHelp()},
            {.name = "times", .type = ParamType::Text, .help = "The new dates, as 2020-01-31,2020-02-29."},
            {.name = "like", .type = ParamType::Node, .help = "Node whose dates are taken.", .advanced = true},
            {.name = "method",
             .type = ParamType::Choice,
             .help = "How values come between.",
             .defaultTo = "linear",
             .choices = {"linear", "nearest"}},
            {.name = "skip_nodata", .type = ParamType::Bool, .help = "Takes the nearest valid entries on both sides.", .defaultTo = false},
            {.name = "max_gap",
             .type = ParamType::Number,
             .help = "Nodata where the entries on both sides are farther apart.",
             .unit = "days",
             .minimum = 0,
             .maximum = 1000000,
             .advanced = true},
            timeDimParam()},
       .keywords = {"interpolate", "regular", "gap filling", "upsample", "dates", "align in time"}},
      describe);
}

}  // namespace cubeloom
