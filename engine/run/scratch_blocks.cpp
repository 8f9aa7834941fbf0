// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/scratch_blocks.h"

#include <algorithm>

#include "engine/array/chunk_parts.h"

namespace cubeloom {

Result<std::unique_ptr<ScratchBlocks>> ScratchBlocks::create(const Graph& graph, const KeptBlocks& plan) {
  auto file = ScratchFile::create(plan.scratchFolder);
  if (!file) return fail(std::move(file.error()));
  std::unique_ptr<ScratchBlocks> scratch(new ScratchBlocks(std::move(*file)));
  std::int64_t end = 0;
  for (const KeptNode& node : plan.nodes) {
    Kept kept;
    kept.node = node.node;
    kept.source = graph.nodes[static_cast<std::size_t>(node.node)].operation->source();
    const std::vector<std::int64_t> shape = kept.source->spec().shape();
    kept.blocks = ChunkGrid(shape, kept.source->decodedBlock());
    kept.pieces = ChunkGrid(shape, node.piece);
    kept.pieceBytes = static_cast<std::int64_t>(pixelTypeBytes(kept.source->spec().type));
    for (const std::int64_t side : node.piece) kept.pieceBytes *= side;
    kept.slotSteps.resize(shape.size());
    std::int64_t step = 1;
    for (std::size_t i = node.order.size(); i-- > 0;) {
      const auto d = static_cast<std::size_t>(node.order[i]);
      kept.slotSteps[d] = step;
      step *= kept.pieces.gridShape()[d];
    }
    kept.offset = end;
    end += step * kept.pieceBytes;
    for (const std::int64_t block : node.blocks) {
      kept.isThere[block] = 0;
      scratch->m_tasks.push_back({scratch->m_kept.size(), block});
    }
    scratch->m_kept.push_back(std::move(kept));
  }
  return scratch;
}

Result<void> ScratchBlocks::fill(std::int64_t number, ReadContext& context) {
  const Task& task = m_tasks[static_cast<std::size_t>(number)];
  Kept& kept = m_kept[task.kept];
  const Region region = kept.blocks.region(task.block);
  const Block block = makeBlock(context.pool, kept.source->spec().type, regionShape(region));
  if (auto read = kept.source->read(region, block.view, context); !read) {
    if (read.error().code == ErrorCode::ReadFailed) return {};
    return read;
  }
  CUBELOOM_TRY(store(kept, region, block.view, context.pool));
  kept.isThere.find(task.block)->second = 1;
  return {};
}

Result<void> ScratchBlocks::store(const Kept& kept, const Region& region, const BlockView& values, BufferPool& pool) const {
  const Buffer piece = pool.take(static_cast<std::size_t>(kept.pieceBytes));
  const auto elementBytes = static_cast<std::int64_t>(pixelTypeBytes(values.type));
  Result<void> outcome;
  forEachChunk(chunkParts(region, kept.pieces.chunkShape(), kept.pieces.shape(), values.strides),
               [&](const std::vector<const ChunkPart*>& place) {
                 std::vector<std::int64_t> offset, size;
                 std::int64_t slot = 0;
                 for (std::size_t d = 0; d < place.size(); ++d) {
                   const std::int64_t side = kept.pieces.chunkShape()[d], first = place[d]->chunk * side;
                   offset.push_back(first - region[d].first());
                   size.push_back(std::min(side, kept.pieces.shape()[d] - first));
                   slot += place[d]->chunk * kept.slotSteps[d];
                 }
                 const BlockView part = values.sub(offset, size);
                 const std::byte* data = part.data;
                 if (!part.isDense()) {
                   copyBlock(part, denseView(piece.data(), part.type, size));
                   data = piece.data();
                 }
                 outcome = m_file.write(kept.offset + slot * kept.pieceBytes, data, part.count() * elementBytes);
                 return outcome.has_value();
               });
  return outcome;
}

Result<void> ScratchBlocks::read(int node, Source& source, const Region& region, const BlockView& to, ReadContext& context) {
  const auto known = std::find_if(m_kept.begin(), m_kept.end(), [node](const Kept& kept) { return kept.node == node; });
  if (known == m_kept.end() || regionCount(region) == 0) return source.read(region, to, context);
  const Kept& kept = *known;
  const Buffer piece = context.pool.take(static_cast<std::size_t>(kept.pieceBytes));
  const std::size_t elementBytes = pixelTypeBytes(to.type);
  Result<void> outcome;
  bool isComplete = true;
  forEachChunk(chunkParts(region, kept.pieces.chunkShape(), kept.pieces.shape(), to.strides),
               [&](const std::vector<const ChunkPart*>& place) {
                 if (context.cancel.isCanceled()) {
                   outcome = fail(ErrorCode::Canceled, "reading was canceled");
                   return false;
                 }
                 std::vector<std::int64_t> size;
                 std::int64_t slot = 0, block = 0, bytes = static_cast<std::int64_t>(elementBytes);
                 for (std::size_t d = 0; d < place.size(); ++d) {
                   const std::int64_t side = kept.pieces.chunkShape()[d], first = place[d]->chunk * side;
                   size.push_back(std::min(side, kept.pieces.shape()[d] - first));
                   bytes *= size.back();
                   slot += place[d]->chunk * kept.slotSteps[d];
                   block = block * kept.blocks.gridShape()[d] + first / kept.blocks.chunkShape()[d];
                 }
                 const auto there = kept.isThere.find(block);
                 isComplete = there != kept.isThere.end() && there->second != 0;
                 if (!isComplete) return false;
                 outcome = m_file.read(kept.offset + slot * kept.pieceBytes, piece.data(), bytes);
                 if (!outcome) return false;
                 context.bytesRead += bytes;
                 copyChunkPart({elementBytes, 0}, place, piece.data(), denseStrides(size, elementBytes), to.data);
                 return true;
               });
  return outcome && !isComplete ? source.read(region, to, context) : outcome;
}

}  // namespace cubeloom
