// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/parts_pass.h"

#include "engine/base/guard.h"
#include "engine/base/system.h"
#include "engine/run/run_state.h"
#include "engine/run/worker_pool.h"

namespace cubeloom {

PartsPass::PartsPass(RunState& run, int task, const PartsInput& input, std::vector<Gatherer>& gatherers)
    : m_run(run), m_task(task), m_input(input), m_gatherers(gatherers) {
  for (Gatherer& gatherer : m_gatherers) gatherer.total = gatherer.make();
}

Result<void> PartsPass::run() {
  const auto count = static_cast<std::int64_t>(m_input.parts.size());
  m_run.gate.open();
  runWorkers(static_cast<int>(std::min<std::int64_t>(m_run.maxWorkers, count)), [this](int worker) {
    if (auto worked = guarded([&] { work(worker); }); !worked) {
      const std::lock_guard lock(m_mutex);
      if (!m_error) m_error = std::move(worked.error());
    }
    m_run.gate.close();
  });
  if (m_error) return fail(std::move(*m_error));
  if (m_merged < count) return fail(ErrorCode::Canceled, "canceled");
  return {};
}

void PartsPass::work(int worker) {
  EvaluateContext context{m_run.pool, m_run.cancel, 0, {}, m_input.reader, m_input.onlyRead};
  while (m_run.gate.enter(worker, m_run.cancel) && !m_run.isStopped() && !isOver()) {
    m_run.progress.setState(worker, ChunkState::Leased);
    // The lease before the part: whoever has the lowest part has memory, so that those who wait to be merged after it do not wait for ever.
    auto lease = m_run.ledger.take(m_input.leaseBytes, m_run.cancel);
    if (!lease) return;
    std::int64_t part = 0;
    {
      const std::lock_guard lock(m_mutex);
      if (m_error || m_next >= static_cast<std::int64_t>(m_input.parts.size())) break;
      part = m_next++;
    }
    const std::int64_t start = nowNs();
    m_run.progress.setState(worker, ChunkState::Reading);
    auto finished = gather(part, std::move(lease), context);
    if (!finished) {
      const std::lock_guard lock(m_mutex);
      if (!m_error) m_error = finished.error();
      break;
    }
    merge(part, std::move(*finished));
    m_run.progress.partDone(worker, m_task, part, context.work, context.bytesRead, start, nowNs());
  }
  m_run.progress.setState(worker, ChunkState::Waiting);
}

Result<PartsPass::Finished> PartsPass::gather(std::int64_t part, Ledger::Lease lease, EvaluateContext& context) {
  const PixelType type = m_run.graph->nodes[static_cast<std::size_t>(m_input.node)].operation->spec().type;
  context.bytesRead = 0;
  context.work.assign(m_run.graph->nodes.size(), {});
  Finished finished{std::move(lease), {}};
  for (const Gatherer& gatherer : m_gatherers) finished.states.push_back(gatherer.make());
  for (const Region& piece : m_input.pieces(m_input.parts[static_cast<std::size_t>(part)])) {
    const Block block = makeBlock(m_run.pool, type, regionShape(piece));
    CUBELOOM_TRY(m_run.evaluatePatiently(m_input.node, piece, block.view, context));
    for (std::size_t g = 0; g < m_gatherers.size(); ++g) {
      const std::int64_t start = nowNs();
      if (auto added = finished.states[g]->add(block.view); !added) return fail(added.error().atNode(m_run.nodeId(m_gatherers[g].node)));
      context.work[static_cast<std::size_t>(m_gatherers[g].node)].addOwn(start, nowNs());
    }
  }
  return finished;
}

void PartsPass::merge(std::int64_t part, Finished finished) {
  const std::lock_guard lock(m_mutex);
  m_waiting.emplace(part, std::move(finished));
  for (auto first = m_waiting.begin(); first != m_waiting.end() && first->first == m_merged; first = m_waiting.erase(first), ++m_merged)
    for (std::size_t g = 0; g < m_gatherers.size(); ++g) m_gatherers[g].total->merge(*first->second.states[g]);
}

bool PartsPass::isOver() {
  const std::lock_guard lock(m_mutex);
  return m_error.has_value() || m_next >= static_cast<std::int64_t>(m_input.parts.size());
}

}  // namespace cubeloom
