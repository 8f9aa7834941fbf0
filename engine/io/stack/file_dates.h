// SPDX-License-Identifier: GPL-3.0-or-later
// Dates that file names tell.
#pragma once

#include <optional>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Seconds since 1970 of the first date in `name`: "20220224T203751", "2022-02-24T20:37:51", "20220224", "2022-02-24", "2022_02_24"; a date
/// followed by six digits of time after "T", "t" or "_" takes them. Only years from 1900 to 2199 count.
std::optional<double> dateInName(const std::string& name);

/// The same by `pattern`, found anywhere in the name: %Y, %y, %m, %d, %j (day of the year), %H, %M, %S, %% and `*` for anything. Unset when
/// the name does not match. InvalidParameter for a pattern without a year or with another letter.
Result<std::optional<double>> dateByPattern(const std::string& name, const std::string& pattern);

}  // namespace cubeloom
