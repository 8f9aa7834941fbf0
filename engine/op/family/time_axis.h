// SPDX-License-Identifier: GPL-3.0-or-later
// The dates along a dim, in their calendar: that of the world, or one of a model whose years have 360 or 365 days.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/base/datetime.h"
#include "engine/base/result.h"
#include "engine/op/param.h"

namespace cubeloom {

/// Dates that rise or fall; equal ones may follow each other.
struct TimeAxis {
  int dim = -1;
  Dim along;                       ///< as the input has it
  std::vector<double> seconds;     ///< of each entry; since 1970, or day 0 of the calendar
  std::vector<std::size_t> order;  ///< entries from the earliest to the latest
  DayNumber days = gregorianDay;
  std::string calendar;  ///< "" is the world's

  double first() const { return seconds[order.front()]; }
  double last() const { return seconds[order.back()]; }
  CalendarDate date(double at) const { return calendarDate(at, days); }
  double midnight(double at) const;
  /// The begin of a day of a month that is counted from January of the year 0.
  double monthDay(std::int64_t month, int day) const;
  std::int64_t monthOf(double at) const;
  /// Of a year with its leap day, where the calendar has leap years: 1 March is always the 61st. From 1.
  int dayOfYear(double at) const;
  int daysOfLongYear() const;
  /// The mean length of a year.
  double secondsOfYear() const;
  /// Other dates as the input's are written.
  Dim withDates(const std::vector<double>& dates) const;
  std::string text(double at) const;
  /// Dates as people write them, a span for "1991/2020"; unset where it is none.
  std::optional<TimeSpan> span(const std::string& text) const { return parseTimeSpan(text, days); }
};

/// The declaration of parameter `dim` of operations along time.
Param timeDimParam();
/// The dim that it names; else "time", else the only dim of dates.
Result<int> timeDimOf(const Params& params, const ArraySpec& input);
/// The same; InvalidParameter where it has dates that neither rise nor fall.
Result<int> seriesDimOf(const Params& params, const ArraySpec& input);
/// The dates along that dim; InvalidParameter on `dim` where there are none, one is missing, or they neither rise nor fall.
Result<TimeAxis> timeAxisOf(const Params& params, const ArraySpec& input);
/// The same of a dim, under the name of the parameter that led to it.
Result<TimeAxis> timeAxisOf(const Dim& dim, const std::string& parameter);

}  // namespace cubeloom
