// SPDX-License-Identifier: GPL-3.0-or-later
// Which pixels of an array a preview reads, and where each of them goes in the picture.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/preview/preview.h"

namespace cubeloom {

/// The pixels read (strictly increasing rows and columns), and which of them each picture pixel shows.
struct PreviewSampling {
  std::vector<std::int64_t> rows, cols;
  std::int64_t width = 0, height = 0;
  std::vector<std::int64_t> place;  ///< per picture pixel: row position * cols.size() + column position; -1: outside
  Bounds bounds;
  double decimation = 1;
  bool isEmpty() const { return rows.empty() || cols.empty(); }
};

/// A picture of at most `width` x `height` pixels of the part of `grid` inside `bounds`; empty where they do not meet. Every pixel shown is
/// the one under the centre of its picture pixel; on rotated grids, the nearest one of a lattice as fine as the picture.
PreviewSampling samplePreview(const PictureGrid& grid, const Bounds& bounds, std::int64_t width, std::int64_t height);

}  // namespace cubeloom
