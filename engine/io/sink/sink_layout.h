// SPDX-License-Identifier: GPL-3.0-or-later
// How an array of any dims becomes a raster of bands, rows and columns.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/access/sink.h"
#include "engine/array/array_spec.h"
#include "engine/array/block.h"
#include "engine/base/result.h"

namespace cubeloom {

/// The spatial pair makes rows and columns (without one: the last two dims); all other dims flatten to bands in their order, the last
/// one fastest. A 1-D array is one row.
struct RasterLayout {
  std::int64_t bands = 1, rows = 1, cols = 1;
  int yDim = -1, xDim = -1;
  std::vector<int> bandDims;
  /// Index along each band dim of band `band` (0-based).
  std::vector<std::int64_t> bandIndex(const ArraySpec& spec, std::int64_t band) const;
};
RasterLayout rasterLayout(const ArraySpec& spec);
/// The chunks that the request asks for, as sides that lie in the array; empty: it asks for none.
std::vector<std::int64_t> askedChunks(const SinkRequest& request);

/// A rectangle of one band and its pixels, `view` being [rows, cols].
struct BandPiece {
  std::int64_t band = 0, row = 0, col = 0;
  BlockView view;
  std::int64_t rows() const { return view.shape[0]; }
  std::int64_t cols() const { return view.shape[1]; }
};

/// A chunk as one piece of all its bands: `band` is 0, and `view` [rows, cols, dims that make the bands].
BandPiece pieceOfAllBands(const RasterLayout& layout, const Region& region, const BlockView& chunk);

/// A chunk as pieces, one per band it touches, in order of bands.
std::vector<BandPiece> bandPieces(const ArraySpec& spec, const RasterLayout& layout, const Region& region, const BlockView& chunk);

/// What bandPieces() of a chunk at `region` cover: a rectangle, the same in each of these bands.
struct BandRectangle {
  std::int64_t row = 0, col = 0, rows = 1, cols = 1;
  std::vector<std::int64_t> bands;
};
BandRectangle bandRectangle(const ArraySpec& spec, const RasterLayout& layout, const Region& region);

/// Internal unless `region` is one contiguous range per dim inside the array and `chunk` has its shape and the array's type.
Result<void> checkChunk(const ArraySpec& spec, const Region& region, const BlockView& chunk);

}  // namespace cubeloom
