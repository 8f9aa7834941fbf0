// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/cost.h"

#include <algorithm>

#include "engine/array/buffer_pool.h"
#include "engine/walk/chunk_program.h"
#include "engine/walk/merged_regions.h"

namespace cubeloom {
namespace {

using Visit = std::function<void(int, const Region&)>;

class CostWalk {
 public:
  CostWalk(const Graph& graph, EvaluateCost& cost, const Visit* visit, const Sharing& sharing = {})
      : m_graph(graph), m_cost(cost), m_visit(visit), m_sharing(sharing) {}

  /// Adds what `region` reads; returns the bytes live at once inside, its own output not counted.
  Result<double> walk(int node, const Region& region) {
    auto program = ChunkProgram::make(m_graph, node, region, ChunkProgram::Purpose::Costs, m_sharing);
    if (!program) return fail(program.error());
    std::vector<char> isPlaced(program->steps().size(), 0);
    isPlaced[0] = 1;  // the caller's
    std::vector<int> users;
    double live = 0;
    for (const WalkStep& step : program->steps()) {
      live += step.scratchBytes;  // all tasks are prepared before the first pixel
      users.push_back(step.users);
    }
    double peak = live;
    for (const int index : program->order()) {
      const WalkStep& step = program->step(index);
      m_cost.madePerNode[static_cast<std::size_t>(step.node)] += pixelBytes(step.node, step.region);
      live += place(*program, index, isPlaced);
      const double gathered = gatheredBytes(*program, step);
      auto inside = insideBytes(step);
      if (!inside) return fail(inside.error().atNode(m_graph.nodes[static_cast<std::size_t>(step.node)].id));
      peak = std::max(peak, live + gathered + *inside);
      live -= step.scratchBytes;
      for (const int feed : step.feeds)
        if (--users[static_cast<std::size_t>(feed)] == 0 && program->step(feed).directUser < 0) live -= blockBytes(program->step(feed));
    }
    return peak;
  }

  /// Adds what `parts` read; returns the bytes of one of them, its block and those of what goes with it counted.
  Result<double> walkPieces(int input, const std::vector<Region>& parts, const Pieces& piecesOf, const BesideOf& besides) {
    double peak = 0;
    for (const Region& part : parts) {
      const std::vector<Region> pieces = piecesOf(part);
      auto inner = walk(input, part);
      if (inner && pieces.size() > 1) {  // they read no more than the part does; the first one is no smaller than the others
        EvaluateCost uncounted(m_graph.nodes.size());
        inner = CostWalk(m_graph, uncounted, nullptr, m_sharing).walk(input, pieces[0]);
      }
      if (!inner) return fail(inner.error());
      double held = blockBytes(input, pieces[0]);
      peak = std::max(peak, held + *inner);
      if (!besides) continue;
      for (const Beside& beside : besides(part)) {
        inner = walk(beside.node, beside.region);
        if (!inner) return fail(inner.error());
        held += blockBytes(beside.node, beside.region);  // of the whole part: no piece takes more
        peak = std::max(peak, held + *inner);
      }
    }
    return peak;
  }

 private:
  double pixelBytes(int node, const Region& region) const {
    return static_cast<double>(regionCount(region)) *
           static_cast<double>(pixelTypeBytes(m_graph.nodes[static_cast<std::size_t>(node)].operation->spec().type));
  }
  double blockBytes(int node, const Region& region) const {
    const double bytes = pixelBytes(node, region);
    return bytes + static_cast<double>(bytes >= 2097152 ? 2097152 : 4096);  // the pool rounds up to pages
  }
  double blockBytes(const WalkStep& step) const { return blockBytes(step.node, step.region); }

  /// Bytes of the block that begins to exist with this step: its own, or the one that it is written straight into.
  double place(const ChunkProgram& program, int index, std::vector<char>& isPlaced) const {
    while (!isPlaced[static_cast<std::size_t>(index)]) {
      isPlaced[static_cast<std::size_t>(index)] = 1;
      const WalkStep& step = program.step(index);
      if (step.directUser < 0) return blockBytes(step);
      index = step.directUser;
    }
    return 0;
  }

  /// Of inputs that are no view of a shared block, and so are copied out of it.
  double gatheredBytes(const ChunkProgram& program, const WalkStep& step) const {
    double bytes = 0;
    for (std::size_t i = 0; i < step.feeds.size(); ++i) {
      const WalkStep& feed = program.step(step.feeds[i]);
      const Need& need = step.needs()[i];
      if (feed.users < 2 || need.direct || isView(positionsIn(feed.region, need.region))) continue;
      bytes += blockBytes(feed.node, need.region);
    }
    return bytes;
  }

  /// Bytes used while the step is made.
  Result<double> insideBytes(const WalkStep& step) {
    if (step.source) return readBytes(step);
    if (!step.reducer) return 0;
    if (step.shares.empty()) return gatherBytes(step, step.region, step.parts, m_sharing);
    double most = 0;
    for (const Share& share : step.shares) {
      auto bytes = gatherBytes(step, share.region, step.reducer->parts(share.region), {});
      if (!bytes) return bytes;
      most = std::max(most, *bytes);
    }
    return most * atOnce(step);
  }

  /// How many shares are made at the same time.
  double atOnce(const WalkStep& step) const { return std::min<double>(m_sharing.most, static_cast<double>(step.shares.size())); }

  double readBytes(const WalkStep& step) {
    if (m_visit) (*m_visit)(step.node, step.region);
    ReadCost read;
    if (step.shares.empty()) read = step.source->cost(step.region);
    for (const Share& share : step.shares) {
      const ReadCost one = step.source->cost(share.region);
      read.bytes += one.bytes;
      read.extents += one.extents;
      read.scratchBytes = std::max(read.scratchBytes, one.scratchBytes * atOnce(step));
    }
    m_cost.bytesToRead += read.bytes;
    m_cost.extents += read.extents;
    m_cost.reads += 1;
    m_cost.readPerNode[static_cast<std::size_t>(step.node)] += read.bytes;
    return read.scratchBytes;
  }

  Result<double> gatherBytes(const WalkStep& step, const Region& region, const std::vector<Region>& parts, const Sharing& sharing) {
    const BoundNode& node = m_graph.nodes[static_cast<std::size_t>(step.node)];
    auto peak = CostWalk(m_graph, m_cost, m_visit, sharing)
                    .walkPieces(
                        node.inputs[0], parts, [&step](const Region& part) { return step.reducer->pieces(part); },
                        besideOf(m_graph, step.node, *step.reducer));
    if (!peak) return peak;
    return *peak + step.reducer->partialBytes(region) * (step.reducer->mergesParts() ? 2 : 1);
  }

  const Graph& m_graph;
  EvaluateCost& m_cost;
  const Visit* m_visit;
  const Sharing m_sharing;
};

}  // namespace

Result<EvaluateCost> evaluateCost(const Graph& graph, int node, const Region& region, const Sharing& sharing) {
  EvaluateCost cost(graph.nodes.size());
  auto peak = CostWalk(graph, cost, nullptr, sharing).walk(node, region);
  if (!peak) return fail(peak.error());
  cost.peakBytes = *peak;
  return cost;
}

BesideOf besideOf(const Graph& graph, int node, const ReducerOperation& reducer) {
  const std::vector<int>& inputs = graph.nodes[static_cast<std::size_t>(node)].inputs;
  if (inputs.size() < 2) return {};
  return [&inputs, &reducer](const Region& piece) {
    std::vector<Beside> besides;
    for (Need& need : reducer.beside(piece)) besides.push_back({inputs[static_cast<std::size_t>(need.input)], std::move(need.region)});
    return besides;
  };
}

Result<EvaluateCost> gatherCost(const Graph& graph, int node, const std::vector<Region>& parts, const Pieces& pieces,
                                const BesideOf& besides) {
  EvaluateCost cost(graph.nodes.size());
  auto peak = CostWalk(graph, cost, nullptr).walkPieces(node, parts, pieces, besides);
  if (!peak) return fail(peak.error());
  cost.peakBytes = *peak;
  return cost;
}

Result<void> visitSourceRegions(const Graph& graph, int node, const Region& region, const std::function<void(int, const Region&)>& visit) {
  EvaluateCost cost(graph.nodes.size());
  auto peak = CostWalk(graph, cost, &visit).walk(node, region);
  if (!peak) return fail(peak.error());
  return {};
}

}  // namespace cubeloom
