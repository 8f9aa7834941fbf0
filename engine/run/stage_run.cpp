// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/stage_run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <thread>

#include "engine/base/system.h"
#include "engine/plan/output_identity.h"
#include "engine/run/block_cache.h"
#include "engine/run/scratch_blocks.h"
#include "engine/run/worker_pool.h"

namespace cubeloom {
namespace {

using std::chrono::milliseconds;

/// Before the first, second, ... repetition of a read; the last one for all further.
constexpr std::array<milliseconds, 3> kBackoff{milliseconds(20), milliseconds(100), milliseconds(500)};
constexpr milliseconds kLookForCancel{10};

void waitUnlessCanceled(milliseconds time, const CancelToken& cancel) {
  for (; time.count() > 0 && !cancel.isCanceled(); time -= kLookForCancel) std::this_thread::sleep_for(std::min(time, kLookForCancel));
}

double leaseable(const Plan& plan) {
  double fixed = 0;
  for (const Stage& stage : plan.stages) fixed = std::max(fixed, stage.fixedBytes);
  return std::max(0.0, static_cast<double>(plan.memoryBudgetBytes) - plan.processBytes - fixed);
}

/// What stands for pixels that could not be read; unset where the array has no such value.
std::optional<double> standIn(const ArraySpec& spec) {
  if (spec.nodata) return spec.nodata;
  if (isFloating(spec.type) || isComplex(spec.type)) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

double blockBytes(const BlockView& view) { return static_cast<double>(view.count()) * static_cast<double>(pixelTypeBytes(view.type)); }

}  // namespace

RunState::RunState(Plan runPlan, const RunOptions& runOptions)
    : plan(std::move(runPlan)),
      options(runOptions),
      maxWorkers(std::max(plan.workers, systemFacts().logicalCores)),
      gate(plan.workers),
      ledger(leaseable(plan)),
      progress(plan, maxWorkers) {}

void RunState::addError(Error error) {
  const std::lock_guard lock(errorMutex);
  errors.push_back(std::move(error));
  failed = true;
  gate.close();
}

void RunState::addSkipped(Error error) {
  const std::lock_guard lock(errorMutex);
  skipped.push_back(std::move(error));
}

std::optional<Error> RunState::changedInput() const {
  for (const FileFingerprint& then : plan.inputs) {
    const std::string difference = fingerprintDifference(then, fingerprintOf(then.path));
    if (!difference.empty())
      return Error{ErrorCode::ReadFailed,
                   "an input changed while the run was reading it: " + difference,
                   "run again; nothing was published",
                   {},
                   {},
                   then.path,
                   {}};
  }
  return std::nullopt;
}

StageRun::StageRun(RunState& run, int index, Sink& sink)
    : m_run(run), m_index(index), m_stage(run.plan.stages[static_cast<std::size_t>(index)]), m_sink(sink) {}

const ArraySpec& StageRun::spec() const { return m_run.plan.graph->nodes[static_cast<std::size_t>(m_stage.node)].operation->spec(); }

void StageRun::work() {
  const std::vector<std::int64_t> done = m_sink.done(m_run.cancel);
  m_run.progress.chunksThere(m_index, static_cast<std::int64_t>(done.size()));
  std::vector<std::int64_t> chunks;
  for (std::int64_t chunk = 0; chunk < m_stage.chunks.count(); ++chunk)
    if (!std::binary_search(done.begin(), done.end(), chunk)) chunks.push_back(chunk);
  if (chunks.empty() || !prepareReader()) return;
  if (m_stage.parts > 1) {
    for (const std::int64_t chunk : chunks)
      if (!m_run.isStopped()) runParts(chunk);
  } else {
    runChunks(chunks);
  }
  if (!m_run.isStopped()) fillSkipped();
}

bool StageRun::prepareReader() {
  const KeptBlocks& kept = m_stage.kept;
  if (kept.nodes.empty()) return true;
  if (kept.scratchBytes <= 0) {
    m_reader = std::make_unique<BlockCache>(*m_run.plan.graph, kept);
    return true;
  }
  auto scratch = ScratchBlocks::create(*m_run.plan.graph, kept);
  if (!scratch) {
    m_run.addError(scratch.error().atNode(m_run.nodeId(m_stage.node)));
    return false;
  }
  std::atomic<std::int64_t> next{0};
  m_run.gate.open();
  runWorkers(static_cast<int>(std::min<std::int64_t>(m_run.maxWorkers, (*scratch)->count())), [&](int worker) {
    while (m_run.gate.enter(worker, m_run.cancel) && !m_run.isStopped()) {
      const std::int64_t task = next++;
      if (task >= (*scratch)->count()) break;
      m_run.progress.setState(worker, ChunkState::Leased);
      const auto lease = m_run.ledger.take(kept.passBytes, m_run.cancel);
      if (!lease) break;
      m_run.progress.setState(worker, ChunkState::Reading);
      ReadContext context{m_run.pool, m_run.cancel, 0};
      auto filled = (*scratch)->fill(task, context);
      m_run.progress.prepared(worker, context.bytesRead);
      if (!filled && filled.error().code != ErrorCode::Canceled) m_run.addError(filled.error().atNode(m_run.nodeId(m_stage.node)));
    }
    m_run.gate.close();
  });
  m_reader = std::move(*scratch);
  return !m_run.isStopped();
}

void StageRun::runChunks(const std::vector<std::int64_t>& chunks) {
  if (chunks.empty()) return;
  std::atomic<std::size_t> next{0};
  m_run.gate.open();
  // In flight at once: T of the plan, unless the user changes the workers meanwhile; the ledger keeps the bytes in any case.
  const auto workers = std::min<std::size_t>(static_cast<std::size_t>(m_run.maxWorkers), chunks.size());
  runWorkers(static_cast<int>(workers), [&](int worker) {
    EvaluateContext context{m_run.pool, m_run.cancel, 0, {}, m_reader.get(), &m_stage.onlyRead};
    while (m_run.gate.enter(worker, m_run.cancel) && !m_run.isStopped()) {
      const std::size_t i = next++;
      if (i >= chunks.size()) break;
      runChunk(chunks[i], worker, context);
    }
    m_run.gate.close();
  });
}

void StageRun::runChunk(std::int64_t chunk, int worker, EvaluateContext& context) {
  m_run.progress.setState(worker, ChunkState::Leased);
  const auto lease = m_run.ledger.take(m_stage.chunkBytes, m_run.cancel);
  if (!lease) return;
  const std::int64_t start = nowNs();
  m_run.progress.setState(worker, ChunkState::Reading);
  const Region region = m_stage.chunks.region(chunk);
  const Block block = makeBlock(m_run.pool, spec().type, regionShape(region));
  auto result = evaluatePatiently(m_stage.node, region, block.view, context);
  if (!result && skip(chunk, worker, start, result.error())) return;
  const std::int64_t computed = nowNs();
  m_run.progress.setState(worker, ChunkState::Writing);
  if (result)
    result = m_sink.write(chunk, region, block.view).map_error([&](const Error& e) { return e.atNode(m_run.nodeId(m_stage.node)); });
  if (!result) return chunkFailed(chunk, worker, start, result.error());
  m_run.progress.chunkDone(worker, m_index, chunk, context.work, context.bytesRead, blockBytes(block.view), start, computed, nowNs(), true);
}

Result<void> StageRun::evaluatePatiently(int node, const Region& region, const BlockView& out, EvaluateContext& context) {
  for (int attempt = 0;; ++attempt) {
    context.bytesRead = 0;
    context.work.assign(m_run.plan.graph->nodes.size(), {});
    auto result = evaluate(*m_run.plan.graph, node, region, out, context);
    if (result || result.error().code != ErrorCode::ReadFailed) return result;
    // Of another file the same bytes cannot be had, however often it is read.
    if (const auto changed = m_run.changedInput()) return fail(*changed);
    if (attempt >= m_run.options.retries) return result;
    waitUnlessCanceled(kBackoff[std::min<std::size_t>(static_cast<std::size_t>(attempt), kBackoff.size() - 1)], m_run.cancel);
    if (m_run.isStopped()) return fail(ErrorCode::Canceled, "canceled");
  }
}

/// One chunk that is a large reduction: its parts side by side, merged in order.
void StageRun::runParts(std::int64_t chunk) {
  const Region region = m_stage.chunks.region(chunk);
  const auto parted = partedNode(*m_run.plan.graph, m_stage.node, region);
  if (!parted) return m_run.addError({ErrorCode::Internal, "a planned reduction is none", {}, m_run.nodeId(m_stage.node), {}, {}, {}});
  const auto count = static_cast<std::int64_t>(parted->parts.size());
  Merge merge;
  merge.total = m_run.plan.graph->nodes[static_cast<std::size_t>(parted->node)].operation->partial(parted->region);
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> isOver{false};
  m_run.gate.open();
  runWorkers(static_cast<int>(std::min<std::int64_t>(m_run.maxWorkers, count)), [&](int worker) {
    EvaluateContext context{m_run.pool, m_run.cancel, 0, {}, m_reader.get(), &m_stage.onlyRead};
    while (m_run.gate.enter(worker, m_run.cancel) && !m_run.isStopped() && !isOver) {
      const std::int64_t part = next++;
      if (part >= count) break;
      runPart(*parted, chunk, part, worker, context, merge);
      const std::lock_guard lock(merge.mutex);
      isOver = merge.unreadable.has_value();
    }
    m_run.gate.close();
  });
  if (m_run.isStopped() || merge.unreadable) return;
  const std::int64_t start = nowNs();
  const Block block = makeBlock(m_run.pool, spec().type, regionShape(region));
  auto result = merge.total->finish(partedView(*parted, block.view));
  const std::int64_t computed = nowNs();
  if (result) result = m_sink.write(chunk, region, block.view);
  if (!result) return chunkFailed(chunk, 0, start, result.error().atNode(m_run.nodeId(m_stage.node)));
  m_run.progress.chunkDone(0, m_index, chunk, {}, 0, blockBytes(block.view), start, computed, nowNs(), true);
}

void StageRun::runPart(const PartedNode& parted, std::int64_t chunk, std::int64_t part, int worker, EvaluateContext& context,
                       Merge& merge) {
  const BoundNode& node = m_run.plan.graph->nodes[static_cast<std::size_t>(parted.node)];
  const ArraySpec& input = m_run.plan.graph->nodes[static_cast<std::size_t>(node.inputs[0])].operation->spec();
  m_run.progress.setState(worker, ChunkState::Leased);
  const auto lease = m_run.ledger.take(m_stage.chunkBytes, m_run.cancel);
  if (!lease) return;
  const std::int64_t start = nowNs();
  m_run.progress.setState(worker, ChunkState::Reading);
  const Region& region = parted.parts[static_cast<std::size_t>(part)];
  const Block block = makeBlock(m_run.pool, input.type, regionShape(region));
  auto result = evaluatePatiently(node.inputs[0], region, block.view, context);
  if (!result) {
    // Once for all of its parts.
    const std::lock_guard lock(merge.mutex);
    if (merge.unreadable) return;
    if (skip(chunk, worker, start, result.error()))
      merge.unreadable = result.error();
    else
      chunkFailed(chunk, worker, start, result.error());
    return;
  }
  auto partial = node.operation->partial(parted.region);
  if (auto added = partial->add(block.view); !added) return chunkFailed(chunk, worker, start, added.error());
  merge.add(part, std::move(partial));
  const std::int64_t end = nowNs();
  m_run.progress.chunkDone(worker, m_index, part, context.work, context.bytesRead, 0, start, end, end, false);
}

void StageRun::Merge::add(std::int64_t part, std::unique_ptr<Partial> partial) {
  const std::lock_guard lock(mutex);
  waiting[part] = std::move(partial);
  for (auto first = waiting.begin(); first != waiting.end() && first->first == merged; first = waiting.erase(first), ++merged)
    total->merge(*first->second);
}

void StageRun::chunkFailed(std::int64_t chunk, int worker, std::int64_t start, Error error) {
  const bool canceled = error.code == ErrorCode::Canceled;
  m_run.progress.chunkFailed(worker, m_index, chunk, start, canceled ? ChunkState::Canceled : ChunkState::Failed);
  if (canceled) return;
  if (error.chunk.empty()) error.chunk = std::to_string(chunk);
  m_run.addError(std::move(error));
}

bool StageRun::skip(std::int64_t chunk, int worker, std::int64_t start, const Error& error) {
  if (m_run.options.onDataError != DataErrorPolicy::Nodata || error.code != ErrorCode::ReadFailed || !standIn(spec())) return false;
  if (m_run.changedInput()) return false;
  m_run.progress.chunkFailed(worker, m_index, chunk, start, ChunkState::Failed);
  const std::lock_guard lock(m_mutex);
  m_skipped.push_back({chunk, error});
  return true;
}

/// After all others, and without the journal: a run that is continued tries these chunks again.
void StageRun::fillSkipped() {
  if (m_skipped.empty()) return;
  m_sink.stopJournal();
  std::sort(m_skipped.begin(), m_skipped.end(), [](const Skipped& a, const Skipped& b) { return a.chunk < b.chunk; });
  for (Skipped& skipped : m_skipped) {
    const Region region = m_stage.chunks.region(skipped.chunk);
    const Block block = makeBlock(m_run.pool, spec().type, regionShape(region));
    fillBlock(block.view, *standIn(spec()));
    if (auto written = m_sink.write(skipped.chunk, region, block.view); !written)
      return m_run.addError(written.error().atNode(m_run.nodeId(m_stage.node)));
    skipped.error.chunk = std::to_string(skipped.chunk);
    if (skipped.error.hint.empty()) skipped.error.hint = "the pixels of this chunk are nodata in the output";
    m_run.addSkipped(std::move(skipped.error));
  }
}

}  // namespace cubeloom
