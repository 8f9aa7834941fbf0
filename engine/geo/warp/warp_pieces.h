// SPDX-License-Identifier: GPL-3.0-or-later
// The kinds of WarpPiece: one per family of kernels.
#pragma once

#include <memory>

#include "engine/geo/warp/pixel_mapper.h"
#include "engine/geo/warp/warp_scale.h"

namespace cubeloom {

using PiecePtr = std::unique_ptr<WarpPiece>;

struct PixelTap;
template <class Tap>
struct TapGrid;

/// One source pixel per output pixel, as the taps say, which are numbered within `need`.
PiecePtr makeGatherPiece(TapGrid<PixelTap> taps, WarpNeed need);
PiecePtr makeNearestPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols);
/// Bilinear on 2 x 2 pixels; cubic on 4 x 4, which falls back to bilinear at edges and beside nodata.
PiecePtr makePointPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, bool isCubic);
/// Bilinear, cubic, cubicspline and lanczos, as wide as `scale` asks for.
PiecePtr makeKernelPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, Resampling method, WarpScale scale);
/// Average, rms, mode, min, max, median and quartiles of the pixels that an output pixel covers; their sum when the map is separable.
PiecePtr makeAreaPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, Resampling method, WarpScale scale);
/// Sum of the covered pixels, each by the share of its area, for maps that bend or turn; `scale` is the local one.
PiecePtr makeSumPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, WarpScale scale);

/// Bound of what that takes beyond two words per output pixel.
double sumPieceBytes(const PixelMapper& mapper, std::size_t rows, std::size_t cols, WarpScale scale);

/// The scales that the pieces of one output share.
struct WarpScales {
  WarpScale kernel, local;
};
WarpScales warpScales(const PixelMapper& mapper, const WarpOptions& options);

/// The piece of the family that `options` asks for at these scales.
PiecePtr makePiece(const PixelMapper& mapper, const WarpOptions& options, const WarpScales& scales, const PixelList& rows,
                   const PixelList& cols);
/// At least the bytes that making and holding a piece of that many rows and columns takes.
std::size_t pieceBytesBound(const PixelMapper& mapper, const WarpOptions& options, const WarpScales& scales, std::size_t rows,
                            std::size_t cols);

bool isAreaMethod(Resampling method);
/// How far along an axis a piece takes pixels beyond those under it; `scale` is the kernel's.
double pieceReach(const WarpOptions& options, double scale);

/// The kernel's reach in source pixels without widening.
int kernelRadius(Resampling method);
/// The most pixels it takes along an axis, widened by `scale`.
int kernelTaps(Resampling method, double scale);

}  // namespace cubeloom
