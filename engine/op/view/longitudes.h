// SPDX-License-Identifier: GPL-3.0-or-later
// Longitudes go round: a place has one longitude in -180..180 and another in 0..360, and what lies on both sides of an axis's end belongs
// together.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/base/result.h"
#include "engine/op/view/selection.h"

namespace cubeloom {

/// After how much the values along dim `d` stand for the same places again: 360 of longitudes in degrees; unset where they never do.
std::optional<double> periodAlong(const ArraySpec& spec, int d);

/// The entries along a longitude that meet [low, high], in whatever convention that is given: one part of the axis, or its end followed by
/// its beginning, each entry once. `entriesIn(low, high)` are those that meet an interval in the axis's own convention, in order.
/// Nothing where none does; InvalidParameter named `parameter` where the parts do not continue each other evenly.
Result<DimSelection> entriesRound(const Dim& dim, double period, double low, double high, const char* parameter,
                                  const std::function<std::vector<std::int64_t>(double low, double high)>& entriesIn);

/// The spec of `chosen`, along whose dim `d` longitudes go on from the first one plus `turn`, over the axis's end, too.
ArraySpec selectRound(const ArraySpec& input, const Region& chosen, int d, double turn);

}  // namespace cubeloom
