// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"

#include <filesystem>
#include <map>
#include <thread>

#include "engine/base/system.h"
#include "engine/run/ledger.h"
#include "engine/run/progress.h"
#include "engine/run/worker_gate.h"
#include "engine/run/worker_pool.h"

namespace cubeloom {
namespace {

/// What a file was when the run began: if it changes meanwhile, the result is not published.
struct Fingerprint {
  std::string path;
  std::uintmax_t size = 0;
  std::filesystem::file_time_type time;
  bool operator==(const Fingerprint&) const = default;
};

std::vector<Fingerprint> fingerprints(const Graph& graph) {
  std::vector<Fingerprint> all;
  for (const BoundNode& node : graph.nodes) {
    const auto source = node.operation ? node.operation->source() : nullptr;
    if (!source) continue;
    for (const std::string& file : source->files()) {
      std::error_code code;
      all.push_back({file, std::filesystem::file_size(file, code), std::filesystem::last_write_time(file, code)});
    }
  }
  return all;
}

class LocalRun : public Run {
 public:
  LocalRun(Plan plan, std::shared_ptr<SinkProvider> sinks)
      : m_plan(std::move(plan)),
        m_sinks(std::move(sinks)),
        m_maxWorkers(std::max(m_plan.workers, systemFacts().logicalCores)),
        m_gate(m_plan.workers),
        m_ledger(leaseable(m_plan)),
        m_progress(m_plan, m_maxWorkers),
        m_inputs(fingerprints(*m_plan.graph)),
        m_startCpu(processCpuSeconds()) {
    m_thread = std::thread([this] { work(); });
  }

  ~LocalRun() override {
    cancel();
    m_thread.join();
  }

  void cancel() override {
    m_cancel.cancel();
    m_gate.wakeAll();
    m_ledger.wakeAll();
  }
  void setPaused(bool paused) override { m_gate.setPaused(paused); }
  void setWorkers(int workers) override {
    const int allowed = std::clamp(workers, 1, m_maxWorkers);
    m_gate.setWorkers(allowed);
    m_progress.workersChanged(allowed);
  }
  Snapshot snapshot() override {
    return m_progress.snapshot(m_ledger.leasedBytes(), static_cast<double>(m_pool.liveBytes()), m_fixedBytes);
  }
  std::vector<ChunkEvent> events(std::size_t& cursor) override { return m_progress.events(cursor); }
  bool isFinished() const override { return m_finished; }
  RunReport wait() override {
    std::unique_lock lock(m_reportMutex);
    m_reportReady.wait(lock, [this] { return m_finished.load(); });
    return m_report;
  }
  const Plan& plan() const override { return m_plan; }

 private:
  /// What chunks may lease: the budget less the process and the largest fixed part, at least one chunk.
  static double leaseable(const Plan& plan) {
    double fixed = 0;
    for (const Stage& stage : plan.stages) fixed = std::max(fixed, stage.fixedBytes);
    return std::max(0.0, static_cast<double>(plan.memoryBudgetBytes) - plan.processBytes - fixed);
  }

  void work() {
    RunReport report;
    if (!m_plan.fits()) {
      report.status = RunStatus::Refused;
      for (const Refusal& refusal : m_plan.refusals)
        m_errors.push_back({ErrorCode::OverBudget, refusal.reason, refusal.remedies.empty() ? "" : refusal.remedies[0], {}, {}, {}, {}});
    } else {
      for (std::size_t i = 0; i < m_plan.stages.size() && m_errors.empty() && !m_cancel.isCanceled(); ++i)
        runStage(static_cast<int>(i), report);
      report.status = !m_errors.empty() ? RunStatus::Failed : m_cancel.isCanceled() ? RunStatus::Canceled : RunStatus::Finished;
    }
    if (report.status == RunStatus::Finished) m_progress.published();
    m_progress.finished();
    finish(std::move(report));
  }

  void runStage(int index, RunReport& report) {
    const Stage& stage = m_plan.stages[static_cast<std::size_t>(index)];
    auto opened = m_sinks->open(stage.sinkRequest, m_pool);
    if (!opened) return addError(opened.error().atNode(nodeId(stage.node)));
    const std::shared_ptr<Sink> sink = std::move(*opened);
    m_fixedBytes = stage.fixedBytes;
    if (stage.parts > 1) {
      for (std::int64_t chunk = 0; chunk < stage.chunks.count() && !isStopped(); ++chunk) runParts(index, chunk, *sink);
    } else {
      runChunks(index, *sink);
    }
    m_pool.trim();
    if (isStopped()) return sink->discard();
    if (auto inputs = checkInputs(); !inputs) {
      sink->discard();
      return addError(inputs.error());
    }
    if (auto published = sink->publish(); !published) return addError(published.error().atNode(nodeId(stage.node)));
    m_writtenBytes += static_cast<double>(sink->bytesWritten());
    addOutput(stage, sink, report);
  }

  void addOutput(const Stage& stage, const std::shared_ptr<Sink>& sink, RunReport& report) {
    const ArraySpec& spec = m_plan.graph->nodes[static_cast<std::size_t>(stage.node)].operation->spec();
    RunOutput output{nodeId(stage.node),
                     stage.sinkRequest.path,
                     spec.dimNames(),
                     spec.shape(),
                     std::string(pixelTypeName(spec.type)),
                     sink->memory(),
                     nullptr};
    if (output.memory.data) output.holder = sink;
    report.outputs.push_back(std::move(output));
  }

  void runChunks(int stageIndex, Sink& sink) {
    const Stage& stage = m_plan.stages[static_cast<std::size_t>(stageIndex)];
    std::atomic<std::int64_t> next{0};
    m_gate.open();
    // In flight at once: T of the plan, unless the user changes the workers meanwhile; the ledger keeps the bytes in any case.
    runWorkers(static_cast<int>(std::min<std::int64_t>(m_maxWorkers, stage.chunks.count())), [&](int worker) {
      EvaluateContext context{m_pool, m_cancel, 0, {}};
      while (m_gate.enter(worker, m_cancel) && !isStopped()) {
        const std::int64_t chunk = next++;
        if (chunk >= stage.chunks.count()) break;
        runChunk(stageIndex, chunk, worker, sink, context);
      }
      m_gate.close();
    });
  }

  void runChunk(int stageIndex, std::int64_t chunk, int worker, Sink& sink, EvaluateContext& context) {
    const Stage& stage = m_plan.stages[static_cast<std::size_t>(stageIndex)];
    m_progress.setState(worker, ChunkState::Leased);
    const auto lease = m_ledger.take(stage.chunkBytes, m_cancel);
    if (!lease) return;
    const std::int64_t start = nowNs();
    m_progress.setState(worker, ChunkState::Reading);
    const Region region = stage.chunks.region(chunk);
    const ArraySpec& spec = m_plan.graph->nodes[static_cast<std::size_t>(stage.node)].operation->spec();
    context.bytesRead = 0;
    context.work.assign(m_plan.graph->nodes.size(), {});
    const Block block = makeBlock(m_pool, spec.type, regionShape(region));
    auto result = evaluate(*m_plan.graph, stage.node, region, block.view, context);
    const std::int64_t computed = nowNs();
    m_progress.setState(worker, ChunkState::Writing);
    if (result) result = sink.write(chunk, region, block.view).map_error([&](const Error& e) { return e.atNode(nodeId(stage.node)); });
    if (!result) return chunkFailed(stageIndex, chunk, worker, start, result.error());
    const double bytes = static_cast<double>(block.view.count()) * static_cast<double>(pixelTypeBytes(spec.type));
    m_progress.chunkDone(worker, stageIndex, chunk, context.work, context.bytesRead, bytes, start, computed, nowNs(), true);
  }

  /// One chunk that is a large reduction: its parts side by side, merged in order.
  void runParts(int stageIndex, std::int64_t chunk, Sink& sink) {
    const Stage& stage = m_plan.stages[static_cast<std::size_t>(stageIndex)];
    const Region region = stage.chunks.region(chunk);
    const auto parted = partedNode(*m_plan.graph, stage.node, region);
    if (!parted) return addError({ErrorCode::Internal, "a planned reduction is none", {}, nodeId(stage.node), {}, {}, {}});
    const BoundNode& node = m_plan.graph->nodes[static_cast<std::size_t>(parted->node)];
    const ArraySpec& inputSpec = m_plan.graph->nodes[static_cast<std::size_t>(node.inputs[0])].operation->spec();
    const auto count = static_cast<std::int64_t>(parted->parts.size());
    std::unique_ptr<Partial> total = node.operation->partial(parted->region);
    std::map<std::int64_t, std::unique_ptr<Partial>> waiting;
    std::mutex mutex;
    std::int64_t merged = 0;
    std::atomic<std::int64_t> next{0};
    m_gate.open();
    runWorkers(static_cast<int>(std::min<std::int64_t>(m_maxWorkers, count)), [&](int worker) {
      EvaluateContext context{m_pool, m_cancel, 0, {}};
      while (m_gate.enter(worker, m_cancel) && !isStopped()) {
        const std::int64_t part = next++;
        if (part >= count) break;
        m_progress.setState(worker, ChunkState::Leased);
        const auto lease = m_ledger.take(stage.chunkBytes, m_cancel);
        if (!lease) break;
        const std::int64_t start = nowNs();
        m_progress.setState(worker, ChunkState::Reading);
        context.bytesRead = 0;
        context.work.assign(m_plan.graph->nodes.size(), {});
        const Region& partRegion = parted->parts[static_cast<std::size_t>(part)];
        const Block block = makeBlock(m_pool, inputSpec.type, regionShape(partRegion));
        auto result = evaluate(*m_plan.graph, node.inputs[0], partRegion, block.view, context);
        auto partial = node.operation->partial(parted->region);
        if (result) result = partial->add(block.view);
        if (!result) {
          chunkFailed(stageIndex, chunk, worker, start, result.error());
          break;
        }
        {
          const std::lock_guard lock(mutex);
          waiting[part] = std::move(partial);
          for (auto first = waiting.begin(); first != waiting.end() && first->first == merged; first = waiting.erase(first), ++merged)
            total->merge(*first->second);
        }
        const std::int64_t end = nowNs();
        m_progress.chunkDone(worker, stageIndex, part, context.work, context.bytesRead, 0, start, end, end, false);
      }
      m_gate.close();
    });
    if (isStopped()) return;
    const ArraySpec& spec = m_plan.graph->nodes[static_cast<std::size_t>(stage.node)].operation->spec();
    const std::int64_t start = nowNs();
    const Block block = makeBlock(m_pool, spec.type, regionShape(region));
    auto result = total->finish(partedView(*parted, block.view));
    const std::int64_t computed = nowNs();
    if (result) result = sink.write(chunk, region, block.view);
    if (!result) return chunkFailed(stageIndex, chunk, 0, start, result.error());
    m_progress.chunkDone(0, stageIndex, chunk, {}, 0,
                         static_cast<double>(block.view.count()) * static_cast<double>(pixelTypeBytes(spec.type)), start, computed, nowNs(),
                         true);
  }

  void chunkFailed(int stageIndex, std::int64_t chunk, int worker, std::int64_t start, Error error) {
    const bool canceled = error.code == ErrorCode::Canceled;
    m_progress.chunkFailed(worker, stageIndex, chunk, start, canceled ? ChunkState::Canceled : ChunkState::Failed);
    if (canceled) return;
    if (error.chunk.empty()) error.chunk = std::to_string(chunk);
    addError(std::move(error));
  }

  Result<void> checkInputs() const {
    const auto now = fingerprints(*m_plan.graph);
    for (std::size_t i = 0; i < now.size(); ++i)
      if (!(now[i] == m_inputs[i]))
        return fail(Error{ErrorCode::ReadFailed,
                          "the input " + now[i].path + " changed while the run was reading it",
                          "run again; nothing was published",
                          {},
                          {},
                          now[i].path,
                          {}});
    return {};
  }

  void addError(Error error) {
    const std::lock_guard lock(m_errorMutex);
    m_errors.push_back(std::move(error));
    m_failed = true;
    m_gate.close();
  }

  bool isStopped() const { return m_failed || m_cancel.isCanceled(); }
  const std::string& nodeId(int i) const { return m_plan.graph->nodes[static_cast<std::size_t>(i)].id; }

  void finish(RunReport report) {
    report.wallSeconds = m_progress.secondsSinceStart();
    report.cpuSeconds = processCpuSeconds() - m_startCpu;
    report.workers = m_gate.workers();
    report.chunksTotal = m_plan.chunks;
    report.chunksDone = m_progress.chunksDone();
    report.bytesRead = m_progress.bytesRead();
    report.plannedReadBytes = m_plan.bytesToRead;
    report.bytesWritten = m_writtenBytes;
    report.memoryBudgetBytes = static_cast<double>(m_plan.memoryBudgetBytes);
    report.projectedPeakBytes = m_plan.projectedPeakBytes;
    report.measuredPeakBytes = m_plan.processBytes + m_fixedBytes + static_cast<double>(m_pool.peakBytes());
    report.peakRssBytes = static_cast<double>(processPeakRssBytes());
    report.nodes = m_progress.nodes();
    report.errors = m_errors;
    {
      const std::lock_guard lock(m_reportMutex);
      m_report = std::move(report);
      m_finished = true;
    }
    m_reportReady.notify_all();
  }

  Plan m_plan;
  std::shared_ptr<SinkProvider> m_sinks;
  int m_maxWorkers;
  CancelToken m_cancel;
  WorkerGate m_gate;
  Ledger m_ledger;
  BufferPool m_pool;
  Progress m_progress;
  std::vector<Fingerprint> m_inputs;
  double m_startCpu = 0, m_writtenBytes = 0;
  std::atomic<double> m_fixedBytes{0};
  std::atomic<bool> m_failed{false}, m_finished{false};
  std::mutex m_errorMutex, m_reportMutex;
  std::condition_variable m_reportReady;
  std::vector<Error> m_errors;
  RunReport m_report;
  std::thread m_thread;
};

}  // namespace

std::unique_ptr<Run> Run::start(Plan plan, std::shared_ptr<SinkProvider> sinks) {
  return std::make_unique<LocalRun>(std::move(plan), std::move(sinks));
}

}  // namespace cubeloom
