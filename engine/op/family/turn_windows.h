// SPDX-License-Identifier: GPL-3.0-or-later
// Sums and means in windows that go round a turn: the 61 days around each day of the year. Entries of one place of the turn are added
// first; windows are sums of those sums, which share what they have in common.
#pragma once

#include <memory>
#include <vector>

#include "engine/op/family/along_dim.h"

namespace cubeloom {

/// Results stand at places of a turn, in lanes that have nothing to do with each other: days of the year, and a lane for each hour.
struct TurnWindows {
  std::size_t turn = 0, lanes = 1;
  std::size_t reach = 0;            ///< places on each side; 2 * reach < turn
  bool isLinear = false;            ///< weights fall from 1 to 0 at reach + 1; else all are 1
  bool isSum = false;               ///< else the mean
  std::size_t minCount = 1;         ///< of fewer valid entries comes nodata
  std::vector<std::size_t> order;   ///< the entries that count, in the order in which they are added
  std::vector<std::size_t> cellOf;  ///< of each of these: lane * turn + place
  std::vector<std::size_t> cellOfResult;
};

/// Sums are made in double and in one order, and nothing is ever taken away again: what lies outside of a window leaves no trace in it.
std::shared_ptr<const DimKernel> turnWindowKernel(TurnWindows windows);
/// Bytes that it takes for each pixel of a run.
std::size_t turnWindowScratch(std::size_t turn, std::size_t reach);

}  // namespace cubeloom
