// SPDX-License-Identifier: GPL-3.0-or-later
// The zonal family: what the values of each zone amount to. Zones are an array of whole numbers beside the values, whatever made it: a
// raster of classes or segments, polygons burned onto the grid. The family reads both in parts, leaves out nodata of either and gathers
// each zone's moments in a fixed order; an operation says which zones and which numbers come out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/operation.h"
#include "engine/op/reduce/moments.h"

namespace cubeloom {

/// One of the numbers that come out. Its value where a zone has none valid is NaN, of a count 0.
struct ZonalStatistic {
  std::string name;
  bool isCount = false;                                    ///< has a value without any valid pixel
  std::function<double(const Moment& moment)> value = {};  ///< thread-safe
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

/// An operation of the family over two inputs, the values and the labels: [values and their dims] by [labels], which lie along some of the
/// same dims; others of theirs have one entry, as the band of a raster has, and count for nothing. The result is float64 (zone, statistic,
/// and the dims that the labels lack), nodata NaN; the coordinate of `zone` is the label. UnsupportedType: complex values, labels that are
/// no whole numbers. GridMismatch: labels on other pixels than the values. InvalidParameter `zones`: a label twice, none at all, or more
/// than kMostZonalBytes hold.
using DescribeZonal = std::function<Result<Zonal>(const Params&, const ArraySpec& values, const ArraySpec& labels)>;
std::unique_ptr<Operation> zonal(Declaration declaration, DescribeZonal describe);

}  // namespace cubeloom
