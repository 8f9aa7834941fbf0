// SPDX-License-Identifier: GPL-3.0-or-later
// Whole rasters in memory through the engine's warp, cut into pieces at will.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/geo/warp/warp.h"

namespace cubeloom::test {

/// first, first + 1, ...
PixelList pixelRange(std::int64_t first, std::int64_t count);

/// Whether every row and every column of `need` is one of `bound`'s.
bool covers(const WarpNeed& bound, const WarpNeed& need);

/// `pixels` are the source's, [row, col], of `type`; the answer is the target's. Each piece is given nothing but the rows and columns that
/// it says it needs.
std::vector<std::byte> warpInPieces(const Warp& warp, const GeoBox& source, const GeoBox& target, PixelType type,
                                    const std::vector<std::byte>& pixels, std::optional<double> nodata, double fill, std::int64_t pieceRows,
                                    std::int64_t pieceCols);

}  // namespace cubeloom::test
