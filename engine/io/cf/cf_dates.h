// SPDX-License-Identifier: GPL-3.0-or-later
// A coordinate of numbers in a unit of time, as dates.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// Turns the values of `c`, those of `variable`, into dates with labels and the unit "datetime", where units and calendar tell which they
/// are. Leaves them else. Says in `notes` why it does, what was assumed, and what is odd about the dates.
void setDates(const StoredVariable& variable, Coordinate& c, std::vector<std::string>& notes);

/// Texts along a dim "time" that are dates become such: ISO 8601, "2001-01-31". False: they are names.
bool setDatesOfTexts(const std::string& dim, Coordinate& c);

}  // namespace cubeloom
