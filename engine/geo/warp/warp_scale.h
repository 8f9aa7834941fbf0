// SPDX-License-Identifier: GPL-3.0-or-later
// How much a warp shrinks: one number per axis for the whole output, on which the width of kernels depends.
#pragma once

#include "engine/geo/warp/pixel_mapper.h"

namespace cubeloom {

/// Output pixels per source pixel; below 1 the warp shrinks.
struct WarpScale {
  double x = 1, y = 1;
};

/// As gdalwarp 3.6 finds it for an output warped as one chunk, for a kernel of `radius` source pixels.
/// Source: GDALWarpOperation::ComputeSourceWindow and GDALWarpKernel::PerformWarp.
WarpScale warpScale(const PixelMapper& mapper, int radius);

/// The mean of local scales all over the output, whatever part of it meets the source; 1 where nothing does.
WarpScale localScale(const PixelMapper& mapper);

/// Where the rectangle [col0, col1] x [row0, row1] of the output falls on the source, from samples of its edges and inside.
struct SourceExtent {
  double minCol = 0, maxCol = 0, minRow = 0, maxRow = 0;
  std::size_t failed = 0, samples = 0;
  double bendCol = 0, bendRow = 0;  ///< largest departure from a straight line between three neighbouring samples
  bool isEmpty() const { return failed == samples; }
};
/// `stepsX` x `stepsY` samples lie apart along the axes (at least 2); `inside`: not of the edges alone, and the bend is told.
/// `begin`: as if a source that is round began at that column.
SourceExtent sampleExtent(const PixelMapper& mapper, double col0, double col1, double row0, double row1, int stepsX, int stepsY,
                          bool inside, std::int64_t begin = 0);

}  // namespace cubeloom
