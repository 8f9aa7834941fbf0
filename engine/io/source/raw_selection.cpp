// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/raw_selection.h"

#include <algorithm>

#include "engine/array/strided_copy.h"

namespace cubeloom {
namespace {

bool isSingleRun(const std::vector<SelectedRun>& runs) { return runs.size() == 1; }

}  // namespace

/// One gather: the block and the elements it holds.
struct RawSelection::Copy {
  const std::byte* block;
  std::int64_t begin, end;
  StridedCopy copier;
};

RawSelection::RawSelection(const std::vector<std::int64_t>& shape, const Region& region, std::size_t elementBytes,
                           const std::vector<std::int64_t>& targetStrides)
    : m_elementBytes(elementBytes) {
  m_empty = regionCount(region) == 0;
  if (m_empty) return;
  std::vector<std::vector<SelectedRun>> runs;
  for (std::size_t d = 0; d < shape.size(); ++d) runs.push_back(selectedRuns(region[d], 1, targetStrides[d]));
  arrange(shape, std::move(runs));
}

RawSelection::RawSelection(const std::vector<std::int64_t>& shape, std::vector<std::vector<SelectedRun>> runs, std::size_t elementBytes)
    : m_elementBytes(elementBytes) {
  arrange(shape, std::move(runs));
}

void RawSelection::arrange(const std::vector<std::int64_t>& shape, std::vector<std::vector<SelectedRun>> allRuns) {
  const auto bytes = static_cast<std::int64_t>(m_elementBytes);
  const std::vector<std::int64_t> sourceStrides = denseStridesOf(shape);
  // How far the selection runs on without a gap in the file, whatever memory looks like: it decides on gaps.
  std::int64_t stretch = 1;
  bool dense = true;
  for (std::size_t d = shape.size(); d-- > 0;) {
    std::vector<SelectedRun>& runs = allRuns[d];
    const bool forward = isSingleRun(runs) && (runs[0].count == 1 || (runs[0].sourceStep == 1 && runs[0].targetStep >= 0));
    dense = dense && forward;
    if (dense) {
      stretch *= runs[0].count;
      dense = runs[0].count == shape[d];
    }
    for (SelectedRun& run : runs) {
      run.source *= sourceStrides[d];
      run.sourceStep *= sourceStrides[d];
    }
    if (isSingleRun(runs) && runs[0].count == 1) {
      m_sourceBase += runs[0].source;
      m_targetBase += runs[0].target;
      continue;
    }
    if (!m_axes.empty() && isSingleRun(runs) && isSingleRun(m_axes.front().runs)) {
      SelectedRun& inner = m_axes.front().runs[0];
      const SelectedRun& outer = runs[0];
      if (outer.sourceStep == inner.sourceStep * inner.count && outer.targetStep == inner.targetStep * inner.count) {
        inner.source += outer.source;
        inner.target += outer.target;
        inner.count *= outer.count;
        continue;
      }
    }
    m_axes.insert(m_axes.begin(), Axis{std::move(runs), 0, 1, true});
  }
  m_gapElements = stretch * bytes >= kLongStretchBytes ? 0 : kGapBytes / bytes;
  describeInner();
}

void RawSelection::describeInner() {
  std::int64_t first = 0, end = 1;
  bool solid = true;
  for (std::size_t d = m_axes.size(); d-- > 0;) {
    Axis& axis = m_axes[d];
    axis.innerFirst = first;
    axis.innerEnd = end;
    axis.innerSolid = solid;
    std::int64_t reached = axis.runs.front().source + first;
    for (const SelectedRun& run : axis.runs) {
      solid &= run.count == 1 || run.sourceStep - (end - first) <= m_gapElements;
      solid &= run.source + first - reached <= m_gapElements;
      reached = run.lastSource() + end;
    }
    first += axis.runs.front().source;
    end = reached;
  }
}

RawSelection::Total RawSelection::total() const {
  Total total;
  if (m_empty) return total;
  if (!hasRepeats()) return totalBelow(0);
  forEachExtent([&total](std::int64_t, std::int64_t count) {
    ++total.extents;
    total.elements += count;
    return true;
  });
  return total;
}

/// Of one index of the axes above `d`: what lies below is the same for each index of `d`, and neighbours join across short gaps.
RawSelection::Total RawSelection::totalBelow(std::size_t d) const {
  if (d == m_axes.size()) return {1, 1};
  const Axis& axis = m_axes[d];
  const Total inner = totalBelow(d + 1);
  const std::int64_t span = axis.innerEnd - axis.innerFirst;
  Total total;
  const auto join = [&](std::int64_t gap, std::int64_t times) {
    if (gap > m_gapElements) return;
    total.extents -= times;
    total.elements += gap * times;
  };
  for (std::size_t i = 0; i < axis.runs.size(); ++i) {
    const SelectedRun& run = axis.runs[i];
    total.extents += inner.extents * run.count;
    total.elements += inner.elements * run.count;
    join(run.sourceStep - span, run.count - 1);
    if (i > 0) join(run.source - axis.runs[i - 1].lastSource() - span, 1);
  }
  return total;
}

bool RawSelection::hasRepeats() const {
  for (const Axis& axis : m_axes)
    for (std::size_t i = 1; i < axis.runs.size(); ++i) {
      const SelectedRun& before = axis.runs[i - 1];
      if (axis.runs[i].source <= before.lastSource()) return true;
    }
  return false;
}

std::optional<std::int64_t> RawSelection::directStretch() const {
  if (m_empty || m_axes.empty() || !isSingleRun(m_axes.back().runs)) return std::nullopt;
  const SelectedRun& run = m_axes.back().runs[0];
  const auto bytes = static_cast<std::int64_t>(m_elementBytes);
  if (run.sourceStep != 1 || run.targetStep != bytes || run.count * bytes < kLongStretchBytes || hasRepeats()) return std::nullopt;
  return run.count;
}

void RawSelection::gather(const std::byte* block, std::int64_t first, std::int64_t count, std::byte* target, bool swapped,
                          std::size_t unitBytes) const {
  if (m_empty) return;
  gatherAxis({block, first, first + count, {m_elementBytes, swapped ? unitBytes : 0}}, 0, m_sourceBase, target + m_targetBase);
}

void RawSelection::gatherAxis(const Copy& copy, std::size_t d, std::int64_t base, std::byte* target) const {
  const auto bytes = static_cast<std::int64_t>(m_elementBytes);
  if (d == m_axes.size()) {
    if (base >= copy.begin && base < copy.end) copy.copier.line(copy.block + (base - copy.begin) * bytes, 0, target, 0, 1);
    return;
  }
  const Axis& axis = m_axes[d];
  // Run ends never decrease, so the runs that end before the block can be skipped by bisection.
  auto run = std::partition_point(axis.runs.begin(), axis.runs.end(),
                                  [&](const SelectedRun& r) { return base + r.lastSource() + axis.innerEnd <= copy.begin; });
  for (; run != axis.runs.end() && base + run->source + axis.innerFirst < copy.end; ++run) {
    const std::int64_t from = base + run->source;
    const std::int64_t step = run->sourceStep;
    std::int64_t k = std::max<std::int64_t>(0, floorDiv(copy.begin - (from + axis.innerEnd), step) + 1);
    const std::int64_t kEnd = std::min(run->count, floorDiv(copy.end - 1 - (from + axis.innerFirst), step) + 1);
    if (d + 1 == m_axes.size()) {
      if (k < kEnd)
        copy.copier.line(copy.block + (from + k * step - copy.begin) * bytes, step * bytes, target + run->target + k * run->targetStep,
                         run->targetStep, kEnd - k);
      continue;
    }
    const bool plane = d + 2 == m_axes.size() && isSingleRun(m_axes[d + 1].runs);
    while (k < kEnd) {
      const std::int64_t at = from + k * step;
      std::byte* to = target + run->target + k * run->targetStep;
      const std::int64_t whole =
          plane && at + axis.innerFirst >= copy.begin ? std::min(kEnd, floorDiv(copy.end - (from + axis.innerEnd), step) + 1) - k : 0;
      if (whole > 0) {
        const SelectedRun& inner = m_axes[d + 1].runs[0];
        copy.copier.plane(copy.block + (at + inner.source - copy.begin) * bytes, step * bytes, inner.sourceStep * bytes, to + inner.target,
                          run->targetStep, inner.targetStep, whole, inner.count);
        k += whole;
      } else {
        gatherAxis(copy, d + 1, at, to);
        ++k;
      }
    }
  }
}

}  // namespace cubeloom
