// SPDX-License-Identifier: GPL-3.0-or-later
// The months, seasons, days or hours that a series goes through again and again, and the dates that belong to each.
#pragma once

#include <string>
#include <vector>

#include "engine/op/family/group_statistics.h"
#include "engine/op/family/time_axis.h"

namespace cubeloom {

struct YearGroups {
  Dim dim;                           ///< "month", "season", "dayofyear", "hour": those that occur, in their order
  std::vector<std::size_t> ofEntry;  ///< along `dim`, of each entry of the axis
  std::vector<EntryGroup> groups;    ///< along `dim`: the entries that count in a window around it
};

/// By parameters `by`, `window` and `weights`; of the entries that `counts` says, empty for all. InvalidParameter on one of these.
Result<YearGroups> yearGroups(const Params& params, const TimeAxis& axis, const std::vector<bool>& counts = {});
/// The declarations of these parameters.
std::vector<Param> yearGroupParams();

/// For `Declaration::python`, expressions over `array`: the group of each date, and a statistic of each group.
std::string yearKeyPython();
std::string yearStatisticPython(const std::string& statistic);

}  // namespace cubeloom
