// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/parts_pass.h"

#include "engine/base/system.h"
#include "engine/run/run_state.h"
#include "engine/run/task_feed.h"

namespace cubeloom {

PartsPass::PartsPass(RunState& run, int task, const PartsInput& input, std::vector<Gatherer>& gatherers)
    : m_run(run),
      m_task(task),
      m_input(input),
      m_gatherers(gatherers),
      m_contexts(static_cast<std::size_t>(run.maxWorkers), EvaluateContext{run.pool, run.cancel, 0, {}, input.reader, input.onlyRead}) {
  if (!m_input.only)
    for (Gatherer& gatherer : m_gatherers) gatherer.total = gatherer.make();
}

Result<void> PartsPass::run() {
  const UnitRange range = m_input.only.value_or(UnitRange{0, static_cast<std::int64_t>(m_input.parts.size())});
  const std::int64_t count = range.count();
  // In their order: whoever has the lowest part has memory, so that those who wait to be merged after it do not wait for ever.
  CUBELOOM_TRY(TaskFeed(m_run, count, m_input.leaseBytes, [this, range](std::int64_t task, int worker, Ledger::Lease& lease) {
                 return work(range.first + task, worker, lease);
               }).run());
  if (m_error) return fail(std::move(*m_error));
  if (m_merged < count) return fail(ErrorCode::Canceled, "canceled");
  return {};
}

bool PartsPass::work(std::int64_t part, int worker, Ledger::Lease& lease) {
  EvaluateContext& context = m_contexts[static_cast<std::size_t>(worker)];
  const std::int64_t start = nowNs();
  m_run.progress.beginPart(worker, m_task, part, start);
  context.readingNow = &m_run.progress.readingNow(worker);
  auto finished = gather(part, lease, context);
  if (finished) {
    const bool isLoaded = finished->isLoaded;
    merge(part, std::move(*finished));
    if (isLoaded) {
      m_run.progress.prepared(worker, context.bytesRead);
      return true;
    }
    m_run.progress.partDone(worker, m_task, part, context.work, context.bytesRead, start, nowNs());
    return true;
  }
  m_run.progress.setState(worker, ChunkState::Waiting);
  const std::lock_guard lock(m_mutex);
  if (!m_error) m_error = std::move(finished.error());
  return false;
}

Result<PartsPass::Finished> PartsPass::gather(std::int64_t part, Ledger::Lease& lease, EvaluateContext& context) {
  context.bytesRead = 0;
  context.work.assign(m_run.graph->nodes.size(), {});
  Finished finished{std::move(lease), {}, false};
  for (const Gatherer& gatherer : m_gatherers) finished.states.push_back(gatherer.make());
  if (m_input.keeping.load) {
    auto loaded = m_input.keeping.load(part, finished.states);
    if (!loaded) return fail(std::move(loaded.error()));
    if (*loaded) {
      context.bytesRead += **loaded;
      finished.isLoaded = true;
      return finished;
    }
  }
  CUBELOOM_TRY(read(part, finished.states, context));
  if (m_input.keeping.keep) CUBELOOM_TRY(m_input.keeping.keep(part, finished.states));
  return finished;
}

Result<void> PartsPass::read(std::int64_t part, PartStates& states, EvaluateContext& context) {
  const PixelType type = m_run.graph->nodes[static_cast<std::size_t>(m_input.node)].operation->spec().type;
  for (const Region& piece : m_input.pieces(m_input.parts[static_cast<std::size_t>(part)])) {
    const Block block = makeBlock(m_run.pool, type, regionShape(piece));
    CUBELOOM_TRY(m_run.evaluatePatiently(m_input.node, piece, block.view, context));
    for (std::size_t g = 0; g < m_gatherers.size(); ++g) {
      std::vector<Block> besides;
      std::vector<BlockView> views;
      for (const Beside& beside : m_gatherers[g].beside ? m_gatherers[g].beside(piece) : std::vector<Beside>()) {
        const PixelType besideType = m_run.graph->nodes[static_cast<std::size_t>(beside.node)].operation->spec().type;
        besides.push_back(makeBlock(m_run.pool, besideType, regionShape(beside.region)));
        views.push_back(besides.back().view);
        CUBELOOM_TRY(m_run.evaluatePatiently(beside.node, beside.region, views.back(), context));
      }
      const std::int64_t start = nowNs();
      if (auto added = states[g]->addAt(piece, block.view, views); !added)
        return fail(added.error().atNode(m_run.nodeId(m_gatherers[g].node)));
      context.work[static_cast<std::size_t>(m_gatherers[g].node)].addOwn(start, nowNs());
    }
  }
  return {};
}

void PartsPass::merge(std::int64_t part, Finished finished) {
  const std::lock_guard lock(m_mutex);
  if (m_input.only) {
    ++m_merged;
    return;
  }
  m_waiting.emplace(part, std::move(finished));
  for (auto first = m_waiting.begin(); first != m_waiting.end() && first->first == m_merged; first = m_waiting.erase(first), ++m_merged)
    for (std::size_t g = 0; g < m_gatherers.size(); ++g) m_gatherers[g].total->merge(*first->second.states[g]);
}

}  // namespace cubeloom
