// SPDX-License-Identifier: GPL-3.0-or-later
// The cells that entries along a dim stand for (CF conventions 7.1): where each begins and ends, beside the coordinate, in its unit.
#pragma once

#include <string>
#include <vector>

#include "engine/array/coordinate.h"

namespace cubeloom {

inline constexpr const char *kLowerBound = "lower", *kUpperBound = "upper";  ///< in Coordinate::aux
inline bool isBound(const std::string& aux) { return aux == kLowerBound || aux == kUpperBound; }

/// Begin and end of each cell, one after the other; empty where the coordinate has none.
inline std::vector<double> cellBounds(const Coordinate& c) {
  const auto lower = c.aux.find(kLowerBound), upper = c.aux.find(kUpperBound);
  std::vector<double> bounds;
  if (lower == c.aux.end() || upper == c.aux.end() || lower->second.size() != upper->second.size()) return bounds;
  bounds.reserve(2 * lower->second.size());
  for (std::size_t i = 0; i < lower->second.size(); ++i) bounds.insert(bounds.end(), {lower->second[i], upper->second[i]});
  return bounds;
}

/// `bounds`: begin and end of each entry's cell.
inline void setCellBounds(Coordinate& c, const std::vector<double>& bounds) {
  std::vector<double>&lower = c.aux[kLowerBound], &upper = c.aux[kUpperBound];
  lower.clear();
  upper.clear();
  for (std::size_t i = 0; i + 1 < bounds.size(); i += 2) {
    lower.push_back(bounds[i]);
    upper.push_back(bounds[i + 1]);
  }
}

/// Where entries are other ones than they were.
inline void dropCellBounds(Coordinate& c) {
  c.aux.erase(kLowerBound);
  c.aux.erase(kUpperBound);
}

}  // namespace cubeloom
