// SPDX-License-Identifier: GPL-3.0-or-later
// Which items share a time of a cube, and which of them counts first.
#pragma once

#include <string>
#include <vector>

#include "engine/access/items.h"

namespace cubeloom {

/// Items of one time, in the order in which they count.
struct ItemGroup {
  double seconds = 0;  ///< of the earliest of them
  std::vector<std::size_t> items;
};

/// The day by the sun at `longitude`, in days since 1970: UTC by whole hours, one for each 15 degrees, as odc-stac.
double solarDay(double seconds, double longitude);

/// `groupBy` "time" (the same instant), "solar_day" (at `longitude`), "id" (each by itself) or "none" (all of them); groups by time.
/// `sortBy`: "date", "name", "cloud_cover" or a property ("eo:cloud_cover"), descending with "-" before it; then by time and name.
/// InvalidParameter `sort_by`: no item has that property. Times are set, but where groupBy is "none".
Result<std::vector<ItemGroup>> groupItems(const std::vector<Item>& items, const std::string& groupBy, const std::string& sortBy,
                                          double longitude);

}  // namespace cubeloom
