// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/time_bins.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kSecondsInDay = 86400;
constexpr std::int64_t kMostBins = 100000;

/// A word for a step, and pandas' for the same.
struct StepWord {
  const char* word;
  const char* pandas;
};
constexpr std::array<StepWord, 8> kStepWords{
    {{"year", "YS"}, {"season", "QS-DEC"}, {"quarter", "QS"}, {"month", "MS"}, {"week", "W"}, {"day", "D"}, {"hour", "h"}, {"dekad", ""}}};

struct StepCode {
  const char* code;
  TimeStep::Kind kind;
  double seconds;
  std::int64_t months;
  bool isNamedByEnd;
};
constexpr std::array<StepCode, 21> kStepCodes{{{"YS", TimeStep::Kind::Months, 0, 12, false},
                                               {"AS", TimeStep::Kind::Months, 0, 12, false},
                                               {"QS", TimeStep::Kind::Months, 0, 3, false},
                                               {"MS", TimeStep::Kind::Months, 0, 1, false},
                                               {"YE", TimeStep::Kind::Months, 0, 12, true},
                                               {"Y", TimeStep::Kind::Months, 0, 12, true},
                                               {"A", TimeStep::Kind::Months, 0, 12, true},
                                               {"QE", TimeStep::Kind::Months, 0, 3, true},
                                               {"Q", TimeStep::Kind::Months, 0, 3, true},
                                               {"ME", TimeStep::Kind::Months, 0, 1, true},
                                               {"M", TimeStep::Kind::Months, 0, 1, true},
                                               {"W", TimeStep::Kind::Weeks, 0, 0, true},
                                               {"D", TimeStep::Kind::Seconds, kSecondsInDay, 0, false},
                                               {"d", TimeStep::Kind::Seconds, kSecondsInDay, 0, false},
                                               {"H", TimeStep::Kind::Seconds, 3600, 0, false},
                                               {"h", TimeStep::Kind::Seconds, 3600, 0, false},
                                               {"T", TimeStep::Kind::Seconds, 60, 0, false},
                                               {"min", TimeStep::Kind::Seconds, 60, 0, false},
                                               {"S", TimeStep::Kind::Seconds, 1, 0, false},
                                               {"s", TimeStep::Kind::Seconds, 1, 0, false},
                                               {"dekad", TimeStep::Kind::Dekads, 0, 0, false}}};
constexpr std::array<const char*, 12> kMonthNames{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<const char*, 7> kDayNames{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};

std::int64_t flooredQuotient(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

template <std::size_t n>
std::int64_t placeOf(const std::array<const char*, n>& names, const std::string& name) {
  for (std::size_t i = 0; i < n; ++i)
    if (name == names[i]) return static_cast<std::int64_t>(i);
  return -1;
}

/// The numbered dates of a step of the calendar, as if its count were 1.
class StepDates {
 public:
  StepDates(const TimeStep& step, const TimeAxis& axis) : m_step(step), m_axis(axis) {}

  double at(std::int64_t k) const {
    switch (m_step.kind) {
      case TimeStep::Kind::Weeks: return static_cast<double>(7 * k + m_step.anchor - kThursday) * kSecondsInDay;
      case TimeStep::Kind::Dekads: {
        const std::int64_t month = flooredQuotient(k, 3);
        return m_axis.monthDay(month, 1 + 10 * static_cast<int>(k - 3 * month));
      }
      case TimeStep::Kind::Months:
        if (m_step.isNamedByEnd) return m_axis.monthDay((k + 1) * m_step.months + m_step.anchor, 1) - kSecondsInDay;
        return m_axis.monthDay(k * m_step.months + m_step.anchor, 1);
      default: return static_cast<double>(k) * m_step.seconds;
    }
  }
  /// The last one that is not later than `day`, which has no time of day.
  std::int64_t lastUpTo(double day) const {
    switch (m_step.kind) {
      case TimeStep::Kind::Weeks: return flooredQuotient(std::llround(day / kSecondsInDay) - m_step.anchor + kThursday, 7);
      case TimeStep::Kind::Dekads: return 3 * m_axis.monthOf(day) + std::min((m_axis.date(day).day - 1) / 10, 2);
      case TimeStep::Kind::Months:
        if (m_step.isNamedByEnd) return flooredQuotient(m_axis.monthOf(day + kSecondsInDay) - m_step.anchor, m_step.months) - 1;
        return flooredQuotient(m_axis.monthOf(day) - m_step.anchor, m_step.months);
      default: return 0;
    }
  }
  std::int64_t firstFrom(double day) const {
    const std::int64_t before = lastUpTo(day);
    return at(before) == day ? before : before + 1;
  }

 private:
  static constexpr std::int64_t kThursday = 3;  // 1 January 1970
  const TimeStep& m_step;
  const TimeAxis& m_axis;
};

Failure tooManyDates(const std::string& parameter) {
  return invalidParameter(parameter, "the step makes more than " + formatCount(kMostBins) + " dates of the time axis", "give a longer one");
}

/// What a step needs of an axis.
Result<void> checkCalendar(const TimeStep& step, const TimeAxis& axis, const std::string& parameter) {
  if (step.kind == TimeStep::Kind::Weeks && !axis.calendar.empty())
    return invalidParameter(parameter, "the calendar '" + axis.calendar + "' has no days of the week", "give 7D");
  return {};
}

/// The edges of bins of one length, as pandas has them from the begin of the first day on.
Result<std::vector<double>> evenEdges(const TimeStep& step, const TimeAxis& axis, bool isClosedRight) {
  const double length = step.seconds * static_cast<double>(step.count), origin = axis.midnight(axis.first());
  const auto up = [&](double at) { return origin + std::ceil((at - origin) / length) * length; };
  const auto down = [&](double at) { return origin + std::floor((at - origin) / length) * length; };
  const double from = isClosedRight ? up(axis.first()) - length : down(axis.first());
  const double to = isClosedRight ? up(axis.last()) : down(axis.last()) + length;
  if ((to - from) / length > static_cast<double>(kMostBins)) return tooManyDates("freq");
  std::vector<double> edges;
  for (std::int64_t k = 0; k <= std::llround((to - from) / length); ++k) edges.push_back(from + static_cast<double>(k) * length);
  return edges;
}

Result<std::vector<double>> calendarEdges(const TimeStep& step, const TimeAxis& axis, bool isClosedRight) {
  const StepDates dates(step, axis);
  const double firstDay = axis.midnight(axis.first()), lastDay = axis.midnight(axis.last());
  const std::int64_t from = isClosedRight ? dates.firstFrom(firstDay) - step.count : dates.lastUpTo(firstDay);
  const std::int64_t to = dates.lastUpTo(lastDay) + step.count;
  if ((to - from) / step.count > kMostBins) return tooManyDates("freq");
  std::vector<double> edges;
  for (std::int64_t k = from; k <= to; k += step.count) edges.push_back(dates.at(k));
  return edges;
}

}  // namespace

Result<TimeStep> timeStepOf(const std::string& parameter, const std::string& given) {
  const auto bad = [&] {
    return invalidParameter(parameter, "'" + given + "' is no step of time",
                            "give year, season, month, dekad, week, day or hour, or pandas' words: 16D, MS, QS-DEC, YS, 6H");
  };
  std::string word(trim(given));
  for (const StepWord& known : kStepWords)
    if (toLower(word) == known.word) word = *known.pandas != '\0' ? known.pandas : known.word;
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::string number = word.substr(0, digits), rest = word.substr(digits);
  const std::string code = rest.substr(0, rest.find('-')), anchor = code.size() < rest.size() ? rest.substr(code.size() + 1) : "";
  const auto known = std::find_if(kStepCodes.begin(), kStepCodes.end(), [&code](const StepCode& c) { return code == c.code; });
  if (known == kStepCodes.end() || (code.size() < rest.size() && anchor.empty())) return bad();
  constexpr std::int64_t kMostCount = 1000000;
  TimeStep step{known->kind, number.empty() ? 1 : parseInteger(number).value_or(0), known->seconds, known->months, 0, known->isNamedByEnd};
  if (step.count < 1 || step.count > kMostCount || (step.kind == TimeStep::Kind::Dekads && !number.empty())) return bad();
  if (step.kind == TimeStep::Kind::Weeks) {
    step.anchor = anchor.empty() ? 6 : placeOf(kDayNames, anchor);
    if (step.anchor < 0) return bad();
  } else if (step.kind == TimeStep::Kind::Months && step.months > 1) {
    const std::int64_t month = anchor.empty() ? (step.isNamedByEnd ? 11 : 0) : placeOf(kMonthNames, anchor);
    if (month < 0) return bad();
    step.anchor = (month + (step.isNamedByEnd ? 1 : 0)) % step.months;
  } else if (!anchor.empty()) {
    return bad();
  }
  return step;
}

std::string timeStepHelp() {
  return "year, season (from December), quarter, month, dekad (from the 1st, 11th and 21st), week (to Sunday), day, hour, or a word of "
         "pandas: 16D, 6H, MS, QS-DEC, YS, YS-OCT, W-MON, ME.";
}

std::string timeStepPython(const std::string& name) {
  std::string form, words;
  for (const StepWord& known : kStepWords) {
    if (*known.pandas != '\0') form += "{?" + name + "=" + known.word + ":'" + known.pandas + "'?}";
    words += std::string(words.empty() ? "" : ",") + known.word;
  }
  return form + "{?!" + name + "=" + words + ":{" + name + "}?}";
}

Result<std::vector<double>> datesOf(const TimeStep& step, const TimeAxis& axis, double first, double last, const std::string& parameter) {
  CUBELOOM_TRY(checkCalendar(step, axis, parameter));
  std::vector<double> dates;
  if (step.kind == TimeStep::Kind::Seconds) {
    const double length = step.seconds * static_cast<double>(step.count);
    if ((last - first) / length > static_cast<double>(kMostBins)) return tooManyDates(parameter);
    for (std::int64_t k = 0; first + static_cast<double>(k) * length <= last; ++k) dates.push_back(first + static_cast<double>(k) * length);
    return dates;
  }
  const StepDates numbered(step, axis);
  const double time = first - axis.midnight(first);  // pandas keeps the time of day
  std::int64_t k = numbered.firstFrom(axis.midnight(first));
  for (; numbered.at(k) + time <= last; k += step.count) {
    dates.push_back(numbered.at(k) + time);
    if (static_cast<std::int64_t>(dates.size()) > kMostBins) return tooManyDates(parameter);
  }
  return dates;
}

Result<TimeBins> timeBins(const TimeStep& step, const TimeAxis& axis, BinEnd closed, BinEnd label) {
  CUBELOOM_TRY(checkCalendar(step, axis, "freq"));
  const BinEnd usual = step.isNamedByEnd ? BinEnd::Right : BinEnd::Left;
  const bool isClosedRight = (closed == BinEnd::Usual ? usual : closed) == BinEnd::Right;
  const bool isLabelledRight = (label == BinEnd::Usual ? usual : label) == BinEnd::Right;
  const auto dates = step.kind == TimeStep::Kind::Seconds ? evenEdges(step, axis, isClosedRight) : calendarEdges(step, axis, isClosedRight);
  if (!dates) return fail(dates.error());
  // A bin that its last day closes holds all of that day.
  const bool takesDays = isClosedRight && step.isNamedByEnd;
  std::size_t bins = dates->size() - 1;
  const auto endsBefore = [&](std::size_t edge, double at) {
    const double end = (*dates)[edge] + (takesDays ? kSecondsInDay : 0);
    return isClosedRight && !takesDays ? at > end : at >= end;
  };
  while (bins > 1 && !endsBefore(bins - 1, axis.last())) --bins;  // nothing lies in the last one
  TimeBins result;
  result.entries.resize(bins);
  for (std::size_t b = 0; b < bins; ++b) result.dates.push_back((*dates)[isLabelledRight ? b + 1 : b]);
  std::size_t bin = 0;
  for (const std::size_t entry : axis.order) {
    while (bin + 1 < bins && endsBefore(bin + 1, axis.seconds[entry])) ++bin;
    result.entries[bin].push_back(entry);
  }
  return result;
}

}  // namespace cubeloom
