// SPDX-License-Identifier: GPL-3.0-or-later
// Flattening of named dims to bands, rows and columns.
#include "engine/io/sink/sink_layout.h"

#include <algorithm>
#include <string>

namespace cubeloom {

std::vector<std::int64_t> askedChunks(const SinkRequest& request) {
  std::vector<std::int64_t> chunks = request.options.chunks;
  for (std::size_t d = 0; d < chunks.size(); ++d) {
    const std::int64_t size = request.spec.dims[d].size;
    chunks[d] = chunks[d] <= 0 ? size : std::min(chunks[d], size);
  }
  return chunks;
}

RasterLayout rasterLayout(const ArraySpec& spec) {
  RasterLayout layout;
  const int count = static_cast<int>(spec.dims.size());
  layout.yDim = spec.isSpatial() ? spec.yDim : count - 2;
  layout.xDim = spec.isSpatial() ? spec.xDim : count - 1;
  if (layout.yDim < 0) layout.yDim = -1;
  for (int d = 0; d < count; ++d) {
    const std::int64_t size = spec.dims[static_cast<std::size_t>(d)].size;
    if (d == layout.yDim) {
      layout.rows = size;
    } else if (d == layout.xDim) {
      layout.cols = size;
    } else {
      layout.bandDims.push_back(d);
      layout.bands *= size;
    }
  }
  return layout;
}

std::vector<std::int64_t> RasterLayout::bandIndex(const ArraySpec& spec, std::int64_t band) const {
  std::vector<std::int64_t> index(bandDims.size());
  for (std::size_t i = bandDims.size(); i-- > 0;) {
    const std::int64_t size = spec.dims[static_cast<std::size_t>(bandDims[i])].size;
    index[i] = band % size;
    band /= size;
  }
  return index;
}

BandPiece pieceOfAllBands(const RasterLayout& layout, const Region& region, const BlockView& chunk) {
  BandPiece piece{0, 0, 0, {chunk.data, chunk.type, {}, {}}};
  const auto add = [&](int d) {
    piece.view.shape.push_back(d < 0 ? 1 : chunk.shape[static_cast<std::size_t>(d)]);
    piece.view.strides.push_back(d < 0 ? 0 : chunk.strides[static_cast<std::size_t>(d)]);
  };
  add(layout.yDim);
  add(layout.xDim);
  for (const int d : layout.bandDims) add(d);
  if (layout.yDim >= 0) piece.row = region[static_cast<std::size_t>(layout.yDim)].first();
  if (layout.xDim >= 0) piece.col = region[static_cast<std::size_t>(layout.xDim)].first();
  return piece;
}

std::vector<BandPiece> bandPieces(const ArraySpec& spec, const RasterLayout& layout, const Region& region, const BlockView& chunk) {
  std::vector<BandPiece> pieces;
  if (chunk.count() == 0) return pieces;
  const auto extent = [&](int d) { return d < 0 ? std::int64_t{1} : chunk.shape[static_cast<std::size_t>(d)]; };
  const auto stride = [&](int d) { return d < 0 ? std::int64_t{0} : chunk.strides[static_cast<std::size_t>(d)]; };
  const auto first = [&](int d) { return d < 0 ? std::int64_t{0} : region[static_cast<std::size_t>(d)].first(); };
  std::vector<std::int64_t> index(layout.bandDims.size(), 0);
  while (true) {
    BandPiece piece;
    piece.row = first(layout.yDim);
    piece.col = first(layout.xDim);
    piece.view = {chunk.data, chunk.type, {extent(layout.yDim), extent(layout.xDim)}, {stride(layout.yDim), stride(layout.xDim)}};
    for (std::size_t i = 0; i < index.size(); ++i) {
      const int d = layout.bandDims[i];
      piece.band = piece.band * spec.dims[static_cast<std::size_t>(d)].size + first(d) + index[i];
      piece.view.data += index[i] * stride(d);
    }
    pieces.push_back(std::move(piece));
    std::size_t i = index.size();
    while (i-- > 0) {
      if (++index[i] < extent(layout.bandDims[i])) break;
      index[i] = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return pieces;
  }
}

BandRectangle bandRectangle(const ArraySpec& spec, const RasterLayout& layout, const Region& region) {
  BandRectangle all;
  const auto set = [&region](int d, std::int64_t& first, std::int64_t& count) {
    if (d < 0) return;
    first = region[static_cast<std::size_t>(d)].first();
    count = region[static_cast<std::size_t>(d)].count();
  };
  set(layout.yDim, all.row, all.rows);
  set(layout.xDim, all.col, all.cols);
  all.bands = {0};
  for (const int d : layout.bandDims) {
    const IndexSet& indices = region[static_cast<std::size_t>(d)];
    std::vector<std::int64_t> longer;
    for (const std::int64_t band : all.bands)
      for (std::int64_t i = 0; i < indices.count(); ++i)
        longer.push_back(band * spec.dims[static_cast<std::size_t>(d)].size + indices.at(i));
    all.bands = std::move(longer);
  }
  return all;
}

Result<void> checkChunk(const ArraySpec& spec, const Region& region, const BlockView& chunk) {
  if (region.size() != spec.dims.size() || chunk.shape != regionShape(region) || chunk.type != spec.type)
    return fail(ErrorCode::Internal, "a chunk of " + std::string(pixelTypeName(chunk.type)) + " with " +
                                         std::to_string(chunk.shape.size()) + " dims does not match its place in the array to be written");
  for (std::size_t d = 0; d < region.size(); ++d) {
    if (region[d].isEmpty()) continue;
    if (!region[d].isContiguous() || region[d].min() < 0 || region[d].max() >= spec.dims[d].size)
      return fail(ErrorCode::Internal, "a chunk leaves dim '" + spec.dims[d].name + "' of " + std::to_string(spec.dims[d].size) +
                                           " elements or is not contiguous in it");
  }
  return {};
}

}  // namespace cubeloom
