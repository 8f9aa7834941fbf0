// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/evaluate.h"

#include <atomic>
#include <mutex>

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
  if (order.empty() || order.size() != region.size() || order.back() + 1 != static_cast<int>(region.size())) return block;
  auto stride = static_cast<std::int64_t>(pixelTypeBytes(spec.type));
  for (std::size_t i = order.size(); i-- > 0;) {
    const auto d = static_cast<std::size_t>(order[i]);
    block.view.strides[d] = stride;
    stride *= block.view.shape[d];
  }
  return block;
}

double viewBytes(const BlockView& view) { return static_cast<double>(view.count()) * static_cast<double>(pixelTypeBytes(view.type)); }

/// Makes a region of a reduction's output from parts of its input.
struct Reduction {
  const Graph& graph;
  const WalkStep& step;
  EvaluateContext& context;
  std::int64_t elsewhereNs = 0;  ///< spent on what lies below it

  Result<void> make(const Region& region, const std::vector<Region>& parts, const BlockView& out) {
    const bool merges = step.reducer->mergesParts();
    auto total = step.reducer->partial(region);
    for (const Region& part : parts) {
      if (!merges) {
        CUBELOOM_TRY(addPart(part, *total));
        continue;
      }
      auto partial = step.reducer->partial(region);
      CUBELOOM_TRY(addPart(part, *partial));
      total->merge(*partial);
    }
    return total->finish(out);
  }

  Result<void> addPart(const Region& part, Accumulator& accumulator) {
    const std::vector<int>& inputs = graph.nodes[static_cast<std::size_t>(step.node)].inputs;
    for (const Region& piece : step.reducer->pieces(part)) {
      auto block = inputOf(inputs[0], piece);
      if (!block) return fail(std::move(block.error()));
      std::vector<Block> besides;
      std::vector<BlockView> views;
      for (const Need& need : step.reducer->beside(piece)) {
        auto beside = inputOf(inputs[static_cast<std::size_t>(need.input)], need.region);
        if (!beside) return fail(std::move(beside.error()));
        views.push_back(beside->view);
        besides.push_back(std::move(*beside));
      }
      CUBELOOM_TRY(accumulator.addAt(piece, block->view, views));
    }
    return {};
  }

  Result<Block> inputOf(int input, const Region& region) {
    Block block = inputBlock(context.pool, graph.nodes[static_cast<std::size_t>(input)].operation->spec(), region);
    context.work[static_cast<std::size_t>(step.node)].bytesIn += viewBytes(block.view);
    const std::int64_t start = nowNs();
    auto made = evaluate(graph, input, region, block.view, context);
    elsewhereNs += nowNs() - start;
    if (!made) return fail(std::move(made.error()));
    return block;
  }
};

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
    std::atomic<std::int64_t> bytesRead{0};
    auto result = step.shares.empty() ? readRegion(step, step.region, out, bytesRead)
                                      : forEachShare(step.shares, m_context.sharing, [&](std::size_t i) {
                                          return readRegion(step, step.shares[i].region, step.shares[i].in(out), bytesRead);
                                        });
    m_context.bytesRead += bytesRead;
    m_context.work[static_cast<std::size_t>(step.node)].bytesIn += static_cast<double>(bytesRead);
    return result;
  }

  Result<void> readRegion(const WalkStep& step, const Region& region, const BlockView& out, std::atomic<std::int64_t>& bytesRead) const {
    ReadContext context{m_context.pool, m_context.cancel, 0};
    context.isOnlyRead = m_context.onlyRead != nullptr && (*m_context.onlyRead)[static_cast<std::size_t>(step.node)] != 0;
    if (m_context.readingNow != nullptr) m_context.readingNow->begin(step.node, nowNs());
    auto result = m_context.reader != nullptr ? m_context.reader->read(step.node, *step.source, region, out, context)
                                              : step.source->read(region, out, context);
    if (m_context.readingNow != nullptr) m_context.readingNow->end();
    bytesRead += context.bytesRead;
    return result;
  }

  Result<void> reduce(const WalkStep& step, const BlockView& out) {
    Reduction whole{m_graph, step, m_context};
    if (step.shares.empty()) {
      auto result = whole.make(step.region, step.parts, out);
      m_elsewhereNs = whole.elsewhereNs;
      return result;
    }
    const std::int64_t start = nowNs();
    std::int64_t ownNs = 0;
    std::mutex mutex;
    auto result = forEachShare(step.shares, m_context.sharing, [&](std::size_t i) {
      EvaluateContext context{m_context.pool, m_context.cancel, 0, {}, m_context.reader, m_context.onlyRead};
      context.readingNow = m_context.readingNow;
      context.work.resize(m_graph.nodes.size());
      const Share& share = step.shares[i];
      const std::int64_t shareStart = nowNs();
      Reduction reduction{m_graph, step, context};
      auto made = reduction.make(share.region, step.reducer->parts(share.region), share.in(out));
      const std::lock_guard lock(mutex);
      ownNs += nowNs() - shareStart - reduction.elsewhereNs;
      m_context.bytesRead += context.bytesRead;
      for (std::size_t n = 0; n < context.work.size(); ++n) m_context.work[n].add(context.work[n]);
      return made;
    });
    m_elsewhereNs = nowNs() - start - ownNs;
    return result;
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
  auto program = ChunkProgram::make(graph, node, region, ChunkProgram::Purpose::Pixels, context.sharing, &context.cancel);
  if (!program) return fail(program.error());
  return Evaluation(graph, context, *program, out).run();
}

}  // namespace cubeloom
