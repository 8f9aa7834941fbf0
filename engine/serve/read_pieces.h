// SPDX-License-Identifier: GPL-3.0-or-later
// How a region is read: in pieces that fit, between which a cancel is heard.
#pragma once

#include <vector>

#include "engine/chain/graph.h"
#include "engine/serve/read_resources.h"
#include "engine/walk/shares.h"

namespace cubeloom {

/// What pieces may read more than the whole, all together.
constexpr double kReadsMoreInPieces = 1.5;
/// Read between two looks at the cancel token.
constexpr double kPieceReadBytes = 16.0 * 1024 * 1024;

/// How a region is evaluated: in pieces one after another, each by several threads.
struct PiecedRead {
  std::vector<Share> pieces;  ///< empty: as one
  Sharing sharing;
  double peakBytes = 0;  ///< of the most expensive piece, its output not counted
};

/// `room`: bytes for all but the output. Where no pieces fit, `peakBytes` says what the smallest that were found need.
Result<PiecedRead> piecesOf(const Graph& graph, int node, const Region& region, double room, ReadResources& resources);

}  // namespace cubeloom
