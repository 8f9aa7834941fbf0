// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/same_entries.h"

#include <cmath>

#include "engine/op/view/selection.h"

namespace cubeloom {

std::int64_t firstOtherEntry(const Dim& a, const Dim& b) {
  const auto isSaid = [](const Coordinate& c) { return c.kind != Coordinate::Kind::None && !c.unit.empty() && c.unit != "1"; };
  if (!isSaid(a.coordinate) || !isSaid(b.coordinate) || a.coordinate.unit != b.coordinate.unit) return -1;
  for (std::int64_t i = 0; i < a.size; ++i)
    if (!(std::abs(a.coordinate.at(i) - b.coordinate.at(i)) <= 1e-3 * axisStep(a, i))) return i;
  return -1;
}

}  // namespace cubeloom
