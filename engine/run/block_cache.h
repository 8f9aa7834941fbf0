// SPDX-License-Identifier: GPL-3.0-or-later
// Decoded blocks in memory, shared by the workers of a stage: what several chunks need is decoded once.
#pragma once

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "engine/array/chunk_grid.h"
#include "engine/array/chunk_parts.h"
#include "engine/plan/plan.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

/// Holds at most the planned bytes, giving up what was used least recently; where nothing can be given up, a read goes to its source.
/// Pixels do not depend on it. Thread-safe; while one thread decodes a block, others do what else they have to and then wait for it.
class BlockCache final : public SourceReader {
 public:
  BlockCache(const Graph& graph, const KeptBlocks& kept);
  Result<void> read(int node, Source& source, const Region& region, const BlockView& to, ReadContext& context) override;

 private:
  using Key = std::pair<int, std::int64_t>;  ///< node, number of the block
  using Values = std::shared_ptr<const Buffer>;
  struct Entry {
    Values values;  ///< null while it is decoded
    std::list<Key>::iterator used;
  };
  enum class IfBusy { Wait, Leave };
  struct Found {
    Values values;  ///< null: see below
    bool isBusy = false;
  };

  Result<Found> find(const Key& key, const ChunkGrid& blocks, Source& source, IfBusy ifBusy, ReadContext& context);
  bool makeRoom(std::size_t bytes);
  Result<Values> decode(const Key& key, const ChunkGrid& blocks, Source& source, ReadContext& context);

  std::map<int, ChunkGrid> m_blocks;  ///< per node
  const std::size_t m_mostBytes;
  BufferPool m_pool;
  std::mutex m_mutex;  ///< guards all below
  std::condition_variable m_decoded;
  std::map<Key, Entry> m_entries;
  std::list<Key> m_used;  ///< least recently first
  std::size_t m_bytes = 0;
};

}  // namespace cubeloom
