// SPDX-License-Identifier: GPL-3.0-or-later
// Which source pixels may touch an output pixel, for the sum: a box, from where the output pixel's outline falls on the source.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/geo/warp/pixel_mapper.h"
#include "engine/geo/warp/warp_scale.h"

namespace cubeloom {

struct MapPoint {
  double x = 0, y = 0;
};

/// Source pixels that may touch one output pixel; columns may run over either end of a source that runs around the Earth, but never
/// hold a pixel twice.
struct Candidates {
  std::int64_t firstRow = 0, endRow = 0, firstCol = 0, endCol = 0;
  bool isEmpty() const { return firstRow >= endRow || firstCol >= endCol; }
  std::size_t corners() const { return isEmpty() ? 0 : static_cast<std::size_t>((endRow - firstRow + 1) * (endCol - firstCol + 1)); }
};

class SumReach {
 public:
  SumReach(const PixelMapper& mapper, WarpScale scale);

  /// Some output pixel may hold a pole, and so see all columns of a source in degrees.
  bool seesPole() const;

  /// `outline`: the corners of the output pixel on the source, in turn; (inf, inf) where there is none, as beyond the Earth's edge.
  Candidates candidates(std::int64_t row, std::int64_t col, const std::array<MapPoint, 4>& outline) const;

 private:
  /// A pole of a source in degrees; `isPoint` when it is one on the output, not a line as on a cylinder.
  struct Pole {
    double row = 0;  ///< on the source
    bool isPoint = false;
    MapPoint output;
  };
  struct Extent {
    double left, right, top, bottom;
  };
  /// Points of the output pixel that have a place on the source, when not all of its corners do: the corners of its 4 x 4 parts, and where
  /// between two of those the Earth ends.
  std::vector<MapPoint> pointsOnEarth(std::int64_t row, std::int64_t col) const;
  /// Grows an extent of a source in degrees whose outline runs around a pole or touches it.
  void reachPole(const std::vector<MapPoint>& outline, Extent& extent) const;
  Candidates boxOf(const Extent& extent) const;

  const PixelMapper& m_mapper;
  WarpScale m_scale;
  std::array<Pole, 2> m_poles;
};

}  // namespace cubeloom
