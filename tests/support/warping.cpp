// SPDX-License-Identifier: GPL-3.0-or-later
// Hands each piece the pixels of its need, packed.
#include "tests/support/warping.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace cubeloom::test {

PixelList pixelRange(std::int64_t first, std::int64_t count) {
  PixelList list(static_cast<std::size_t>(count));
  std::iota(list.begin(), list.end(), first);
  return list;
}

bool covers(const WarpNeed& bound, const WarpNeed& need) {
  const auto includes = [](const IndexSet& all, const IndexSet& some) {
    const auto outer = all.toVector(), inner = some.toVector();
    return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
  };
  return includes(bound.rows, need.rows) && includes(bound.cols, need.cols);
}

std::vector<std::byte> warpInPieces(const Warp& warp, const GeoBox& source, const GeoBox& target, PixelType type,
                                    const std::vector<std::byte>& pixels, std::optional<double> nodata, double fill, std::int64_t pieceRows,
                                    std::int64_t pieceCols) {
  const auto width = static_cast<std::int64_t>(pixelTypeBytes(type));
  std::vector<std::byte> out(static_cast<std::size_t>(target.rows() * target.cols() * width));
  std::vector<std::byte> held;
  for (std::int64_t row = 0; row < target.rows(); row += pieceRows)
    for (std::int64_t col = 0; col < target.cols(); col += pieceCols) {
      const std::int64_t rows = std::min(pieceRows, target.rows() - row), cols = std::min(pieceCols, target.cols() - col);
      const auto piece = warp.piece(pixelRange(row, rows), pixelRange(col, cols)).value();
      const PixelList fromRows = piece->need().rows.toVector(), fromCols = piece->need().cols.toVector();
      const auto needRows = static_cast<std::int64_t>(fromRows.size()), needCols = static_cast<std::int64_t>(fromCols.size());
      held.resize(static_cast<std::size_t>(needRows * needCols * width));
      std::byte* to = held.data();
      for (const std::int64_t r : fromRows)
        for (const std::int64_t c : fromCols) {
          std::memcpy(to, pixels.data() + (r * source.cols() + c) * width, static_cast<std::size_t>(width));
          to += width;
        }
      piece->apply(type, {held.data(), needRows, needCols, needCols * width, width},
                   {out.data() + (row * target.cols() + col) * width, rows, cols, target.cols() * width, width}, nodata, fill);
    }
  return out;
}

}  // namespace cubeloom::test
