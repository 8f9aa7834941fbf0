// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/stage_run.h"

#include <algorithm>
#include <limits>

#include "engine/base/system.h"
#include "engine/run/block_cache.h"
#include "engine/run/parts_pass.h"
#include "engine/run/scratch_blocks.h"
#include "engine/run/task_feed.h"
#include "engine/walk/parted_node.h"

namespace cubeloom {
namespace {

/// What stands for pixels that could not be read; unset where the array has no such value.
std::optional<double> standIn(const ArraySpec& spec) {
  if (spec.nodata) return spec.nodata;
  if (isFloating(spec.type) || isComplex(spec.type)) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

double blockBytes(const BlockView& view) { return static_cast<double>(view.count()) * static_cast<double>(pixelTypeBytes(view.type)); }

}  // namespace

StageRun::StageRun(RunState& run, int index, Sink& sink)
    : m_run(run), m_index(index), m_stage(run.plan.stages[static_cast<std::size_t>(index)]), m_sink(sink) {}

const ArraySpec& StageRun::spec() const { return m_run.plan.graph->nodes[static_cast<std::size_t>(m_stage.node)].operation->spec(); }

std::vector<std::int64_t> StageRun::chunksToDo() {
  const std::vector<std::int64_t> done = m_sink.done(m_run.cancel);
  const UnitRange range = m_stage.chunkRange();
  m_run.progress.chunksThere(m_index, std::min(static_cast<std::int64_t>(done.size()), range.count()));
  std::vector<std::int64_t> chunks;
  for (std::int64_t chunk = range.first; chunk < range.end; ++chunk)
    if (!std::binary_search(done.begin(), done.end(), chunk)) chunks.push_back(chunk);
  return chunks;
}

void StageRun::work() {
  if (m_stage.isOfPart() && m_stage.parts > 1) return makeStates({this});
  const std::vector<std::int64_t> chunks = chunksToDo();
  if (chunks.empty() || !prepareReader()) return;
  if (m_stage.parts > 1) {
    for (const std::int64_t chunk : chunks)
      if (!m_run.isStopped()) runParts({this}, chunk);
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
  runTasks((*scratch)->count(), kept.passBytes, [&](std::int64_t task, int worker) {
    m_run.progress.setState(worker, ChunkState::Reading);
    ReadContext context{m_run.pool, m_run.cancel, 0};
    auto filled = (*scratch)->fill(task, context);
    m_run.progress.prepared(worker, context.bytesRead);
    if (!filled && filled.error().code != ErrorCode::Canceled) m_run.addError(filled.error().atNode(m_run.nodeId(m_stage.node)));
  });
  m_reader = std::move(*scratch);
  return !m_run.isStopped();
}

void StageRun::workTogether(const std::vector<std::unique_ptr<StageRun>>& stages) {
  if (stages.size() == 1) return stages[0]->work();
  std::vector<StageRun*> toDo;
  if (stages[0]->m_stage.isOfPart()) {
    for (const auto& stage : stages) toDo.push_back(stage.get());
    return makeStates(toDo);
  }
  for (const auto& stage : stages)
    if (!stage->chunksToDo().empty()) toDo.push_back(stage.get());
  if (toDo.empty() || toDo[0]->m_run.isStopped() || !toDo[0]->prepareReader()) return;
  runParts(toDo, 0);
  for (StageRun* stage : toDo)
    if (!stage->m_run.isStopped()) stage->fillSkipped();
}

void StageRun::runTasks(std::int64_t count, double bytes, const std::function<void(std::int64_t task, int worker)>& work) {
  const auto perform = [&](std::int64_t task, int worker, Ledger::Lease& /*kept till its end*/) {
    work(task, worker);
    return true;
  };
  if (auto done = TaskFeed(m_run, count, bytes, perform).run(); !done) m_run.addError(done.error().atNode(m_run.nodeId(m_stage.node)));
}

void StageRun::runChunks(const std::vector<std::int64_t>& chunks) {
  std::vector<EvaluateContext> contexts(static_cast<std::size_t>(m_run.maxWorkers),
                                        {m_run.pool, m_run.cancel, 0, {}, m_reader.get(), &m_stage.onlyRead, m_stage.sharing});
  for (EvaluateContext& context : contexts) context.sharing.workers = &m_run.workers;
  // In flight at once: T of the plan, unless the user changes the workers meanwhile; the ledger keeps the bytes in any case.
  runTasks(static_cast<std::int64_t>(chunks.size()), m_stage.chunkBytes, [&](std::int64_t i, int worker) {
    runChunk(chunks[static_cast<std::size_t>(i)], worker, contexts[static_cast<std::size_t>(worker)]);
  });
}

void StageRun::runChunk(std::int64_t chunk, int worker, EvaluateContext& context) {
  const std::int64_t start = nowNs();
  m_run.progress.begin(worker, m_index, chunk, start);
  const Region region = m_stage.chunks.region(chunk);
  const Block block = makeBlock(m_run.pool, spec().type, regionShape(region));
  context.sharing.most = std::min(m_stage.sharing.most, m_run.gate.workers());
  context.bytesRead = 0;
  context.work.assign(m_run.graph->nodes.size(), {});
  context.readingNow = &m_run.progress.readingNow(worker);
  auto result = computeOrRead(chunk, region, block.view, context);
  if (!result && skip(chunk, worker, start, result.error())) return;
  const std::int64_t computed = nowNs();
  m_run.progress.setState(worker, ChunkState::Writing);
  if (result)
    result = m_sink.write(chunk, region, block.view).map_error([&](const Error& e) { return e.atNode(m_run.nodeId(m_stage.node)); });
  if (!result) return chunkFailed(chunk, worker, start, result.error());
  m_run.progress.chunkDone(worker, m_index, chunk, context.work, context.bytesRead, blockBytes(block.view), start, computed, nowNs());
}

Result<void> StageRun::computeOrRead(std::int64_t chunk, const Region& region, const BlockView& out, EvaluateContext& context) {
  if (!m_stage.made) return m_run.evaluatePatiently(m_stage.node, region, out, context);
  const std::int64_t bytes = m_stage.made->bytes(chunk).value_or(-1);
  if (bytes != static_cast<std::int64_t>(blockBytes(out)))
    return fail(ErrorCode::PartsMissing, "chunk " + std::to_string(chunk) + " has another size in the part that made it",
                "remove the folder of the parts and make them again");
  context.bytesRead += bytes;
  return m_stage.made->read(chunk, out.data);
}

namespace {

/// Reductions of the same chunk, ready to be gathered in one reading.
struct GatheredTogether {
  std::vector<PartedNode> parted;
  std::vector<Gatherer> gatherers;
};

Result<GatheredTogether> gatheredTogether(const RunState& run, const std::vector<const Stage*>& stages, std::int64_t chunk) {
  GatheredTogether together;
  for (const Stage* stage : stages) {
    auto found = partedNode(*run.graph, stage->node, stage->chunks.region(chunk));
    if (!found) return fail(Error{ErrorCode::Internal, "a planned reduction is none", {}, run.nodeId(stage->node), {}, {}, {}});
    together.gatherers.push_back({found->node, [reducer = found->reducer, region = found->region] { return reducer->partial(region); },
                                  besideOf(*run.graph, found->node, *found->reducer)});
    together.parted.push_back(std::move(*found));
  }
  return together;
}

PartsInput inputOf(const RunState& run, const Stage& stage, const GatheredTogether& together, SourceReader* reader) {
  const PartedNode& first = together.parted[0];
  const BoundNode& reduction = run.graph->nodes[static_cast<std::size_t>(first.node)];
  return {reduction.inputs[0], first.parts, [reducer = first.reducer](const Region& part) { return reducer->pieces(part); },
          stage.chunkBytes,    reader,      &stage.onlyRead};
}

/// The state that a part of the run has kept.
PartsKeeping keptIn(const MadeUnits& made, std::int64_t firstUnit) {
  PartsKeeping keeping;
  keeping.load = [&made, firstUnit](std::int64_t part, const PartStates& states) -> Result<std::optional<std::int64_t>> {
    const std::int64_t unit = firstUnit + part, bytes = made.bytes(unit).value_or(0);
    std::vector<std::byte> state(static_cast<std::size_t>(bytes));
    CUBELOOM_TRY(made.read(unit, state.data()));
    StateCarrier carrier(std::move(state));
    states[0]->carry(carrier);
    if (carrier.isWhole()) return bytes;
    return fail(ErrorCode::PartsMissing, "what a part has gathered is no state of this reduction",
                "remove the folder of the parts and make them again");
  };
  return keeping;
}

}  // namespace

void StageRun::makeStates(const std::vector<StageRun*>& together) {
  StageRun& first = *together[0];
  RunState& run = first.m_run;
  std::vector<std::vector<std::int64_t>> done;
  std::vector<const Stage*> stages;
  for (StageRun* stage : together) {
    done.push_back(stage->m_sink.done(run.cancel));
    stages.push_back(&stage->m_stage);
    const std::int64_t here = std::min<std::int64_t>(static_cast<std::int64_t>(done.back().size()), stage->m_stage.units().count());
    run.progress.chunksThere(stage->m_index, here);
  }
  const UnitRange units = first.m_stage.units();
  if (units.count() == 0 || run.isStopped() || !first.prepareReader()) return;
  const auto isThere = [&done](std::size_t stage, std::int64_t unit) {
    return std::binary_search(done[stage].begin(), done[stage].end(), unit);
  };
  const UnitRange range = first.m_stage.chunkRange();
  for (std::int64_t chunk = range.first; chunk < range.end && !run.isStopped(); ++chunk) {
    auto gathered = gatheredTogether(run, stages, chunk);
    if (!gathered) return run.addError(std::move(gathered.error()));
    PartsInput input = inputOf(run, first.m_stage, *gathered, first.m_reader.get());
    const std::int64_t firstUnit = chunk * first.m_stage.parts;
    input.only = UnitRange{std::max<std::int64_t>(units.first - firstUnit, 0), std::min(units.end - firstUnit, first.m_stage.parts)};
    input.keeping.load = [&](std::int64_t part, const PartStates&) -> Result<std::optional<std::int64_t>> {
      for (std::size_t i = 0; i < together.size(); ++i)
        if (!isThere(i, firstUnit + part)) return std::nullopt;
      return 0;
    };
    input.keeping.keep = [&](std::int64_t part, const PartStates& states) -> Result<void> {
      for (std::size_t i = 0; i < together.size(); ++i) {
        if (isThere(i, firstUnit + part)) continue;
        StateCarrier carrier;
        states[i]->carry(carrier);
        CUBELOOM_TRY(together[i]->m_sink.writeState(firstUnit + part, carrier.bytes()));
        run.progress.stateKept(static_cast<double>(carrier.bytes().size()));
      }
      return {};
    };
    const std::int64_t start = nowNs();
    if (auto read = PartsPass(run, first.m_stage.pass, input, gathered->gatherers).run(); !read)
      return first.chunkFailed(chunk, 0, start, read.error());
  }
}

void StageRun::runParts(const std::vector<StageRun*>& together, std::int64_t chunk) {
  StageRun& first = *together[0];
  RunState& run = first.m_run;
  std::vector<const Stage*> stages;
  stages.reserve(together.size());
  for (const StageRun* stage : together) stages.push_back(&stage->m_stage);
  auto gathered = gatheredTogether(run, stages, chunk);
  if (!gathered) return run.addError(std::move(gathered.error()));
  PartsInput input = inputOf(run, first.m_stage, *gathered, first.m_reader.get());
  if (first.m_stage.made) input.keeping = keptIn(*first.m_stage.made, chunk * first.m_stage.parts);
  const std::int64_t start = nowNs();
  if (auto read = PartsPass(run, first.m_stage.pass, input, gathered->gatherers).run(); !read) {
    bool isSkipped = true;
    for (StageRun* stage : together) isSkipped = stage->skip(chunk, 0, start, read.error()) && isSkipped;
    if (!isSkipped) first.chunkFailed(chunk, 0, start, read.error());
    return;
  }
  for (std::size_t i = 0; i < together.size(); ++i)
    together[i]->writeReduction(chunk, gathered->parted[i], static_cast<const Partial&>(*gathered->gatherers[i].total));
}

void StageRun::writeReduction(std::int64_t chunk, const PartedNode& parted, const Partial& total) {
  if (m_run.isStopped()) return;
  const std::int64_t start = nowNs();
  const Region region = m_stage.chunks.region(chunk);
  const Block block = makeBlock(m_run.pool, spec().type, regionShape(region));
  auto result = total.finish(partedView(parted, block.view));
  const std::int64_t computed = nowNs();
  if (result) result = m_sink.write(chunk, region, block.view);
  if (!result) return chunkFailed(chunk, 0, start, result.error().atNode(m_run.nodeId(m_stage.node)));
  m_run.progress.chunkDone(0, m_index, chunk, {}, 0, blockBytes(block.view), start, computed, nowNs());
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
