// SPDX-License-Identifier: GPL-3.0-or-later
// The months, seasons, days or hours that a series goes through again and again, and the dates that belong to each.
#pragma once

#include <string>
#include <vector>

#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_axis.h"
#include "engine/op/family/turn_windows.h"

namespace cubeloom {

struct YearGroups {
  std::vector<Dim> dims;             ///< "month", "season", "dayofyear" or "hour": those that occur, in their order; and "hour" beside one
  std::vector<std::size_t> ofEntry;  ///< of each entry of the axis its group
  std::vector<EntryGroup> groups;    ///< in the order of `dims`: the entries that count in a window around it
  TurnWindows windows;               ///< the same as windows of a turn
  /// What a statistic of the groups takes for each pixel of a run.
  std::size_t scratch() const { return turnWindowScratch(windows.turn, windows.reach); }
};

/// By parameters `by`, `window` and `weights`; of the entries that `counts` says, empty for all. InvalidParameter on one of these.
Result<YearGroups> yearGroups(const Params& params, const TimeAxis& axis, const std::vector<bool>& counts = {});
/// A statistic of each group; of fewer than `minCount` valid values comes nodata.
std::shared_ptr<const DimKernel> yearStatistics(const YearGroups& years, GroupStatistic statistic, std::size_t minCount);
/// "month", "day of the year and hour".
std::string groupWords(const std::string& by);
/// The declarations of these parameters.
std::vector<Param> yearGroupParams();

/// For `Declaration::python`, expressions over `array`: the group of each date, and a statistic of each group.
std::string yearKeyPython();
std::string yearStatisticPython(const std::string& statistic);
/// A form that there is of one word in `by` alone.
std::string withOneKeyPython(const std::string& form);

}  // namespace cubeloom
