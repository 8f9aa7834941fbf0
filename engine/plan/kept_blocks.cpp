// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/kept_blocks.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/plan/block_reuse.h"

namespace cubeloom {
namespace {

/// Memory is not taken for the last of the returns, which would need the most of it.
constexpr double kReturnsGivenUp = 0.005;
/// Decoding costs about what writing to a disk and reading again costs: from this many times on, the disk is cheaper.
constexpr double kDecodingsForDisk = 2;
constexpr double kMostPieceBytes = 1048576;

using Shape = std::vector<std::int64_t>;

double rounded(double bytes) { return static_cast<double>(BufferPool::roundedBytes(static_cast<std::size_t>(bytes))); }

/// About `wanted` indices, so that no piece reaches over the end of a block of `block`; of the only block along a dim any part will do.
std::int64_t pieceAlong(std::int64_t block, std::int64_t size, std::int64_t wanted) {
  wanted = std::clamp<std::int64_t>(wanted, 1, block);
  if (block >= size) return wanted;
  std::int64_t below = wanted, above = wanted;
  while (block % below != 0) --below;
  while (block % above != 0) ++above;
  return below * 2 >= wanted ? below : above;
}

class Keeping {
 public:
  Keeping(const Graph& graph, Stage& stage, BlockReuse reuse, double room)
      : m_graph(graph), m_stage(stage), m_reuse(std::move(reuse)), m_room(room) {
    std::sort(m_reuse.returns.begin(), m_reuse.returns.end(),
              [this](const BlockReturn& a, const BlockReturn& b) { return heldBytes(a) < heldBytes(b); });
  }

  std::string decide(std::vector<double>& reads) {
    double once = 0;
    for (const NodeReuse& node : m_reuse.nodes) once += node.onceDecodedBytes;
    const double memory = memoryFor(once);
    double again = 0;
    for (const BlockReturn& back : m_reuse.returns) again += isKept(back, memory) ? 0 : back.decodedBytes;
    std::string told;
    if (once + again >= kDecodingsForDisk * once && useDisk(reads, (once + again) / once, told)) return told;
    if (memory > 0) useMemory(memory, reads);
    return told;
  }

 private:
  const ArraySpec& spec(int node) const { return m_graph.nodes[static_cast<std::size_t>(node)].operation->spec(); }
  double elementBytes(int node) const { return static_cast<double>(pixelTypeBytes(spec(node).type)); }

  /// What must be held for it when other chunks in flight come in between, and a worker may be held up while the others take their next
  /// ones; no more than there is. Of two neighbours in flight one may come to what they share first, the other last.
  double heldBytes(const BlockReturn& back) const {
    double largest = 0, all = 0;
    for (const NodeReuse& node : m_reuse.nodes) {
      largest = std::max(largest, node.blockBytes);
      all += node.onceDecodedBytes;
    }
    const double between = back.isByAnother ? m_reuse.chunkBytes : std::min(m_reuse.chunkBytes, back.keptBytes);
    const double others = 2 * (m_stage.inFlight - 1) * between;
    return std::min(back.keptBytes + others, all) + m_stage.inFlight * largest;
  }
  bool isKept(const BlockReturn& back, double memory) const { return heldBytes(back) <= memory; }

  /// What keeps all but the most expensive returns, or as much as there is; 0 where that keeps none.
  double memoryFor(double once) const {
    std::size_t kept = m_reuse.returns.size();
    for (double givenUp = 0; kept > 0; --kept) {
      givenUp += m_reuse.returns[kept - 1].decodedBytes;
      if (givenUp > kReturnsGivenUp * once) break;
    }
    while (kept > 0 && !isKept(m_reuse.returns[kept - 1], m_room)) --kept;
    return kept > 0 ? heldBytes(m_reuse.returns[kept - 1]) : 0;
  }

  void useMemory(double memory, std::vector<double>& reads) {
    for (const NodeReuse& node : m_reuse.nodes) {
      m_stage.kept.nodes.push_back({node.node});
      reads[static_cast<std::size_t>(node.node)] = node.onceBytes;
    }
    for (const BlockReturn& back : m_reuse.returns)
      if (!isKept(back, memory)) reads[static_cast<std::size_t>(back.node)] += back.storedBytes;
    m_stage.kept.memoryBytes = memory;
    m_stage.fixedBytes += memory;
  }

  KeptNode piecesOf(const NodeReuse& node) const {
    const Shape& block = node.blocks.chunkShape();
    const Shape& shape = node.blocks.shape();
    KeptNode kept{node.node, block, {}, node.needed};
    Shape wanted(block.size());
    double bytes = elementBytes(node.node);
    for (std::size_t d = 0; d < block.size(); ++d) {
      wanted[d] = node.widest[d].max() - node.widest[d].min() + 1;
      kept.piece[d] = pieceAlong(block[d], shape[d], wanted[d]);
      bytes *= static_cast<double>(kept.piece[d]);
    }
    for (std::size_t d = 0; d < block.size(); ++d) {
      while (bytes > kMostPieceBytes && kept.piece[d] > 1) {
        const std::int64_t smaller = pieceAlong(block[d], shape[d], kept.piece[d] / 2);
        if (smaller >= kept.piece[d]) break;
        bytes *= static_cast<double>(smaller) / static_cast<double>(kept.piece[d]);
        kept.piece[d] = smaller;
      }
    }
    // What one read takes from many blocks comes to lie together.
    for (const bool isCrossed : {false, true})
      for (std::size_t d = 0; d < block.size(); ++d)
        if ((wanted[d] > block[d]) == isCrossed) kept.order.push_back(static_cast<int>(d));
    return kept;
  }

  /// False: there is no room for it, in memory or on the disk, which `told` then says.
  bool useDisk(std::vector<double>& reads, double decodings, std::string& told) {
    KeptBlocks kept;
    double pieceBytes = 0;
    for (const NodeReuse& node : m_reuse.nodes) {
      kept.nodes.push_back(piecesOf(node));
      const KeptNode& pieces = kept.nodes.back();
      double bytes = elementBytes(node.node);
      for (const std::int64_t side : pieces.piece) bytes *= static_cast<double>(side);
      pieceBytes = std::max(pieceBytes, rounded(bytes));
      kept.scratchBytes += node.onceDecodedBytes;
      const auto source = m_graph.nodes[static_cast<std::size_t>(node.node)].operation->source();
      const double decoding = source->cost(node.blocks.region(node.needed[node.needed.size() / 2])).scratchBytes;
      kept.passBytes = std::max(kept.passBytes, node.blockBytes + decoding + rounded(bytes));
    }
    // The memory of a chunk is there for the pass, too.
    const double all = m_room + m_stage.inFlight * m_stage.chunkBytes;
    pieceBytes *= m_stage.sharing.most;  // whoever takes a share of a read holds one
    if (kept.passBytes > all || m_stage.inFlight * pieceBytes > m_room) return false;
    std::error_code code;
    const std::string& path = m_stage.sinkRequest.path;
    const auto folder = path.empty() ? std::filesystem::temp_directory_path(code) : std::filesystem::absolute(path, code).parent_path();
    kept.scratchFolder = folder.string();
    const auto space = std::filesystem::space(folder, code);
    const double free = code ? 0 : static_cast<double>(space.available);
    const double needed = kept.scratchBytes + m_stage.sinkPlan.bytesToWrite + m_stage.sinkPlan.temporaryBytes;
    const std::string blocks = formatSize(kept.scratchBytes) + " of decoded blocks";
    if (needed > free) {
      told = blocks + " are needed more than once and fit neither the memory budget nor " + kept.scratchFolder + " (" + formatSize(free) +
             " free): each is decoded about " + formatNumber(std::round(decodings)) + " times; more memory or disk makes this faster";
      return false;
    }
    for (std::size_t n = 0; n < m_reuse.nodes.size(); ++n) {
      const NodeReuse& node = m_reuse.nodes[n];
      reads[static_cast<std::size_t>(node.node)] = node.onceBytes + node.pieceElements(kept.nodes[n].piece) * elementBytes(node.node);
    }
    m_stage.chunkBytes += pieceBytes;
    m_stage.kept = std::move(kept);
    told = blocks + " are needed more than once and do not fit the memory budget: they go through a file in " + m_stage.kept.scratchFolder +
           ", removed with the run (" + formatSize(free) + " free)";
    return true;
  }

  const Graph& m_graph;
  Stage& m_stage;
  BlockReuse m_reuse;  ///< returns by ascending heldBytes
  const double m_room;
};

}  // namespace

Result<std::string> keepBlocks(const Graph& graph, Stage& stage, double roomBytes, std::vector<double>& reads) {
  auto reuse = surveyReuse(graph, stage);
  if (!reuse) return fail(std::move(reuse.error()));
  if (reuse->nodes.empty()) return std::string();
  return Keeping(graph, stage, std::move(*reuse), roomBytes).decide(reads);
}

}  // namespace cubeloom
