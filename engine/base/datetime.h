// SPDX-License-Identifier: GPL-3.0-or-later
// Dates and times as people and catalogs write them, to seconds since 1970 UTC.
#pragma once

#include <optional>
#include <string>

namespace cubeloom {

/// Seconds since 1970 of "2022-02-24", "2022-02-24T10:00:00.5Z" or "2022-02-24T10:00:00+02:00" (RFC 3339; without a zone: UTC); nullopt
/// when it is no such text.
std::optional<double> parseDatetime(const std::string& text);

/// A stretch of time; an end that is not set is open.
struct TimeSpan {
  std::optional<double> begin, end;

  bool overlaps(const TimeSpan& other) const {
    return !(end && other.begin && *end < *other.begin) && !(begin && other.end && *other.end < *begin);
  }
};

/// "a", "a/b", "../b" or "a/.." as in STAC's API; a date without a time means its whole day.
std::optional<TimeSpan> parseTimeSpan(const std::string& text);

}  // namespace cubeloom
