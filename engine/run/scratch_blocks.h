// SPDX-License-Identifier: GPL-3.0-or-later
// Decoded blocks on disk: each is decoded once and cut into the pieces that chunks will ask for, as rechunker and cubed do it.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/array/chunk_grid.h"
#include "engine/plan/plan.h"
#include "engine/run/scratch_file.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

/// First fill() for each of count(), then read(). A block that could not be decoded is read from its source when it is needed, so that its
/// failure is that of the chunk. Both are thread-safe.
class ScratchBlocks final : public SourceReader {
 public:
  static Result<std::unique_ptr<ScratchBlocks>> create(const Graph& graph, const KeptBlocks& kept);

  std::int64_t count() const { return static_cast<std::int64_t>(m_tasks.size()); }
  /// Decodes and stores a block; `context.bytesRead` grows by what that read. Fails when canceled or when the disk does.
  Result<void> fill(std::int64_t task, ReadContext& context);
  Result<void> read(int node, Source& source, const Region& region, const BlockView& to, ReadContext& context) override;

 private:
  struct Kept {
    int node = -1;
    std::shared_ptr<Source> source;
    ChunkGrid blocks, pieces;
    std::vector<std::int64_t> slotSteps;  ///< per dim: how far the next piece lies, in pieces
    std::int64_t offset = 0, pieceBytes = 0;
    std::unordered_map<std::int64_t, char> isThere;  ///< for each block of the plan
  };
  struct Task {
    std::size_t kept = 0;
    std::int64_t block = 0;
  };
  explicit ScratchBlocks(ScratchFile file) : m_file(std::move(file)) {}
  Result<void> store(const Kept& kept, const Region& region, const BlockView& values, BufferPool& pool) const;

  ScratchFile m_file;
  std::vector<Kept> m_kept;
  std::vector<Task> m_tasks;
};

}  // namespace cubeloom
