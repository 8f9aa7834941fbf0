// SPDX-License-Identifier: GPL-3.0-or-later
// The zonal family: what the values of each zone amount to. Zones are an array of whole numbers beside the values (here), whatever made it,
// or polygons (polygon_zones.h). The family reads both in parts, leaves out nodata of either and gathers each zone's moments in a fixed
// order; an operation says which zones and which numbers come out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/op/operation.h"
#include "engine/op/reduce/moments.h"

namespace cubeloom {

/// A value and how much of it counts: the part of its pixel that lies in the zone.
struct WeightedValue {
  double value = 0, weight = 1;
};

/// One of the numbers that come out. Its value where a zone has none valid is NaN, of a count 0.
struct ZonalStatistic {
  std::string name;
  bool isCount = false;                                    ///< has a value without any valid pixel
  std::function<double(const Moment& moment)> value = {};  ///< thread-safe
  /// Instead of `value`: from all values, ascending. Of polygons alone.
  std::function<double(std::span<const WeightedValue> values)> ordered = {};
};

/// What a zonal operation computes.
struct Zonal {
  std::vector<std::int64_t> zones;  ///< the labels, in the order of the results; no label twice
  std::vector<ZonalStatistic> statistics;
  std::string summary = {};
  std::vector<std::string> warnings = {};
};

/// At most this much is gathered at once, of all zones and all that stays of the values.
inline constexpr double kMostZonalBytes = 256.0 * 1048576;

/// Zones of `labels`, which lie along some of the dims of `values`; others of theirs have one entry, as the band of a raster has, and count
/// for nothing. The result is float64 (zone, statistic, and the dims that the labels lack), nodata NaN; the coordinate of `zone` is the
/// label. UnsupportedType: complex values, labels that are no whole numbers. GridMismatch: labels on other pixels than the values.
/// InvalidParameter `zones`: a label twice, none at all, or more than kMostZonalBytes hold.
Result<std::shared_ptr<const BoundOperation>> bindZonal(const ArraySpec& values, const ArraySpec& labels, Zonal facts);

/// float64 [zone, statistic, what stays of the values], nodata NaN. GridMismatch: the values have such a dim.
Result<ArraySpec> zonalResult(const ArraySpec& values, const ReducedDims& dims, Dim zone, const std::vector<ZonalStatistic>& statistics);

}  // namespace cubeloom
