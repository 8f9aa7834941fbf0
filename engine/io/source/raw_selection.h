// SPDX-License-Identifier: GPL-3.0-or-later
// Which elements of a dense row-major array a region selects, in file order, and where each of them goes in memory.
// Reading and its cost share this one planner, so that what is announced is what is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/array/region.h"
#include "engine/array/selected_runs.h"

namespace cubeloom {

/// Immutable after construction.
class RawSelection {
 public:
  /// Shorter gaps between selected elements are read through when the stretches beside them are short.
  static constexpr std::int64_t kGapBytes = std::int64_t{32} << 10;
  /// Stretches at least this long are read on their own: no gap is read through.
  static constexpr std::int64_t kLongStretchBytes = std::int64_t{32} << 10;

  /// `targetStrides` in bytes, one per dim.
  RawSelection(const std::vector<std::int64_t>& shape, const Region& region, std::size_t elementBytes,
               const std::vector<std::int64_t>& targetStrides);
  /// The same from the runs along each dim, sources being indices: a part of a region. No dim is without runs.
  RawSelection(const std::vector<std::int64_t>& shape, std::vector<std::vector<SelectedRun>> runs, std::size_t elementBytes);

  bool isEmpty() const { return m_empty; }

  /// Calls `f(firstElement, elementCount)` for each extent to be read, increasing and apart, until it returns false.
  template <class F>
  void forEachExtent(F&& f) const {
    Merger<F> merger{f, m_gapElements};
    if (!m_empty && visit(0, m_sourceBase, merger)) merger.flush();
  }

  /// How many extents there are, and how many elements they hold together; as forEachExtent() would count them, without visiting each.
  struct Total {
    std::int64_t extents = 0, elements = 0;
  };
  Total total() const;

  /// Copies the selected elements among [first, first + count), which `block` holds, to their places from `target`;
  /// `swapped` reverses the bytes of each `unitBytes`.
  void gather(const std::byte* block, std::int64_t first, std::int64_t count, std::byte* target, bool swapped, std::size_t unitBytes) const;

  /// One long stretch after the other goes to contiguous memory: no scratch is needed. The number of elements of each, else nothing.
  std::optional<std::int64_t> directStretch() const;
  /// With directStretch(): calls `f(firstElement, targetByte)` for each stretch in file order until it returns false.
  template <class F>
  void forEachDirect(F&& f) const {
    direct(0, m_sourceBase, m_targetBase, f);
  }

 private:
  struct Axis {
    std::vector<SelectedRun> runs;              ///< by increasing source
    std::int64_t innerFirst = 0, innerEnd = 1;  ///< what one index covers below this axis, in elements
    bool innerSolid = true;                     ///< and whether that is a single extent
  };
  struct Copy;

  template <class F>
  struct Merger {
    F& f;
    std::int64_t gap;
    std::int64_t begin = -1, end = -1;
    bool add(std::int64_t from, std::int64_t to) {
      if (begin >= 0 && from - end <= gap) {
        end = end < to ? to : end;
        return true;
      }
      const bool more = begin < 0 || f(begin, end - begin);
      begin = from;
      end = to;
      return more;
    }
    bool flush() { return begin < 0 || f(begin, end - begin); }
  };

  template <class M>
  bool visit(std::size_t d, std::int64_t base, M& merger) const {
    if (d == m_axes.size()) return merger.add(base, base + 1);
    const Axis& axis = m_axes[d];
    for (const SelectedRun& run : axis.runs) {
      const std::int64_t from = base + run.source;
      const std::int64_t last = base + run.lastSource();
      if (axis.innerSolid && run.sourceStep - (axis.innerEnd - axis.innerFirst) <= m_gapElements) {
        if (!merger.add(from + axis.innerFirst, last + axis.innerEnd)) return false;
        continue;
      }
      for (std::int64_t at = from; at <= last; at += run.sourceStep)
        if (!(axis.innerSolid ? merger.add(at + axis.innerFirst, at + axis.innerEnd) : visit(d + 1, at, merger))) return false;
    }
    return true;
  }

  template <class F>
  bool direct(std::size_t d, std::int64_t source, std::int64_t target, F& f) const {
    if (d + 1 >= m_axes.size()) return f(source + m_axes.back().runs[0].source, target + m_axes.back().runs[0].target);
    for (const SelectedRun& run : m_axes[d].runs)
      for (std::int64_t k = 0; k < run.count; ++k)
        if (!direct(d + 1, source + run.source + k * run.sourceStep, target + run.target + k * run.targetStep, f)) return false;
    return true;
  }

  Total totalBelow(std::size_t d) const;
  void gatherAxis(const Copy& copy, std::size_t d, std::int64_t base, std::byte* target) const;
  void arrange(const std::vector<std::int64_t>& shape, std::vector<std::vector<SelectedRun>> runs);
  void describeInner();
  bool hasRepeats() const;

  std::vector<Axis> m_axes;  ///< outermost first; single indices are folded into the bases
  std::int64_t m_sourceBase = 0, m_targetBase = 0;
  std::int64_t m_gapElements = 0;
  std::size_t m_elementBytes;
  bool m_empty = false;
};

}  // namespace cubeloom
