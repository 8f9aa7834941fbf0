// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/block_cache.h"

#include <algorithm>

#include "engine/base/guard.h"

namespace cubeloom {
namespace {

/// The stored blocks of an array; no larger than it.
ChunkGrid blocksOf(const Source& source) {
  std::vector<std::int64_t> block = source.decodedBlock();
  const std::vector<std::int64_t> shape = source.spec().shape();
  for (std::size_t d = 0; d < block.size(); ++d) block[d] = std::min(block[d], shape[d]);
  return {shape, block};
}

std::size_t roundedBlockBytes(const ChunkGrid& blocks, PixelType type) {
  std::size_t bytes = pixelTypeBytes(type);
  for (const std::int64_t side : blocks.chunkShape()) bytes *= static_cast<std::size_t>(side);
  return BufferPool::roundedBytes(bytes);
}

}  // namespace

BlockCache::BlockCache(const Graph& graph, const KeptBlocks& kept) : m_mostBytes(static_cast<std::size_t>(kept.memoryBytes)) {
  for (const KeptNode& node : kept.nodes)
    m_blocks.emplace(node.node, blocksOf(*graph.nodes[static_cast<std::size_t>(node.node)].operation->source()));
}

Result<void> BlockCache::read(int node, Source& source, const Region& region, const BlockView& to, ReadContext& context) {
  const auto known = m_blocks.find(node);
  if (known == m_blocks.end() || regionCount(region) == 0) return source.read(region, to, context);
  const ChunkGrid& blocks = known->second;
  const auto dims = chunkParts(region, blocks.chunkShape(), blocks.shape(), to.strides);
  std::vector<std::vector<const ChunkPart*>> waiting;
  forEachChunk(dims, [&](const std::vector<const ChunkPart*>& place) {
    waiting.push_back(place);
    return true;
  });
  const std::size_t elementBytes = pixelTypeBytes(to.type);
  // First what is there or nobody works at, then what others were decoding meanwhile.
  for (const IfBusy ifBusy : {IfBusy::Leave, IfBusy::Wait}) {
    std::vector<std::vector<const ChunkPart*>> busy;
    for (auto& place : waiting) {
      std::int64_t number = 0;
      for (std::size_t d = 0; d < place.size(); ++d) number = number * blocks.gridShape()[d] + place[d]->chunk;
      auto found = find({node, number}, blocks, source, ifBusy, context);
      if (!found) return fail(std::move(found.error()));
      if (found->isBusy) {
        busy.push_back(std::move(place));
        continue;
      }
      // No room: then the source has to be read for it, as if nothing were kept.
      if (!found->values) return source.read(region, to, context);
      const std::vector<std::int64_t> strides = denseStrides(regionShape(blocks.region(number)), elementBytes);
      copyChunkPart({elementBytes, 0}, place, found->values->data(), strides, to.data);
    }
    waiting = std::move(busy);
  }
  return {};
}

Result<BlockCache::Found> BlockCache::find(const Key& key, const ChunkGrid& blocks, Source& source, IfBusy ifBusy, ReadContext& context) {
  {
    std::unique_lock lock(m_mutex);
    while (true) {
      const auto entry = m_entries.find(key);
      if (entry == m_entries.end()) break;
      if (entry->second.values) {
        m_used.splice(m_used.end(), m_used, entry->second.used);
        return Found{entry->second.values};
      }
      if (ifBusy == IfBusy::Leave) return Found{{}, true};
      m_decoded.wait(lock);
    }
    const std::size_t bytes = roundedBlockBytes(blocks, source.spec().type);
    if (!makeRoom(bytes)) return Found{};
    const auto used = m_used.insert(m_used.end(), key);
    m_entries[key] = {nullptr, used};
    m_bytes += bytes;
  }
  // Whatever happens, those who wait for the block have to hear of it.
  auto values = guarded([&] { return decode(key, blocks, source, context); });
  const std::lock_guard lock(m_mutex);
  m_decoded.notify_all();
  const auto entry = m_entries.find(key);
  if (!values) {
    m_bytes -= roundedBlockBytes(blocks, source.spec().type);
    m_used.erase(entry->second.used);
    m_entries.erase(entry);
    return fail(std::move(values.error()));
  }
  entry->second.values = *values;
  return Found{std::move(*values)};
}

/// Under the lock. False: all that is held is in use or being decoded.
bool BlockCache::makeRoom(std::size_t bytes) {
  for (auto key = m_used.begin(); m_bytes + bytes > m_mostBytes && key != m_used.end();) {
    const auto entry = m_entries.find(*key);
    if (!entry->second.values || entry->second.values.use_count() > 1) {
      ++key;
      continue;
    }
    m_bytes -= entry->second.values->size();
    m_entries.erase(entry);
    key = m_used.erase(key);
  }
  return m_bytes + bytes <= m_mostBytes;
}

Result<BlockCache::Values> BlockCache::decode(const Key& key, const ChunkGrid& blocks, Source& source, ReadContext& context) {
  const Region region = blocks.region(key.second);
  auto values = std::make_shared<Buffer>(m_pool.take(roundedBlockBytes(blocks, source.spec().type)));
  CUBELOOM_TRY(source.read(region, denseView(values->data(), source.spec().type, regionShape(region)), context));
  return Values(std::move(values));
}

}  // namespace cubeloom
