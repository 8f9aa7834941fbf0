// SPDX-License-Identifier: GPL-3.0-or-later
// The zonal family where zones are polygons: each pixel counts for each polygon by what of it lies inside. Only what lies under polygons is
// read.
#pragma once

#include <memory>

#include "engine/op/family/placed_features.h"
#include "engine/op/family/zonal.h"

namespace cubeloom {

/// Whether the columns of `values` vary slower than its rows: polygons are then to be turned.
bool isTurned(const ArraySpec& values);

/// The result is float64 (zone, statistic, and all dims but the spatial ones), nodata NaN; the coordinate or the labels of `zone` are the
/// polygons' ids. `polygons` are turned if isTurned(values). UnsupportedType: complex values. Statistics of all
/// values in order (ZonalStatistic::ordered) hold them until the zone is done; zones are made a few at a time where a budget asks for it.
Result<std::shared_ptr<const BoundOperation>> bindPolygonZones(const ArraySpec& values, PlacedPolygons polygons, CoverageRule rule,
                                                               std::vector<ZonalStatistic> statistics);

/// Weighted quantile, numpy's linear one where all weights are equal: the value k of n (from 0) lies at k w[k] + (n - 1) (w[0] + ... +
/// w[k - 1]) of (n - 1) times the sum of the weights.
double weightedQuantile(std::span<const WeightedValue> ascending, double q);
/// The value with most weight, of equal ones the least.
double majorityOf(std::span<const WeightedValue> ascending);

}  // namespace cubeloom
