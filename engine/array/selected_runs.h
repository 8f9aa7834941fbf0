// SPDX-License-Identifier: GPL-3.0-or-later
// An IndexSet as runs in the file's order, each tied to where it goes in memory.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/array/region.h"

namespace cubeloom {

/// Evenly spaced indices along one dim and their evenly spaced places. The source side counts in whatever unit the caller scales it to.
struct SelectedRun {
  std::int64_t source = 0, sourceStep = 1, count = 0;  ///< sourceStep >= 1
  std::int64_t target = 0, targetStep = 0;             ///< bytes
  std::int64_t lastSource() const { return source + (count - 1) * sourceStep; }
};

/// Runs by increasing source: starts and ends never decrease. Indices that repeat become runs of their own.
std::vector<SelectedRun> selectedRuns(const IndexSet& set, std::int64_t sourceStride, std::int64_t targetStride);

/// The part of `run` with sources in [begin, end); its count may be 0.
SelectedRun clippedRun(const SelectedRun& run, std::int64_t begin, std::int64_t end);

/// Rounds towards minus infinity; `b` positive.
std::int64_t floorDiv(std::int64_t a, std::int64_t b);

}  // namespace cubeloom
