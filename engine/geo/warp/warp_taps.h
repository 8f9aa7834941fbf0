// SPDX-License-Identifier: GPL-3.0-or-later
// Which source pixels each output pixel takes, per axis: computed once per piece, applied to every plane.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "engine/geo/warp/pixel_mapper.h"

namespace cubeloom {

/// First index of a tap that takes nothing.
inline constexpr std::int32_t kNoTap = std::numeric_limits<std::int32_t>::min();

/// Nearest: one pixel.
struct PixelTap {
  std::int32_t first = kNoTap;
};

/// Between pixels `first` and `first` + 1 (which may be -1 and 0, or the last and one beyond: the edge counts twice), `delta` of the way.
/// `isRound`: beyond the last pixel follows the first.
struct PointTap {
  std::int32_t first = kNoTap;
  bool isRound = false;
  double delta = 0;
};

/// The same with one more pixel on either side, where the axis has both.
struct CubicTap : PointTap {};

/// `count` pixels weighted by a kernel, the weights from `weights` on in a table beside; `centre` is the pixel below the sample itself.
/// They may run over the last pixel on to the first (a whole globe).
struct KernelTap {
  std::int32_t first = kNoTap, count = 0, centre = 0;
  double sum = 0;
  std::size_t weights = 0;
};

/// `count` pixels that the output pixel covers, the outer two partly. A span may run over the last pixel on to the first (a whole globe).
struct SpanTap {
  std::int32_t first = kNoTap, count = 0;
  double firstWeight = 1, lastWeight = 1;
};

/// The taps of a piece. Separable: one per column in `x` and one per row in `y`; otherwise one of each per pixel, row by row.
template <class Tap>
struct TapGrid {
  std::size_t rows = 0, cols = 0;
  bool isSeparable = false;
  std::vector<Tap> x, y;

  const Tap* xOfRow(std::size_t i) const { return x.data() + (isSeparable ? 0 : i * cols); }
  const Tap* yOfRow(std::size_t i) const { return y.data() + (isSeparable ? i : i * cols); }
  std::size_t yStep() const { return isSeparable ? 0 : 1; }
  std::size_t bytes() const { return (x.capacity() + y.capacity()) * sizeof(Tap); }
};

/// The pixels between the first and the last one used of an axis of `size`.
class AxisRange {
 public:
  explicit AxisRange(std::int64_t size) : m_size(size), m_begin(size) {}
  /// Pixels [first, first + count), clipped to the axis.
  void mark(std::int64_t first, std::int64_t count) {
    const std::int64_t begin = std::clamp<std::int64_t>(first, 0, m_size);
    const std::int64_t end = std::clamp<std::int64_t>(first + count, begin, m_size);
    if (begin == end) return;
    if (m_begin < m_end && (begin > m_end || end < m_begin)) m_hasGaps = true;
    m_begin = std::min(m_begin, begin);
    m_end = std::max(m_end, end);
  }
  std::int64_t begin() const { return m_begin; }
  std::int64_t end() const { return std::max(m_begin, m_end); }
  /// Whether a pixel in between may be unused: some mark did not touch those before it.
  bool hasGaps() const { return m_hasGaps; }

 private:
  std::int64_t m_size, m_begin, m_end = 0;
  bool m_hasGaps = false;
};

/// Numbers the pixels of a range: all of them, unless there are gaps; then those that are marked.
class AxisUse {
 public:
  explicit AxisUse(const AxisRange& range) : m_begin(range.begin()), m_end(range.end()) {
    if (range.hasGaps()) m_changes.resize(static_cast<std::size_t>(m_end - m_begin) + 1);
  }

  /// Pixels [first, first + count), clipped to the range.
  void mark(std::int64_t first, std::int64_t count) {
    if (m_changes.empty()) return;
    const auto size = static_cast<std::int64_t>(m_changes.size()) - 1;
    const std::int64_t begin = std::clamp<std::int64_t>(first - m_begin, 0, size);
    const std::int64_t end = std::clamp<std::int64_t>(first + count - m_begin, begin, size);
    ++m_changes[static_cast<std::size_t>(begin)];
    --m_changes[static_cast<std::size_t>(end)];
  }
  /// The used pixels, increasing. Afterwards `position` may be asked; no more marks.
  IndexSet number();
  /// Place of a used pixel in the list.
  std::int32_t position(std::int64_t pixel) const {
    return m_changes.empty() ? static_cast<std::int32_t>(pixel - m_begin) : m_changes[static_cast<std::size_t>(pixel - m_begin)];
  }

 private:
  std::int64_t m_begin, m_end;
  std::vector<std::int32_t> m_changes;  ///< none without gaps
};

inline IndexSet AxisUse::number() {
  if (m_changes.empty()) return IndexSet::range(m_begin, m_end - m_begin);
  PixelList used;
  std::int32_t depth = 0;
  for (std::size_t i = 0; i + 1 < m_changes.size(); ++i) {
    depth += m_changes[i];
    m_changes[i] = static_cast<std::int32_t>(used.size());
    if (depth > 0) used.push_back(m_begin + static_cast<std::int64_t>(i));
  }
  return IndexSet::list(std::move(used));
}

// What each tap uses of an axis of `size` pixels, and its renumbering to what the piece holds.

template <class Use>
void markTap(const PixelTap& tap, Use& use, std::int64_t) {
  use.mark(tap.first, 1);
}
inline void renumberTap(PixelTap& tap, const AxisUse& use) { tap.first = use.position(tap.first); }

/// Pixels [first, first + count) of an axis whose ends meet.
template <class Use>
void markRound(std::int64_t first, std::int64_t count, Use& use, std::int64_t size) {
  use.mark(first, count);
  if (first < 0) use.mark(first + size, -first);
  if (first + count > size) use.mark(0, first + count - size);
}

template <class Use>
void markTap(const PointTap& tap, Use& use, std::int64_t size) {
  if (tap.isRound) {
    markRound(tap.first, 2, use, size);
  } else {
    use.mark(tap.first, 2);
  }
}
template <class Use>
void markTap(const CubicTap& tap, Use& use, std::int64_t size) {
  if (tap.isRound) {
    markRound(tap.first - 1, 4, use, size);
  } else if (tap.first >= 1 && tap.first + 2 < size) {
    use.mark(tap.first - 1, 4);
  } else {
    use.mark(tap.first, 2);
  }
}
inline void renumberTap(PointTap& tap, const AxisUse& use) { tap.first = tap.first < 0 ? use.position(0) - 1 : use.position(tap.first); }

template <class Use>
void markTap(const KernelTap& tap, Use& use, std::int64_t size) {
  markRound(tap.first, tap.count, use, size);
}
inline void renumberTap(KernelTap& tap, const AxisUse& use) {
  tap.centre = use.position(tap.centre);
  tap.first = use.position(tap.first);
}

template <class Use>
void markTap(const SpanTap& tap, Use& use, std::int64_t size) {
  markRound(tap.first, tap.count, use, size);
}
inline void renumberTap(SpanTap& tap, const AxisUse& use) { tap.first = use.position(tap.first); }

/// Numbers the pixels that `taps` use of an axis of `size`, which it returns, and renumbers the taps to them.
template <class Tap>
IndexSet renumberTaps(std::vector<Tap>& taps, std::int64_t size) {
  const auto eachUsed = [&taps](auto&& visit) {
    for (Tap& tap : taps)
      if (tap.first != kNoTap) visit(tap);
  };
  AxisRange range(size);
  eachUsed([&](const Tap& tap) { markTap(tap, range, size); });
  AxisUse use(range);
  eachUsed([&](const Tap& tap) { markTap(tap, use, size); });
  IndexSet pixels = use.number();
  eachUsed([&](Tap& tap) { renumberTap(tap, use); });
  return pixels;
}

/// Renumbers both axes' taps from source pixels to places in what they need of the source, which is returned.
template <class Tap>
WarpNeed numberTaps(TapGrid<Tap>& grid, std::int64_t sourceRows, std::int64_t sourceCols) {
  const auto used = [](const Tap& tap) { return tap.first != kNoTap; };
  if (!std::any_of(grid.x.begin(), grid.x.end(), used) || !std::any_of(grid.y.begin(), grid.y.end(), used)) {
    std::fill(grid.x.begin(), grid.x.end(), Tap());
    std::fill(grid.y.begin(), grid.y.end(), Tap());
  }
  WarpNeed need;
  need.cols = renumberTaps(grid.x, sourceCols);
  need.rows = renumberTaps(grid.y, sourceRows);
  return need;
}

/// Makes the taps of a piece. `tapOf(axis, low, high)` (axis 0: x) gives the tap for a sample at `low`, or for the footprint from `low` to
/// `high` when `kind` says so; it works in source pixels, which are renumbered to `need` here.
enum class SampleKind { Centre, Footprint };

template <class Tap, class TapOf>
TapGrid<Tap> makeTaps(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, SampleKind kind, WarpNeed& need,
                      TapOf&& tapOf) {
  TapGrid<Tap> grid{rows.size(), cols.size(), mapper.isSeparable(), {}, {}};
  const bool isFootprint = kind == SampleKind::Footprint;
  const double shift = isFootprint ? 0.0 : 0.5;
  if (grid.isSeparable) {
    for (const std::int64_t col : cols) {
      const double low = mapper.sourceCol(static_cast<double>(col) + shift);
      grid.x.push_back(tapOf(0, low, isFootprint ? mapper.sourceCol(static_cast<double>(col) + 1) : low));
    }
    for (const std::int64_t row : rows) {
      const double low = mapper.sourceRow(static_cast<double>(row) + shift);
      grid.y.push_back(tapOf(1, low, isFootprint ? mapper.sourceRow(static_cast<double>(row) + 1) : low));
    }
  } else {
    grid.x.resize(rows.size() * cols.size());
    grid.y.resize(grid.x.size());
    std::vector<double> lowX, lowY;  // of a footprint, until its far corner is known
    if (isFootprint) {
      lowX.resize(grid.x.size());
      lowY.resize(grid.x.size());
      mapper.mapRows(rows, cols, 0, [&](std::size_t i, const double* x, const double* y) {
        std::copy_n(x, cols.size(), lowX.begin() + static_cast<std::ptrdiff_t>(i * cols.size()));
        std::copy_n(y, cols.size(), lowY.begin() + static_cast<std::ptrdiff_t>(i * cols.size()));
      });
    }
    mapper.mapRows(rows, cols, isFootprint ? 1.0 : 0.5, [&](std::size_t i, const double* x, const double* y) {
      for (std::size_t j = 0; j < cols.size(); ++j) {
        const std::size_t k = i * cols.size() + j;
        const double fromX = isFootprint ? lowX[k] : x[j], fromY = isFootprint ? lowY[k] : y[j];
        if (std::isinf(x[j]) || std::isinf(fromX)) continue;
        const Tap tapX = tapOf(0, fromX, x[j]);
        const Tap tapY = tapOf(1, fromY, y[j]);
        if (tapX.first == kNoTap || tapY.first == kNoTap) continue;
        grid.x[k] = tapX;
        grid.y[k] = tapY;
      }
    });
  }

  need = numberTaps(grid, mapper.sourceRows(), mapper.sourceCols());
  return grid;
}

}  // namespace cubeloom
