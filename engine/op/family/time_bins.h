// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of time as pandas names them ("MS", "QS-DEC", "16D"), the dates that they make, and the bins between these.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/op/family/time_axis.h"

namespace cubeloom {

/// Steps of one length, or of the calendar.
struct TimeStep {
  enum class Kind { Seconds, Weeks, Dekads, Months };
  Kind kind = Kind::Seconds;
  std::int64_t count = 1;     ///< of the kind's units
  double seconds = 0;         ///< of one of Kind::Seconds
  std::int64_t months = 1;    ///< of one of Kind::Months
  std::int64_t anchor = 0;    ///< the first month of the first one, from 0; of weeks the day that they end with, Monday is 0
  bool isNamedByEnd = false;  ///< the dates are last days, and bins hold theirs: "ME", "W"
};

/// Of "16D", "MS", "QS-DEC", "2YS", "W-MON", or year, season, quarter, month, dekad, week, day, hour; InvalidParameter on `parameter`.
Result<TimeStep> timeStepOf(const std::string& parameter, const std::string& word);
/// What the help of such a parameter says.
std::string timeStepHelp();
/// The word as a Python text, as pandas has it: a template for `Declaration::python`, of parameter `name`.
std::string timeStepPython(const std::string& name);

/// The step's dates from `first` on up to `last`, as pandas.date_range; InvalidParameter on `parameter` where they are too many.
Result<std::vector<double>> datesOf(const TimeStep& step, const TimeAxis& axis, double first, double last, const std::string& parameter);

/// Which end of a bin belongs to it, and which one names it.
enum class BinEnd { Usual, Left, Right };
struct TimeBins {
  std::vector<double> dates;                      ///< by which the bins are called
  std::vector<std::vector<std::size_t>> entries;  ///< from the earliest
};
/// As pandas' Grouper: bins that reach over all dates of the axis; some may be empty. InvalidParameter on `freq`.
Result<TimeBins> timeBins(const TimeStep& step, const TimeAxis& axis, BinEnd closed, BinEnd label);

}  // namespace cubeloom
