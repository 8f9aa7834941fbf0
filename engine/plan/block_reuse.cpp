// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/block_reuse.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "engine/array/touched_lines.h"
#include "engine/walk/cost.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMostSteps = 1500;
constexpr double kMostTouches = 300'000;
/// Returns to fewer blocks than this share are not worth remembering anything.
constexpr double kLeastReturns = 0.01;

using Shape = std::vector<std::int64_t>;

/// The chunks of a grid in their order, neighbours along the last dims taken together where they are too many.
class Steps {
 public:
  explicit Steps(const ChunkGrid& grid) : m_grid(grid), m_steps(grid.gridShape()) {
    std::int64_t before = 1;
    for (std::int64_t& along : m_steps) {
      along = std::clamp<std::int64_t>(kMostSteps / before, 1, along);
      before *= along;
    }
    m_count = before;
  }
  std::int64_t count() const { return m_count; }
  double chunksPerStep() const { return static_cast<double>(m_grid.count()) / static_cast<double>(std::max<std::int64_t>(m_count, 1)); }
  /// Whether the step has chunks of the range.
  bool has(std::int64_t step, const UnitRange& chunks) const {
    std::int64_t first = 0, last = 0, before = m_count;
    for (std::size_t d = 0; d < m_steps.size(); ++d) {
      before /= m_steps[d];
      const std::int64_t along = m_grid.gridShape()[d], at = step / before % m_steps[d];
      first = first * along + at * along / m_steps[d];
      last = last * along + (at + 1) * along / m_steps[d] - 1;
    }
    return first < chunks.end && last >= chunks.first;
  }
  Region region(std::int64_t step) const {
    Region region(m_steps.size());
    for (std::size_t d = m_steps.size(); d-- > 0;) {
      const std::int64_t chunks = m_grid.gridShape()[d], at = step % m_steps[d];
      step /= m_steps[d];
      const std::int64_t begin = at * chunks / m_steps[d] * m_grid.chunkShape()[d];
      const std::int64_t end = std::min((at + 1) * chunks / m_steps[d] * m_grid.chunkShape()[d], m_grid.shape()[d]);
      region[d] = IndexSet::range(begin, end - begin);
    }
    return region;
  }

 private:
  const ChunkGrid& m_grid;
  Shape m_steps;
  std::int64_t m_count = 1;
};

/// One read that a step asks of an open node.
struct Visit {
  std::size_t node = 0;  ///< of those surveyed
  Region region;
  std::int64_t step = 0;
};

std::vector<Shape> touchedAlong(const Region& region, const ChunkGrid& blocks) {
  std::vector<Shape> along(region.size());
  for (std::size_t d = 0; d < region.size(); ++d)
    for (const auto& [first, count] : touchedLineExtents(region[d], blocks.chunkShape()[d], blocks.shape()[d]))
      for (std::int64_t begin = first; begin < first + count; begin += blocks.chunkShape()[d])
        along[d].push_back(begin / blocks.chunkShape()[d]);
  return along;
}

double touchedCount(const Region& region, const ChunkGrid& blocks) {
  double count = 1;
  for (const Shape& along : touchedAlong(region, blocks)) count *= static_cast<double>(along.size());
  return count;
}

/// Calls `f(number)` for each block that `region` touches, in the order in which sources read them.
template <class F>
void forEachTouched(const Region& region, const ChunkGrid& blocks, F&& f) {
  const std::vector<Shape> along = touchedAlong(region, blocks);
  const auto visit = [&](const auto& self, std::size_t d, std::int64_t number) -> void {
    if (d == along.size()) return f(number);
    for (const std::int64_t block : along[d]) self(self, d + 1, number * blocks.gridShape()[d] + block);
  };
  visit(visit, 0, 0);
}

/// Bytes that lie between two moments, each block counted where it was needed last (a Fenwick tree).
class Timeline {
 public:
  explicit Timeline(std::size_t moments) : m_sums(moments + 1, 0) {}
  void add(std::size_t moment, double bytes) {
    for (std::size_t i = moment + 1; i < m_sums.size(); i += i & (~i + 1)) m_sums[i] += bytes;
  }
  double before(std::size_t moment) const {
    double sum = 0;
    for (std::size_t i = moment; i > 0; i -= i & (~i + 1)) sum += m_sums[i];
    return sum;
  }

 private:
  std::vector<double> m_sums;
};

class Survey {
 public:
  Survey(const Graph& graph, const Stage& stage) : m_graph(graph), m_stage(stage), m_steps(stage.chunks) {}

  Result<BlockReuse> make() {
    findNodes();
    if (m_reuse.nodes.empty()) return std::move(m_reuse);
    for (std::int64_t step = 0; step < m_steps.count(); ++step) {
      if (!m_steps.has(step, m_stage.chunkRange())) continue;
      CUBELOOM_TRY(visitSourceRegions(m_graph, m_stage.node, m_steps.region(step), [&](int index, const Region& region) {
        const int at = m_place[static_cast<std::size_t>(index)];
        if (at >= 0 && regionCount(region) > 0) m_visits.push_back({static_cast<std::size_t>(at), region, step});
      }));
    }
    groupBlocks();
    follow();
    settle();
    return std::move(m_reuse);
  }

 private:
  Source& source(std::size_t n) const { return *m_graph.nodes[static_cast<std::size_t>(m_reuse.nodes[n].node)].operation->source(); }

  void findNodes() {
    m_place.assign(m_graph.nodes.size(), -1);
    for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
      const auto source = m_graph.nodes[i].operation ? m_graph.nodes[i].operation->source() : nullptr;
      const Shape block = source ? source->decodedBlock() : Shape{};
      if (block.empty()) continue;
      m_place[i] = static_cast<int>(m_reuse.nodes.size());
      NodeReuse node;
      node.node = static_cast<int>(i);
      Shape inside = block;
      for (std::size_t d = 0; d < block.size(); ++d) inside[d] = std::min(block[d], source->spec().dims[d].size);
      node.blocks = ChunkGrid(source->spec().shape(), inside);
      std::size_t bytes = pixelTypeBytes(source->spec().type);
      for (const std::int64_t side : inside) bytes *= static_cast<std::size_t>(side);
      node.blockBytes = static_cast<double>(BufferPool::roundedBytes(bytes));
      m_reuse.nodes.push_back(std::move(node));
    }
  }

  /// Blocks are followed one by one, or in groups where that would take too long.
  void groupBlocks() {
    for (const NodeReuse& node : m_reuse.nodes) m_groups.push_back(node.blocks);
    while (true) {
      double touches = 0;
      for (const Visit& visit : m_visits) touches += touchedCount(visit.region, m_groups[visit.node]);
      if (touches <= kMostTouches) return;
      bool isCoarser = false;
      for (ChunkGrid& group : m_groups) {
        Shape shape = group.chunkShape();
        for (std::size_t d = 0; d < shape.size(); ++d) {
          isCoarser = isCoarser || shape[d] < group.shape()[d];
          shape[d] = shape[d] < group.shape()[d] ? shape[d] * 2 : shape[d];
        }
        group = ChunkGrid(group.shape(), shape);
      }
      if (!isCoarser) return;
    }
  }

  double groupBytes(std::size_t n, const Region& region) const {
    return touchedCount(region, m_reuse.nodes[n].blocks) * m_reuse.nodes[n].blockBytes;
  }

  /// Mattson's stack distances of a least-recently-used memory, in bytes.
  void follow() {
    std::size_t moments = 0;
    for (const Visit& visit : m_visits) moments += static_cast<std::size_t>(touchedCount(visit.region, m_groups[visit.node]));
    Timeline timeline(moments);
    struct Block {
      std::int64_t last = -1, step = -1;
      double decoded = 0, stored = 0;
    };
    std::vector<std::unordered_map<std::int64_t, Block>> blocks(m_groups.size());
    std::size_t now = 0;
    std::int64_t step = -1;
    double stepBytes = 0;
    const double tasksPerStep = m_steps.chunksPerStep() * static_cast<double>(m_stage.parts);
    for (const Visit& visit : m_visits) {
      NodeReuse& node = m_reuse.nodes[visit.node];
      if (visit.step != step) stepBytes = 0;
      step = visit.step;
      if (node.widest.empty() || regionCount(visit.region) > regionCount(node.widest)) node.widest = visit.region;
      forEachTouched(visit.region, m_groups[visit.node], [&](std::int64_t number) {
        Block& block = blocks[visit.node][number];
        if (block.last < 0) {
          const Region region = m_groups[visit.node].region(number);
          block.decoded = groupBytes(visit.node, region);
          block.stored = source(visit.node).cost(region).bytes;
          node.onceBytes += block.stored;
          node.onceDecodedBytes += block.decoded;
          forEachTouched(region, node.blocks, [&](std::int64_t b) { node.needed.push_back(b); });
        } else {
          const double between = timeline.before(now) - timeline.before(static_cast<std::size_t>(block.last) + 1);
          m_reuse.returns.push_back({between + block.decoded, block.stored, block.decoded, node.node, block.step != visit.step});
          timeline.add(static_cast<std::size_t>(block.last), -block.decoded);
        }
        if (block.step != visit.step) stepBytes += block.decoded;
        block.step = visit.step;
        timeline.add(now, block.decoded);
        block.last = static_cast<std::int64_t>(now++);
        node.touches += 1;
      });
      m_reuse.chunkBytes = std::max(m_reuse.chunkBytes, stepBytes / tasksPerStep);
      node.reads.push_back(visit.region);
    }
  }

  void settle() {
    std::erase_if(m_reuse.nodes, [&](const NodeReuse& node) {
      double again = 0;
      for (const BlockReturn& back : m_reuse.returns) again += back.node == node.node ? back.decodedBytes : 0;
      return again <= kLeastReturns * node.onceDecodedBytes;
    });
    for (NodeReuse& node : m_reuse.nodes) std::sort(node.needed.begin(), node.needed.end());
    std::erase_if(m_reuse.returns, [&](const BlockReturn& back) {
      return std::none_of(m_reuse.nodes.begin(), m_reuse.nodes.end(), [&](const NodeReuse& node) { return node.node == back.node; });
    });
  }

  const Graph& m_graph;
  const Stage& m_stage;
  Steps m_steps;
  BlockReuse m_reuse;
  std::vector<int> m_place;  ///< per graph node its number among those surveyed, or -1
  std::vector<ChunkGrid> m_groups;
  std::vector<Visit> m_visits;
};

}  // namespace

double NodeReuse::pieceElements(const std::vector<std::int64_t>& piece) const {
  double all = 0;
  for (const Region& read : reads) {
    double elements = 1;
    for (std::size_t d = 0; d < read.size(); ++d) {
      double lines = 0;
      for (const auto& extent : touchedLineExtents(read[d], piece[d], blocks.shape()[d])) lines += static_cast<double>(extent.second);
      elements *= lines;
    }
    all += elements;
  }
  return all;
}

Result<BlockReuse> surveyReuse(const Graph& graph, const Stage& stage) { return Survey(graph, stage).make(); }

}  // namespace cubeloom
