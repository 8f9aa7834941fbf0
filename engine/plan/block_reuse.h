// SPDX-License-Identifier: GPL-3.0-or-later
// How often the chunks of a stage come back to the same stored blocks, and how much memory it takes to decode each of them once.
#pragma once

#include <vector>

#include "engine/array/chunk_grid.h"
#include "engine/plan/plan.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

/// What the blocks of one open node are to a stage.
struct NodeReuse {
  int node = -1;
  ChunkGrid blocks;                  ///< as stored
  double blockBytes = 0;             ///< decoded, as a buffer holds it
  double touches = 0;                ///< how often chunks need a block
  double onceBytes = 0;              ///< stored bytes of the blocks that are needed
  double onceDecodedBytes = 0;       ///< the same decoded
  std::vector<std::int64_t> needed;  ///< their numbers, ascending
  Region widest;                     ///< the largest region that one read asks for
  std::vector<Region> reads;         ///< in order
  /// Elements that all reads take when they can take pieces of this shape.
  double pieceElements(const std::vector<std::int64_t>& piece) const;
};

/// One more time that a block is needed.
struct BlockReturn {
  double keptBytes = 0;  ///< what least-recently-used memory must hold for it to be still there, were it one chunk after the other
  double storedBytes = 0, decodedBytes = 0;
  int node = -1;
  bool isByAnother = false;  ///< by another chunk than the last time
};

struct BlockReuse {
  std::vector<NodeReuse> nodes;  ///< only those to whose blocks chunks come back
  std::vector<BlockReturn> returns;
  double chunkBytes = 0;  ///< most that one chunk (or part of one) needs of decoded blocks
};

/// Walks the chunks of `stage` in their order: all of them up to some thousand, beyond that rows of them; beyond some hundred thousand
/// blocks, groups of blocks. Nothing is read.
Result<BlockReuse> surveyReuse(const Graph& graph, const Stage& stage);

}  // namespace cubeloom
