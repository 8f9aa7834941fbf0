// SPDX-License-Identifier: GPL-3.0-or-later
// Dates by their month, season, year, day of the year or hour, as xarray's `time.dt` has them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/datetime.h"
#include "engine/op/view/selection.h"

namespace cubeloom {

/// The days of the calendar that asDates() has found; null: the world's.
DayNumber daysOf(const Dim& dated);

/// Whether `word` names such a part of dates: "season", "month", "year", "day", "dayofyear", "hour".
bool isDatePart(const std::string& word);

/// The whole numbers that such a selection means, months of a season; unset where it is wrong.
std::optional<std::vector<int>> datePartNumbers(const std::string& part, const Json& selection);

/// The entries of a dim of dates whose part is a value, one of a list, or in a range: month=6,7, month=11:2 (over new year), season=JJA,
/// season=DJF,MAM, season=JJAS (the initials of months in a row). InvalidParameter where the dim has no dates or none of them is meant.
Result<DimSelection> selectDatePart(const Dim& dim, const std::string& part, const Json& selection);

}  // namespace cubeloom
