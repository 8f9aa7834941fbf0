// SPDX-License-Identifier: GPL-3.0-or-later
// Which family of kernels a warp takes its pieces from, and what a piece may hold.
#include "engine/geo/warp/warp_pieces.h"

#include <cmath>

#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

/// Kernels that widen use one scale per axis for the whole output; the plain ones never widen.
WarpScale kernelScale(const WarpOptions& options, const WarpScales& scales) { return options.plainKernel ? WarpScale{} : scales.kernel; }

/// Bilinear and cubic that hardly shrink take 2 x 2 and 4 x 4 pixels.
bool isPointKernel(Resampling method, WarpScale scale) {
  return (method == Resampling::Bilinear || method == Resampling::Cubic) && scale.x >= 0.95 && scale.y >= 0.95;
}

}  // namespace

bool isAreaMethod(Resampling method) { return method != Resampling::Nearest && kernelRadius(method) == 0; }

WarpScales warpScales(const PixelMapper& mapper, const WarpOptions& options) {
  WarpScales scales{warpScale(mapper, kernelRadius(options.method)), {}};
  if (options.method == Resampling::Sum) scales.local = localScale(mapper);
  return scales;
}

PiecePtr makePiece(const PixelMapper& mapper, const WarpOptions& options, const WarpScales& scales, const PixelList& rows,
                   const PixelList& cols) {
  const Resampling method = options.method;
  if (method == Resampling::Nearest) return makeNearestPiece(mapper, rows, cols);
  if (method == Resampling::Sum && !mapper.isSeparable()) return makeSumPiece(mapper, rows, cols, scales.local);
  if (isAreaMethod(method)) return makeAreaPiece(mapper, rows, cols, method, scales.kernel);
  const WarpScale scale = kernelScale(options, scales);
  if (isPointKernel(method, scale)) return makePointPiece(mapper, rows, cols, method == Resampling::Cubic);
  return makeKernelPiece(mapper, rows, cols, method, scale);
}

std::size_t pieceBytesBound(const PixelMapper& mapper, const WarpOptions& options, const WarpScales& scales, std::size_t rows,
                            std::size_t cols) {
  const Resampling method = options.method;
  const WarpScale scale = kernelScale(options, scales);
  const bool isSeparable = mapper.isSeparable();
  // Per axis: one tap and its weights for each pixel, or for each row and column when separable.
  double tapX = sizeof(SpanTap), tapY = sizeof(SpanTap);
  if (method == Resampling::Nearest) {
    tapX = tapY = sizeof(PixelTap);
  } else if (isPointKernel(method, scale)) {
    tapX = tapY = sizeof(PointTap);
  } else if (!isAreaMethod(method)) {
    tapX = sizeof(KernelTap) + sizeof(double) * kernelTaps(method, scale.x);
    tapY = sizeof(KernelTap) + sizeof(double) * kernelTaps(method, scale.y);
  }
  const auto pixels = static_cast<double>(rows) * static_cast<double>(cols);
  double bytes = isSeparable ? tapX * static_cast<double>(cols) + tapY * static_cast<double>(rows) : (tapX + tapY) * pixels;
  if (isAreaMethod(method) && !isSeparable) bytes += 2 * sizeof(double) * pixels;  // the first corners, while the taps are made
  if (method == Resampling::Sum && !isSeparable) bytes += sumPieceBytes(mapper, rows, cols, scales.local);
  // The axes' marks, the list of what is needed, and a mean's sums.
  bytes += 28.0 * static_cast<double>(mapper.sourceRows() + mapper.sourceCols());
  return static_cast<std::size_t>(bytes) + 65536;
}

double pieceReach(const WarpOptions& options, double scale) {
  if (isAreaMethod(options.method)) return 1;
  const double radius = kernelRadius(options.method);
  return options.plainKernel || scale >= 1 ? radius : std::ceil(radius / scale);
}

}  // namespace cubeloom
