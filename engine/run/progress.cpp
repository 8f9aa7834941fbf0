// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/system.h"
#include "engine/plan/passes.h"

namespace cubeloom {
namespace {

constexpr double kRatePeriodSeconds = 0.08;  // rates are taken over at least this long: 10 Hz with slack
constexpr double kMeanSeconds = 1;

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

/// Moved after the last chunk of a stage: blocks to their places, and what of the file is not yet on the disk.
double bytesAfterChunks(const Stage& stage) {
  return stage.sinkRequest.path.empty()
             ? 0
             : stage.sinkPlan.temporaryBytes + flushedBytes(stage.bytesToWrite, isFlushedEarly(stage.sinkPlan.format));
}

}  // namespace

Progress::Progress(const Plan& plan, int workers) : m_plan(plan), m_startNs(nowNs()), m_workers(plan.workers) {
  for (int i = 0; i < workers; ++i) {
    m_rings.push_back(std::make_unique<EventRing>());
    m_hands.push_back(std::make_unique<Hand>());
  }
  for (const BoundNode& node : plan.graph->nodes) {
    const bool isView = node.operation && node.operation->isView();
    if (node.partOf >= 0) {
      m_nodes[static_cast<std::size_t>(node.partOf)].isView &= isView;
      continue;
    }
    NodeProgress progress;
    progress.id = node.id;
    progress.op = node.op;
    progress.isView = isView;
    m_nodes.push_back(std::move(progress));
  }
  for (const FitStage& fit : plan.fitStages)
    for (int k = 0; k < fit.passes; ++k) addPass({fit.node}, 0, fit.parts);
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const Stage& first = plan.stages[i];
    if (static_cast<std::size_t>(first.pass) < m_passes.size()) continue;  // shares the reading of an earlier one
    std::vector<int> targets;
    for (const Stage& stage : plan.stages)
      if (stage.pass == first.pass) targets.push_back(stage.node);
    addPass(targets, static_cast<int>(i), first.units().count());
  }
  for (const FitStage& fit : plan.fitStages) m_chunkBytes += fit.bytesToRead;
  for (const Stage& stage : plan.stages) {
    m_chunkBytes += plannedBytes(stage);
    m_afterBytes += bytesAfterChunks(stage);
  }
  m_stagesPublished.assign(plan.stages.size(), 0);
  m_lastCpu = processCpuSeconds();
}

/// A node takes part in every chunk and part of each pass that it is upstream of.
void Progress::addPass(const std::vector<int>& targets, int stage, std::int64_t tasks) {
  Pass pass{stage, targets.front(), {}};
  std::vector<char> isListed(m_plan.graph->nodes.size(), 0);
  for (const int target : targets)
    for (const int node : upstream(*m_plan.graph, target))
      if (const int shown = m_plan.graph->shown(node); !std::exchange(isListed[static_cast<std::size_t>(shown)], 1))
        pass.nodes.push_back(shown);
  for (const int node : pass.nodes) m_nodes[static_cast<std::size_t>(node)].chunksTotal += tasks;
  m_passes.push_back(std::move(pass));
  m_tasks += tasks;
}

double Progress::secondsSinceStart() const { return seconds(nowNs() - m_startNs); }

void Progress::setState(int worker, ChunkState state) {
  Hand& hand = *m_hands[static_cast<std::size_t>(worker)];
  if (state == ChunkState::Waiting) hand.startNs.store(0, std::memory_order_relaxed);
  hand.state.store(static_cast<int>(state), std::memory_order_release);
}

void Progress::begin(int worker, int stage, std::int64_t index, std::int64_t startNs) {
  Hand& hand = *m_hands[static_cast<std::size_t>(worker)];
  hand.stage.store(stage, std::memory_order_relaxed);
  hand.index.store(index, std::memory_order_relaxed);
  hand.startNs.store(startNs, std::memory_order_relaxed);
  hand.state.store(static_cast<int>(ChunkState::Reading), std::memory_order_release);
}

void Progress::beginPart(int worker, int pass, std::int64_t part, std::int64_t startNs) {
  begin(worker, m_passes[static_cast<std::size_t>(pass)].stage, part, startNs);
}

ChunkState Progress::Hand::stateNow() const {
  const auto told = static_cast<ChunkState>(state.load(std::memory_order_acquire));
  const bool isChunk = startNs.load(std::memory_order_relaxed) != 0;
  return told == ChunkState::Reading && isChunk && reading.node() < 0 ? ChunkState::Computing : told;
}

std::vector<WorkInHand> Progress::inHand() const {
  std::vector<WorkInHand> all;
  for (std::size_t worker = 0; worker < m_hands.size(); ++worker) {
    const Hand& hand = *m_hands[worker];
    const int state = hand.state.load(std::memory_order_acquire);
    const std::int64_t startNs = hand.startNs.load(std::memory_order_relaxed);
    if (state <= static_cast<int>(ChunkState::Waiting) || startNs == 0) continue;
    WorkInHand work{hand.stage.load(std::memory_order_relaxed), static_cast<int>(worker), hand.index.load(std::memory_order_relaxed),
                    seconds(startNs - m_startNs), hand.stateNow()};
    if (work.phase == ChunkState::Reading) {
      work.node = hand.reading.node();
      work.readingSince = seconds(hand.reading.sinceNs() - m_startNs);
    }
    all.push_back(work);
  }
  return all;
}

/// Of a step: whether it is not only what another step of the same node hands on.
bool Progress::takesFromOutside(int node) const {
  const Graph& graph = *m_plan.graph;
  const std::vector<int>& inputs = graph.nodes[static_cast<std::size_t>(node)].inputs;
  return std::none_of(inputs.begin(), inputs.end(), [&](int input) { return graph.shown(input) == graph.shown(node); });
}

void Progress::addWork(const Pass& pass, const std::vector<NodeWork>& work) {
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (work[i].calls == 0) continue;
    NodeProgress& node = m_nodes[static_cast<std::size_t>(m_plan.graph->shown(static_cast<int>(i)))];
    if (takesFromOutside(static_cast<int>(i))) node.bytesIn += work[i].bytesIn;
    if (i < m_nodes.size() || m_plan.graph->nodes[i].isSink) node.bytesOut += work[i].bytesOut;
    node.seconds += seconds(work[i].ownNs);
  }
  // Nodes that the chunk did not reach (it lies outside their data) are done with it all the same.
  if (!work.empty())
    for (const int node : pass.nodes) ++m_nodes[static_cast<std::size_t>(node)].chunksDone;
}

ChunkEvent Progress::tellPhases(int worker, int stage, int target, std::int64_t index, const std::vector<NodeWork>& work,
                                std::int64_t bytesRead, std::int64_t startNs, std::int64_t computedNs) {
  std::int64_t readNs = 0, busiestNs = -1;
  int reader = m_plan.graph->shown(target), computer = reader;
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (work[i].calls == 0) continue;
    const auto& operation = m_plan.graph->nodes[i].operation;
    if (operation && operation->source()) {
      readNs += work[i].ownNs;
      reader = m_plan.graph->shown(static_cast<int>(i));
    } else if (work[i].ownNs > busiestNs) {
      busiestNs = work[i].ownNs;
      computer = m_plan.graph->shown(static_cast<int>(i));
    }
  }
  ChunkEvent event;
  event.stage = stage;
  event.index = index;
  event.worker = worker;
  const std::int64_t readEnd = std::min(startNs + readNs, computedNs);
  event.phase = ChunkState::Reading;
  event.node = reader;
  event.start = seconds(startNs - m_startNs);
  event.end = seconds(readEnd - m_startNs);
  event.bytesIn = static_cast<double>(bytesRead);
  if (readNs > 0) tell(event);
  event.phase = ChunkState::Computing;
  event.node = computer;
  event.start = event.end;
  event.end = seconds(computedNs - m_startNs);
  event.bytesIn = 0;
  tell(event);
  m_bytesRead += bytesRead;
  return event;
}

void Progress::partDone(int worker, int pass, std::int64_t part, const std::vector<NodeWork>& work, std::int64_t bytesRead,
                        std::int64_t startNs, std::int64_t endNs) {
  const Pass& planned = m_passes[static_cast<std::size_t>(pass)];
  {
    const std::lock_guard lock(m_mutex);
    addWork(planned, work);
  }
  tellPhases(worker, planned.stage, planned.target, part, work, bytesRead, startNs, endNs);
  ++m_tasksDone;
  setState(worker, ChunkState::Waiting);
}

void Progress::chunkDone(int worker, int stage, std::int64_t index, const std::vector<NodeWork>& work, std::int64_t bytesRead,
                         double bytesWritten, std::int64_t startNs, std::int64_t computedNs, std::int64_t writtenNs) {
  const Stage& planned = m_plan.stages[static_cast<std::size_t>(stage)];
  {
    const std::lock_guard lock(m_mutex);
    addWork(m_passes[static_cast<std::size_t>(planned.pass)], work);
    if (planned.sinkNode >= 0)
      m_nodes[static_cast<std::size_t>(m_plan.graph->shown(planned.sinkNode))].seconds += seconds(writtenNs - computedNs);
  }
  ChunkEvent event = tellPhases(worker, stage, planned.node, index, work, bytesRead, startNs, computedNs);
  event.phase = ChunkState::Writing;
  event.node = m_plan.graph->shown(planned.node);
  event.start = event.end;
  event.end = seconds(writtenNs - m_startNs);
  event.bytesOut = bytesWritten;
  tell(event);
  m_bytesWritten += static_cast<std::int64_t>(bytesWritten);
  m_outBytes += static_cast<std::int64_t>(bytesWritten);
  event.phase = ChunkState::Done;
  event.start = seconds(startNs - m_startNs);
  event.bytesIn = static_cast<double>(bytesRead);
  tell(event);
  ++m_chunksDone;
  if (planned.parts == 1) ++m_tasksDone;
  setState(worker, ChunkState::Waiting);
}

void Progress::stateKept(double bytes) {
  m_bytesWritten += static_cast<std::int64_t>(bytes);
  ++m_chunksDone;
}

void Progress::prepared(int worker, std::int64_t bytesRead) {
  m_bytesRead += bytesRead;
  setState(worker, ChunkState::Waiting);
}

double Progress::plannedBytes(const Stage& stage) const {
  return stage.bytesToRead + stage.share() * m_plan.graph->nodes[static_cast<std::size_t>(stage.node)].operation->spec().bytes();
}

void Progress::chunksThere(int stage, std::int64_t count) {
  const Stage& planned = m_plan.stages[static_cast<std::size_t>(stage)];
  const std::int64_t tasks = planned.isOfPart() ? 1 : planned.parts;  // of what is counted
  const double share = static_cast<double>(count * tasks) / static_cast<double>(std::max<std::int64_t>(planned.units().count(), 1));
  m_thereBytes += static_cast<std::int64_t>(share * plannedBytes(planned));
  m_sparedBytes += static_cast<std::int64_t>(share * planned.bytesToRead);
  m_chunksDone += count;
  const std::lock_guard lock(m_mutex);
  const Pass& pass = m_passes[static_cast<std::size_t>(planned.pass)];
  if (pass.stage != stage) return;  // its nodes are counted with the first stage of the pass
  m_tasksDone += count * tasks;
  for (const int node : pass.nodes) m_nodes[static_cast<std::size_t>(node)].chunksDone += count * tasks;
}

void Progress::chunkFailed(int worker, int stage, std::int64_t index, std::int64_t startNs, ChunkState state) {
  ChunkEvent event;
  event.stage = stage;
  event.node = m_plan.graph->shown(m_plan.stages[static_cast<std::size_t>(stage)].node);
  event.index = index;
  event.worker = worker;
  event.start = seconds(startNs - m_startNs);
  event.end = secondsSinceStart();
  event.phase = state;
  tell(event);
  ++(state == ChunkState::Failed ? m_failed : m_canceled);
  setState(worker, ChunkState::Waiting);
}

void Progress::enter(RunPhase phase) {
  m_phase = phase;
  const std::lock_guard lock(m_mutex);
  m_eta.reset();
}

void Progress::stagePublished(int stage) {
  const std::lock_guard lock(m_mutex);
  m_stagesPublished[static_cast<std::size_t>(stage)] = 1;
}

void Progress::workersChanged(int workers) {
  m_workers = workers;
  const std::lock_guard lock(m_mutex);
  m_eta.reset();
}

void Progress::budgetChanged() {
  const std::lock_guard lock(m_mutex);
  m_eta.reset();
}

void Progress::setPaused(bool paused) {
  m_isPaused = paused;
  const std::lock_guard lock(m_mutex);
  m_eta.reset();
}

/// Of what is read and computed.
double Progress::chunkFraction() const {
  return m_chunkBytes > 0 ? std::min(1.0, static_cast<double>(m_bytesRead + m_outBytes + m_thereBytes) / m_chunkBytes) : 0;
}

double Progress::fraction() const {
  if (m_finished && m_published) return 1;
  const double planned = m_chunkBytes + m_afterBytes;
  if (planned <= 0) return 0;
  double after = 0;
  for (std::size_t i = 0; i < m_stagesPublished.size(); ++i) after += m_stagesPublished[i] ? bytesAfterChunks(m_plan.stages[i]) : 0;
  return std::min(0.999, (chunkFraction() * m_chunkBytes + after) / planned);
}

double Progress::secondsAfterChunks() const {
  double sum = 0;
  for (std::size_t i = 0; i < m_stagesPublished.size(); ++i) {
    const Stage& stage = m_plan.stages[i];
    if (!m_stagesPublished[i] && !stage.sinkRequest.path.empty())
      sum += publishingSeconds(stage.sinkPlan.temporaryBytes, stage.bytesToWrite, isFlushedEarly(stage.sinkPlan.format));
  }
  return sum;
}

void Progress::tell(const ChunkEvent& event) {
  EventRing& ring = *m_rings[static_cast<std::size_t>(event.worker)];
  while (!ring.push(event)) {
    const std::lock_guard lock(m_mutex);
    collect();
  }
}

void Progress::collect() {
  const std::size_t before = m_history.size();
  for (const auto& ring : m_rings) ring->drain([this](const ChunkEvent& event) { m_history.push_back(event); });
  std::sort(m_history.begin() + static_cast<std::ptrdiff_t>(before), m_history.end(),
            [](const ChunkEvent& a, const ChunkEvent& b) { return a.end < b.end; });
}

std::vector<ChunkEvent> Progress::events(std::size_t& cursor) {
  const std::lock_guard lock(m_mutex);
  collect();
  std::vector<ChunkEvent> news(m_history.begin() + static_cast<std::ptrdiff_t>(std::min(cursor, m_history.size())), m_history.end());
  cursor = m_history.size();
  return news;
}

std::vector<NodeProgress> Progress::nodes() const {
  const std::lock_guard lock(m_mutex);
  return m_nodes;
}

Snapshot Progress::snapshot(double reservedBytes, double poolBytes, double fixedBytes) {
  Snapshot s;
  s.t = secondsSinceStart();
  s.reservedBytes = reservedBytes;
  s.poolBytes = poolBytes;
  s.fixedBytes = fixedBytes;
  s.rssBytes = static_cast<double>(processRssBytes());
  s.bytesRead = static_cast<double>(m_bytesRead.load());
  s.bytesWritten = static_cast<double>(m_bytesWritten.load());
  s.workers = m_workers;
  s.finished = m_finished;
  const std::lock_guard lock(m_mutex);
  collect();
  m_bestFraction = std::max(m_bestFraction, fraction());
  s.fraction = m_bestFraction;
  s.nodes = m_nodes;
  if (s.t - m_lastSeconds >= kRatePeriodSeconds) {
    const double period = s.t - m_lastSeconds;
    const double cpu = processCpuSeconds();
    m_cpuCores = std::max(0.0, (cpu - m_lastCpu) / period);
    m_readRate = (s.bytesRead - m_lastRead) / period;
    m_writeRate = (s.bytesWritten - m_lastWritten) / period;
    m_lastSeconds = s.t;
    m_lastCpu = cpu;
    m_lastRead = s.bytesRead;
    m_lastWritten = s.bytesWritten;
    m_lastSecond.emplace_back(s.t, s.bytesRead);
    while (m_lastSecond.size() > 2 && m_lastSecond[1].first <= s.t - kMeanSeconds) m_lastSecond.pop_front();
    m_eta.expectAfterwards(secondsAfterChunks());
    m_eta.add(s.t, chunkFraction(), m_tasksDone, m_tasks);
  }
  s.cpuCores = m_cpuCores;
  s.readBytesPerSecond = m_readRate;
  const auto& [since, readThen] = m_lastSecond.front();
  if (s.t > since) s.meanReadBytesPerSecond = (m_lastSecond.back().second - readThen) / std::max(m_lastSecond.back().first - since, 1e-3);
  s.writeBytesPerSecond = m_writeRate;
  if (!m_finished && !m_isPaused) s.etaSeconds = m_eta.estimate();
  if (!m_finished) s.inHand = inHand();
  s.phase = m_finished ? RunPhase::Finished : m_phase.load();
  const auto count = [&s](ChunkState state) -> std::int64_t& { return s.states[static_cast<std::size_t>(state)]; };
  count(ChunkState::Done) = m_chunksDone;
  count(ChunkState::Failed) = m_failed;
  count(ChunkState::Canceled) = m_canceled;
  std::int64_t busy = 0;
  for (const auto& hand : m_hands) {
    const int value = hand->state.load(std::memory_order_relaxed);
    if (value <= static_cast<int>(ChunkState::Waiting) || m_finished) continue;
    ++s.states[static_cast<std::size_t>(hand->stateNow())];
    ++busy;
  }
  count(ChunkState::Waiting) = std::max<std::int64_t>(0, m_plan.chunks - m_chunksDone - m_failed - m_canceled - busy);
  return s;
}

}  // namespace cubeloom
