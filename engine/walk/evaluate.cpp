// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/evaluate.h"

#include "engine/base/system.h"

namespace cubeloom {
namespace {

/// Where a direct need lands inside the output block.
BlockView directView(const Need& need, const BlockView& out) {
  BlockView view{out.data, out.type, regionShape(need.region), {}};
  for (std::size_t i = 0; i < need.direct->offset.size(); ++i) view.data += need.direct->offset[i] * out.strides[i];
  for (const int axis : need.direct->axes) view.strides.push_back(axis < 0 ? 0 : out.strides[static_cast<std::size_t>(axis)]);
  return view;
}

/// A block for `region` of what `spec` describes. Its dims lie in memory as in the file below, as long as rows stay rows: whole stretches
/// of the file are then read into their place.
Block inputBlock(BufferPool& pool, const ArraySpec& spec, const Region& region) {
  Block block = makeBlock(pool, spec.type, regionShape(region));
  const std::vector<int>& order = spec.storage.order;
  if (order.size() != region.size() || order.back() + 1 != static_cast<int>(region.size())) return block;
  auto stride = static_cast<std::int64_t>(pixelTypeBytes(spec.type));
  for (std::size_t i = order.size(); i-- > 0;) {
    const auto d = static_cast<std::size_t>(order[i]);
    block.view.strides[d] = stride;
    stride *= block.view.shape[d];
  }
  return block;
}

class Evaluation {
 public:
  Evaluation(const Graph& graph, EvaluateContext& context) : m_graph(graph), m_context(context) { context.work.resize(graph.nodes.size()); }

  Result<void> run(int index, const Region& region, const BlockView& out) {
    if (m_context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
    const std::int64_t start = nowNs();
    const std::int64_t childrenBefore = m_childrenNs;
    m_childrenNs = 0;
    auto result = compute(index, region, out);
    const std::int64_t end = nowNs();
    NodeWork& work = m_context.work[static_cast<std::size_t>(index)];
    if (work.calls++ == 0) work.startNs = start;
    work.endNs = end;
    work.ownNs += end - start - m_childrenNs;
    work.bytesOut += static_cast<double>(out.count()) * static_cast<double>(pixelTypeBytes(out.type));
    m_childrenNs = childrenBefore + (end - start);
    if (!result) return fail(result.error().atNode(m_graph.nodes[static_cast<std::size_t>(index)].id));
    return {};
  }

 private:
  Result<void> compute(int index, const Region& region, const BlockView& out) {
    const BoundNode& node = m_graph.nodes[static_cast<std::size_t>(index)];
    if (const auto source = node.operation->source()) return read(index, *source, region, out);
    if (const auto parts = node.operation->parts(region); !parts.empty()) return reduce(index, parts, region, out);
    auto task = node.operation->prepare(region);
    if (!task) return fail(task.error());
    std::vector<Block> blocks;
    std::vector<BlockView> inputs;
    for (const Need& need : (*task)->needs()) {
      const int input = node.inputs[static_cast<std::size_t>(need.input)];
      if (need.direct) {
        CUBELOOM_TRY(run(input, need.region, directView(need, out)));
        inputs.emplace_back();
        continue;
      }
      CUBELOOM_TRY(readInput(index, input, need.region, blocks));
      inputs.push_back(blocks.back().view);
    }
    return (*task)->run(inputs, out);
  }

  Result<void> readInput(int index, int input, const Region& region, std::vector<Block>& blocks) {
    const ArraySpec& spec = m_graph.nodes[static_cast<std::size_t>(input)].operation->spec();
    blocks.push_back(inputBlock(m_context.pool, spec, region));
    m_context.work[static_cast<std::size_t>(index)].bytesIn +=
        static_cast<double>(blocks.back().view.count()) * static_cast<double>(pixelTypeBytes(spec.type));
    return run(input, region, blocks.back().view);
  }

  Result<void> read(int index, Source& source, const Region& region, const BlockView& out) {
    ReadContext context{m_context.pool, m_context.cancel, 0};
    context.isOnlyRead = m_context.onlyRead != nullptr && (*m_context.onlyRead)[static_cast<std::size_t>(index)] != 0;
    auto result =
        m_context.reader != nullptr ? m_context.reader->read(index, source, region, out, context) : source.read(region, out, context);
    m_context.bytesRead += context.bytesRead;
    m_context.work[static_cast<std::size_t>(index)].bytesIn += static_cast<double>(context.bytesRead);
    return result;
  }

  Result<void> reduce(int index, const std::vector<Region>& parts, const Region& region, const BlockView& out) {
    const BoundNode& node = m_graph.nodes[static_cast<std::size_t>(index)];
    const bool merges = node.operation->mergesParts();
    auto total = node.operation->partial(region);
    for (const Region& part : parts) {
      if (!merges) {
        CUBELOOM_TRY(addPart(index, part, *total));
        continue;
      }
      auto partial = node.operation->partial(region);
      CUBELOOM_TRY(addPart(index, part, *partial));
      total->merge(*partial);
    }
    return total->finish(out);
  }

  Result<void> addPart(int index, const Region& part, Accumulator& accumulator) {
    const BoundNode& node = m_graph.nodes[static_cast<std::size_t>(index)];
    for (const Region& piece : node.operation->pieces(part)) {
      std::vector<Block> block;
      CUBELOOM_TRY(readInput(index, node.inputs[0], piece, block));
      CUBELOOM_TRY(accumulator.add(block[0].view));
    }
    return {};
  }

  const Graph& m_graph;
  EvaluateContext& m_context;
  std::int64_t m_childrenNs = 0;
};

/// The same walk without pixels.
class CostWalk {
 public:
  CostWalk(const Graph& graph, EvaluateCost& cost, const std::function<void(int, const Region&)>* visit)
      : m_graph(graph), m_cost(cost), m_visit(visit) {}

  /// Adds what `region` reads; returns the bytes live at once inside, its own output not counted.
  Result<double> walk(int index, const Region& region) {
    const BoundNode& node = m_graph.nodes[static_cast<std::size_t>(index)];
    if (const auto source = node.operation->source()) {
      if (m_visit) (*m_visit)(index, region);
      const ReadCost read = source->cost(region);
      m_cost.bytesToRead += read.bytes;
      m_cost.extents += read.extents;
      m_cost.reads += 1;
      m_cost.readPerNode[static_cast<std::size_t>(index)] += read.bytes;
      return read.scratchBytes;
    }
    if (const auto parts = node.operation->parts(region); !parts.empty()) return walkParts(node, parts, region);
    std::size_t scratch = 0;
    auto needs = node.operation->plan(region, &scratch);
    if (!needs) return fail(needs.error());
    double held = 0, peak = 0;
    for (const Need& need : *needs) {
      const int input = node.inputs[static_cast<std::size_t>(need.input)];
      if (!need.direct) held += blockBytes(input, need.region);
      auto inner = walk(input, need.region);
      if (!inner) return fail(inner.error());
      peak = std::max(peak, held + *inner);
    }
    // The task with its maps exists while its inputs are made.
    return peak + static_cast<double>(scratch);
  }

  /// Adds what `parts` read; returns the bytes of one of them, its block counted.
  Result<double> walkPieces(int input, const std::vector<Region>& parts, const Pieces& piecesOf) {
    double peak = 0;
    for (const Region& part : parts) {
      const std::vector<Region> pieces = piecesOf(part);
      auto inner = walk(input, part);
      if (inner && pieces.size() > 1) {  // they read no more than the part does; the first one is no smaller than the others
        EvaluateCost uncounted;
        uncounted.readPerNode.resize(m_graph.nodes.size(), 0);
        inner = CostWalk(m_graph, uncounted, nullptr).walk(input, pieces[0]);
      }
      if (!inner) return fail(inner.error());
      peak = std::max(peak, blockBytes(input, pieces[0]) + *inner);
    }
    return peak;
  }

 private:
  double blockBytes(int input, const Region& region) const {
    const double bytes = static_cast<double>(regionCount(region)) *
                         static_cast<double>(pixelTypeBytes(m_graph.nodes[static_cast<std::size_t>(input)].operation->spec().type));
    return bytes + static_cast<double>(bytes >= 2097152 ? 2097152 : 4096);  // the pool rounds up to pages
  }

  Result<double> walkParts(const BoundNode& node, const std::vector<Region>& parts, const Region& region) {
    auto peak = walkPieces(node.inputs[0], parts, [&node](const Region& part) { return node.operation->pieces(part); });
    if (!peak) return peak;
    return *peak + node.operation->partialBytes(region) * (node.operation->mergesParts() ? 2 : 1);
  }

  const Graph& m_graph;
  EvaluateCost& m_cost;
  const std::function<void(int, const Region&)>* m_visit;
};

}  // namespace

Result<void> evaluate(const Graph& graph, int node, const Region& region, const BlockView& out, EvaluateContext& context) {
  return Evaluation(graph, context).run(node, region, out);
}

Result<EvaluateCost> evaluateCost(const Graph& graph, int node, const Region& region) {
  EvaluateCost cost;
  cost.readPerNode.resize(graph.nodes.size(), 0);
  auto peak = CostWalk(graph, cost, nullptr).walk(node, region);
  if (!peak) return fail(peak.error().atNode(graph.nodes[static_cast<std::size_t>(node)].id));
  cost.peakBytes = *peak;
  return cost;
}

Result<EvaluateCost> gatherCost(const Graph& graph, int node, const std::vector<Region>& parts, const Pieces& pieces) {
  EvaluateCost cost;
  cost.readPerNode.resize(graph.nodes.size(), 0);
  auto peak = CostWalk(graph, cost, nullptr).walkPieces(node, parts, pieces);
  if (!peak) return fail(peak.error());
  cost.peakBytes = *peak;
  return cost;
}

Result<void> visitSourceRegions(const Graph& graph, int node, const Region& region, const std::function<void(int, const Region&)>& visit) {
  EvaluateCost cost;
  cost.readPerNode.resize(graph.nodes.size(), 0);
  auto peak = CostWalk(graph, cost, &visit).walk(node, region);
  if (!peak) return fail(peak.error());
  return {};
}

std::optional<PartedNode> partedNode(const Graph& graph, int node, const Region& region) {
  PartedNode found{node, region, {}, {}, {}};
  while (true) {
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(found.node)];
    if (bound.operation->source()) return std::nullopt;
    if (auto parts = bound.operation->parts(found.region); !parts.empty()) {
      if (parts.size() < 2 || !bound.operation->mergesParts()) return std::nullopt;
      found.parts = std::move(parts);
      return found;
    }
    auto needs = bound.operation->plan(found.region, nullptr);
    const bool passesOn = needs && needs->size() == 1 && (*needs)[0].direct &&
                          regionCount((*needs)[0].region) == regionCount(found.region) && bound.inputs.size() == 1;
    if (!passesOn) return std::nullopt;
    found.needs.push_back((*needs)[0]);
    found.views.push_back(found.node);
    found.region = (*needs)[0].region;
    found.node = bound.inputs[0];
  }
}

BlockView partedView(const PartedNode& parted, const BlockView& out) {
  BlockView view = out;
  for (const Need& need : parted.needs) view = directView(need, view);
  return view;
}

}  // namespace cubeloom
