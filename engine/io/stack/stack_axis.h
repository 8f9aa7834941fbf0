// SPDX-License-Identifier: GPL-3.0-or-later
// The dim along which files are joined: their order, and one coordinate from those of all.
#pragma once

#include <string>
#include <vector>

#include "engine/io/stack/stacked_source.h"

namespace cubeloom {

/// In ascending order of what `dim` begins with in each, or of `seconds` where they have none. Times in calendars that stay numbers are
/// compared by their calendar's arithmetic. GridMismatch: units or calendars of which one cannot be expressed in the other.
Result<void> sortMembers(std::vector<StackMember>& members, const std::string& dim);

/// `dim` over all members, which are sorted and otherwise alike, in the first one's units. Where it is of names, they are put behind
/// one another. GridMismatch: it would not ascend, or a name is there twice.
Result<Dim> joinedDim(const std::vector<StackMember>& members, const std::string& dim);

}  // namespace cubeloom
