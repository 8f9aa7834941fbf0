// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/evaluate.h"

#include "engine/base/guard.h"
#include "engine/base/system.h"
#include "engine/op/view/view_operation.h"
#include "engine/walk/chunk_program.h"
#include "engine/walk/merged_regions.h"

namespace cubeloom {
namespace {

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

double viewBytes(const BlockView& view) { return static_cast<double>(view.count()) * static_cast<double>(pixelTypeBytes(view.type)); }

/// Executes one program: blocks live from the first byte that is written into them to the last user's work.
class Evaluation {
 public:
  Evaluation(const Graph& graph, EvaluateContext& context, ChunkProgram& program, const BlockView& out)
      : m_graph(graph), m_context(context), m_program(program), m_places(program.steps().size()) {
    m_places[0].view = out;
    m_places[0].isThere = true;
    for (const WalkStep& step : program.steps()) m_users.push_back(step.users);
  }

  Result<void> run() {
    for (const int index : m_program.order()) {
      if (m_context.cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
      WalkStep& step = m_program.steps()[static_cast<std::size_t>(index)];
      NodeWork& work = m_context.work[static_cast<std::size_t>(step.node)];
      const std::int64_t start = nowNs();
      m_elsewhereNs = 0;
      const auto result = guarded([&]() -> Result<void> {
        const BlockView out = place(index);
        work.bytesOut += viewBytes(out);
        return step.source ? read(step, out) : step.reducer ? reduce(step, out) : compute(step, out);
      });
      work.addOwn(start, nowNs());
      work.ownNs += step.prepareNs - m_elsewhereNs;
      if (!result) return fail(result.error().atNode(m_graph.nodes[static_cast<std::size_t>(step.node)].id));
      step.task.reset();
      for (const int feed : step.feeds)
        if (--m_users[static_cast<std::size_t>(feed)] == 0) m_places[static_cast<std::size_t>(feed)].block = {};
    }
    return {};
  }

 private:
  /// Where a step's output lies.
  struct Place {
    Block block;  ///< empty: inside another's
    BlockView view;
    bool isThere = false;
  };

  BlockView place(int index) {
    std::vector<int> path;  // of those whose output lies inside the next one's
    for (; !m_places[static_cast<std::size_t>(index)].isThere; index = m_program.step(index).directUser) {
      path.push_back(index);
      if (m_program.step(index).directUser < 0) break;
    }
    if (path.empty()) return m_places[static_cast<std::size_t>(index)].view;
    for (; !path.empty(); path.pop_back()) {
      const WalkStep& step = m_program.step(path.back());
      Place& place = m_places[static_cast<std::size_t>(path.back())];
      if (step.directUser < 0) {
        place.block = inputBlock(m_context.pool, m_graph.nodes[static_cast<std::size_t>(step.node)].operation->spec(), step.region);
        place.view = place.block.view;
      } else {
        const Need& need = m_program.step(step.directUser).needs()[static_cast<std::size_t>(step.directNeed)];
        place.view = directView(need, m_places[static_cast<std::size_t>(step.directUser)].view);
      }
      place.isThere = true;
      index = path.back();
    }
    return m_places[static_cast<std::size_t>(index)].view;
  }

  Result<void> compute(WalkStep& step, const BlockView& out) {
    std::vector<Block> gathered;
    std::vector<BlockView> inputs;
    for (std::size_t i = 0; i < step.feeds.size(); ++i) {
      const Need& need = step.needs()[i];
      const WalkStep& feed = m_program.step(step.feeds[i]);
      inputs.emplace_back();
      if (feed.directUser >= 0) continue;  // it already lies in `out`
      const BlockView& whole = m_places[static_cast<std::size_t>(step.feeds[i])].view;
      if (need.direct) {
        copyAt(whole, positionsIn(feed.region, need.region), directView(need, out));
        continue;
      }
      inputs.back() = feed.users == 1 ? whole : partOf(whole, positionsIn(feed.region, need.region), gathered);
      m_context.work[static_cast<std::size_t>(step.node)].bytesIn += viewBytes(inputs.back());
    }
    return step.task->run(inputs, out);
  }

  BlockView partOf(const BlockView& whole, const Region& positions, std::vector<Block>& gathered) {
    if (isView(positions)) return viewAt(whole, positions);
    gathered.push_back(makeBlock(m_context.pool, whole.type, regionShape(positions)));
    copyAt(whole, positions, gathered.back().view);
    return gathered.back().view;
  }

  Result<void> read(const WalkStep& step, const BlockView& out) {
    ReadContext context{m_context.pool, m_context.cancel, 0};
    context.isOnlyRead = m_context.onlyRead != nullptr && (*m_context.onlyRead)[static_cast<std::size_t>(step.node)] != 0;
    auto result = m_context.reader != nullptr ? m_context.reader->read(step.node, *step.source, step.region, out, context)
                                              : step.source->read(step.region, out, context);
    m_context.bytesRead += context.bytesRead;
    m_context.work[static_cast<std::size_t>(step.node)].bytesIn += static_cast<double>(context.bytesRead);
    return result;
  }

  Result<void> reduce(const WalkStep& step, const BlockView& out) {
    const bool merges = step.reducer->mergesParts();
    auto total = step.reducer->partial(step.region);
    for (const Region& part : step.parts) {
      if (!merges) {
        CUBELOOM_TRY(addPart(step, part, *total));
        continue;
      }
      auto partial = step.reducer->partial(step.region);
      CUBELOOM_TRY(addPart(step, part, *partial));
      total->merge(*partial);
    }
    return total->finish(out);
  }

  Result<void> addPart(const WalkStep& step, const Region& part, Accumulator& accumulator) {
    const BoundNode& node = m_graph.nodes[static_cast<std::size_t>(step.node)];
    for (const Region& piece : step.reducer->pieces(part)) {
      const Block block = inputBlock(m_context.pool, m_graph.nodes[static_cast<std::size_t>(node.inputs[0])].operation->spec(), piece);
      m_context.work[static_cast<std::size_t>(step.node)].bytesIn += viewBytes(block.view);
      const std::int64_t start = nowNs();
      auto made = evaluate(m_graph, node.inputs[0], piece, block.view, m_context);
      m_elsewhereNs += nowNs() - start;
      if (!made) return made;
      CUBELOOM_TRY(accumulator.add(block.view));
    }
    return {};
  }

  const Graph& m_graph;
  EvaluateContext& m_context;
  ChunkProgram& m_program;
  std::vector<Place> m_places;     ///< per step
  std::vector<int> m_users;        ///< per step: needs not yet served
  std::int64_t m_elsewhereNs = 0;  ///< of the step at work: spent on what lies below it
};

}  // namespace

Result<void> evaluate(const Graph& graph, int node, const Region& region, const BlockView& out, EvaluateContext& context) {
  context.work.resize(graph.nodes.size());
  auto program = ChunkProgram::make(graph, node, region, ChunkProgram::Purpose::Pixels, &context.cancel);
  if (!program) return fail(program.error());
  return Evaluation(graph, context, *program, out).run();
}

}  // namespace cubeloom
