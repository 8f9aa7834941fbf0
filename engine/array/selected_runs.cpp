// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/selected_runs.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace cubeloom {

std::int64_t floorDiv(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::vector<SelectedRun> selectedRuns(const IndexSet& set, std::int64_t sourceStride, std::int64_t targetStride) {
  if (set.isRange() && set.step() != 0) {
    const bool backward = set.step() < 0;
    const std::int64_t last = set.count() - 1;
    return {{set.min() * sourceStride, std::abs(set.step()) * sourceStride, set.count(), backward ? last * targetStride : 0,
             backward ? -targetStride : targetStride}};
  }
  const std::vector<std::int64_t> indices = set.toVector();
  std::vector<std::int64_t> order(indices.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto indexAt = [&indices](std::int64_t position) { return indices[static_cast<std::size_t>(position)]; };
  if (!set.isIncreasing())
    std::stable_sort(order.begin(), order.end(), [&indexAt](std::int64_t a, std::int64_t b) { return indexAt(a) < indexAt(b); });
  std::vector<SelectedRun> runs;
  for (const std::int64_t position : order) {
    const std::int64_t source = indexAt(position) * sourceStride;
    const std::int64_t target = position * targetStride;
    if (!runs.empty()) {
      SelectedRun& run = runs.back();
      const std::int64_t step = source - run.lastSource();
      const std::int64_t targetStep = target - (run.target + (run.count - 1) * run.targetStep);
      if (step > 0 && (run.count == 1 || (step == run.sourceStep && targetStep == run.targetStep))) {
        run.sourceStep = step;
        run.targetStep = targetStep;
        ++run.count;
        continue;
      }
    }
    runs.push_back({source, sourceStride, 1, target, 0});
  }
  return runs;
}

SelectedRun clippedRun(const SelectedRun& run, std::int64_t begin, std::int64_t end) {
  const std::int64_t first = std::max<std::int64_t>(0, floorDiv(begin - 1 - run.source, run.sourceStep) + 1);
  const std::int64_t last = std::min(run.count - 1, floorDiv(end - 1 - run.source, run.sourceStep));
  SelectedRun part = run;
  part.source += first * run.sourceStep;
  part.target += first * run.targetStep;
  part.count = std::max<std::int64_t>(0, last - first + 1);
  return part;
}

}  // namespace cubeloom
