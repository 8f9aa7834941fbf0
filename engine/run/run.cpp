// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"

#include <algorithm>
#include <thread>

#include "engine/base/guard.h"
#include "engine/base/system.h"
#include "engine/run/fit_run.h"
#include "engine/run/stage_run.h"

namespace cubeloom {
namespace {

class LocalRun : public Run {
 public:
  LocalRun(Plan plan, std::shared_ptr<SinkProvider> sinks, const RunOptions& options)
      : m_run(std::move(plan), options),
        m_sinks(std::move(sinks)),
        m_budget(static_cast<double>(m_run.plan.memoryBudgetBytes)),
        m_startCpu(processCpuSeconds()) {
    forgetPeakRss();  // that of an earlier run of this process
    const auto started = guarded([this] { m_thread = std::thread([this] { work(); }); });
    if (started) return;
    m_run.addError(started.error());
    finish({});
  }

  ~LocalRun() override {
    cancel();
    if (m_thread.joinable()) m_thread.join();
  }

  void cancel() override {
    m_run.cancel.cancel();
    m_run.gate.wake();
  }
  void setPaused(bool paused) override {
    m_run.gate.setPaused(paused);
    m_run.progress.setPaused(paused);
  }
  void setWorkers(int workers) override {
    const int allowed = std::clamp(workers, 1, m_run.maxWorkers);
    m_run.gate.setWorkers(allowed);
    m_run.progress.workersChanged(allowed);
  }
  void setMemoryBudget(std::int64_t bytes) override {
    const std::lock_guard lock(m_budgetMutex);
    m_budget = static_cast<double>(bytes);
    m_isBudgetChanged = true;
    m_run.ledger.setBudget(leaseable());
    m_run.gate.wake();
    m_run.pool.setRoom(0);
    m_run.progress.budgetChanged();
  }
  Snapshot snapshot() override {
    return m_run.progress.snapshot(m_run.ledger.leasedBytes(), static_cast<double>(m_run.pool.liveBytes()), m_fixedBytes);
  }
  std::vector<ChunkEvent> events(std::size_t& cursor) override { return m_run.progress.events(cursor); }
  bool isFinished() const override { return m_finished; }
  RunReport wait() override {
    std::unique_lock lock(m_reportMutex);
    m_reportReady.wait(lock, [this] { return m_finished.load(); });
    return m_report;
  }
  const Plan& plan() const override { return m_run.plan; }
  std::shared_ptr<const Graph> graph() const override { return m_run.graph; }

 private:
  void work() {
    RunReport report;
    if (m_run.plan.fits()) {
      if (auto worked = guarded([&] { runAll(report); }); !worked) m_run.addError(std::move(worked.error()));
      const bool isComplete = report.outputs.size() == m_run.plan.stages.size();
      report.status = m_run.failed ? RunStatus::Failed : isComplete ? RunStatus::Finished : RunStatus::Canceled;
    } else {
      report.status = RunStatus::Refused;
      for (const Refusal& refusal : m_run.plan.refusals)
        m_run.addError({ErrorCode::OverBudget, refusal.reason, refusal.remedies.empty() ? "" : refusal.remedies[0], {}, {}, {}, {}});
    }
    if (auto settled = guarded([&] { settleSinks(report); }); !settled) m_run.addError(std::move(settled.error()));
    m_open.clear();
    if (!m_run.plan.stages.empty() && m_run.plan.stages.front().isOfPart()) {
      report.part = m_run.plan.stages.front().sinkRequest.place.part;
      report.outputs.clear();  // which the end of the run publishes
    }
    if (report.status == RunStatus::Finished) m_run.progress.published();
    for (const Stage& stage : m_run.plan.stages)
      if (report.status == RunStatus::Finished && stage.sinkRequest.making == SinkRequest::Making::FromParts)
        (void)guarded([&] { m_sinks->removeParts(stage.sinkRequest); });
    finish(std::move(report));
  }

  void runAll(RunReport& report) {
    runFits();
    m_run.progress.enter(RunPhase::Working);
    for (const std::vector<int>& stages : passes())
      if (!m_run.isStopped()) runPass(stages, report);
  }

  /// The stages of each pass, in the order of the first of them.
  std::vector<std::vector<int>> passes() const {
    std::vector<std::vector<int>> found;
    for (std::size_t i = 0; i < m_run.plan.stages.size(); ++i) {
      const auto same = std::find_if(found.begin(), found.end(), [&](const std::vector<int>& stages) {
        return m_run.plan.stages[static_cast<std::size_t>(stages[0])].pass == m_run.plan.stages[i].pass;
      });
      (same == found.end() ? found.emplace_back() : *same).push_back(static_cast<int>(i));
    }
    return found;
  }

  void runFits() {
    int pass = 0;
    for (const FitStage& fit : m_run.plan.fitStages) {
      if (m_run.isStopped()) return;
      startPhase(fit);
      if (auto fitted = runFit(m_run, fit, pass, fitSharing()); !fitted && fitted.error().code != ErrorCode::Canceled)
        return m_run.addError(fitted.error().atNode(m_run.nodeId(fit.node)));
      endPhase();
      pass += fit.passes;
    }
  }

  /// Of a part of a run: what its fits learn lies with the parts of the first output.
  FitSharing fitSharing() const {
    if (m_run.plan.stages.empty()) return {};
    const SinkRequest& request = m_run.plan.stages.front().sinkRequest;
    if (request.making != SinkRequest::Making::Part) return {};
    return {m_sinks->sharedStates(request), request.place.part};
  }

  void runPass(const std::vector<int>& stages, RunReport& report) {
    std::vector<std::unique_ptr<StageRun>> runs;
    const std::size_t first = m_open.size();
    startPhase(m_run.plan.stages[static_cast<std::size_t>(stages[0])]);  // which speaks for all stages of the pass
    for (const int index : stages) {
      const Stage& stage = m_run.plan.stages[static_cast<std::size_t>(index)];
      auto opened = m_sinks->open(stage.sinkRequest, m_run.pool);
      if (!opened) return m_run.addError(opened.error().atNode(m_run.nodeId(stage.node)));
      m_open.push_back(std::move(*opened));
      runs.push_back(std::make_unique<StageRun>(m_run, index, *m_open.back()));
    }
    StageRun::workTogether(runs);
    endPhase();
    if (m_run.isStopped()) return;
    if (auto changed = m_run.changedInput()) {
      m_isWorthKeeping = false;
      return m_run.addError(std::move(*changed));
    }
    m_run.progress.enter(RunPhase::Publishing);
    for (std::size_t i = 0; i < stages.size(); ++i) publish(stages[i], m_open[first + i], report);
    m_run.progress.enter(RunPhase::Working);
  }

  /// What chunks may lease beside what is fixed in this phase.
  double leaseable() const { return std::max(0.0, m_budget - m_run.plan.processBytes - m_fixedBytes); }

  /// A fit or the stages of a pass: the pool gets room for what the plan has proven for all in flight, unless the user has set another
  /// budget meanwhile.
  template <class Phase>
  void startPhase(const Phase& phase) {
    const std::lock_guard lock(m_budgetMutex);
    m_fixedBytes = phase.fixedBytes;
    m_run.ledger.setBudget(leaseable());
    if (!m_isBudgetChanged) m_run.pool.setRoom(static_cast<std::int64_t>(phase.inFlight * phase.chunkBytes));
  }
  /// Each phase has a peak of its own: what is fixed in one does not lie beside the buffers of another.
  void endPhase() {
    m_peakBytes = std::max(m_peakBytes, m_run.plan.processBytes + m_fixedBytes + static_cast<double>(m_run.pool.peakBytes()));
    m_run.pool.resetPeak();
  }

  void publish(int index, const std::shared_ptr<Sink>& sink, RunReport& report) {
    if (m_run.isStopped()) return;
    const Stage& stage = m_run.plan.stages[static_cast<std::size_t>(index)];
    auto published = sink->publish(m_run.cancel);
    if (!published && published.error().code == ErrorCode::Canceled) return;
    if (!published) return m_run.addError(published.error().atNode(m_run.nodeId(stage.node)));
    m_run.progress.stagePublished(index);
    m_writtenBytes += static_cast<double>(sink->bytesWritten());
    addOutput(stage, sink, report);
  }

  /// Outputs that are complete leave nothing beside them; the others, what can be continued. Of a run that did not come to its end also
  /// the complete ones leave a note, so that they are not made again.
  void settleSinks(RunReport& report) {
    const bool keeps = report.status != RunStatus::Finished && m_run.options.keepUnfinished && m_isWorthKeeping;
    for (std::size_t i = 0; i < m_open.size(); ++i) {
      const bool isPublished = i < report.outputs.size();
      if (keeps) {
        if (std::string path = m_open[i]->keep(); !path.empty()) report.kept.push_back(std::move(path));
      } else if (!isPublished) {
        m_open[i]->discard();
      }
    }
  }

  void addOutput(const Stage& stage, const std::shared_ptr<Sink>& sink, RunReport& report) {
    const ArraySpec& spec = m_run.plan.graph->nodes[static_cast<std::size_t>(stage.node)].operation->spec();
    RunOutput output{m_run.nodeId(stage.node),
                     stage.sinkRequest.path,
                     spec.dimNames(),
                     spec.shape(),
                     std::string(pixelTypeName(spec.type)),
                     sink->memory(),
                     nullptr};
    if (output.memory.data) output.holder = sink;
    report.outputs.push_back(std::move(output));
  }

  /// Whatever happened, whoever waits gets a report.
  void finish(RunReport report) {
    m_run.progress.finished();
    if (m_run.failed && report.status != RunStatus::Refused) report.status = RunStatus::Failed;
    report.errors = std::move(m_run.errors);
    (void)guarded([&] { complete(report); });
    {
      const std::lock_guard lock(m_reportMutex);
      m_report = std::move(report);
      m_finished = true;
    }
    m_reportReady.notify_all();
  }

  void complete(RunReport& report) {
    const Plan& plan = m_run.plan;
    report.wallSeconds = m_run.progress.secondsSinceStart();
    report.cpuSeconds = processCpuSeconds() - m_startCpu;
    report.workers = m_run.gate.workers();
    report.chunksTotal = plan.chunks;
    report.chunksDone = m_run.progress.chunksDone();
    report.bytesRead = m_run.progress.bytesRead();
    report.plannedReadBytes = std::max(0.0, plan.bytesToRead - m_run.progress.bytesSpared());
    report.bytesWritten = m_writtenBytes;
    report.memoryBudgetBytes = m_budget;
    report.projectedPeakBytes = plan.projectedPeakBytes;
    endPhase();
    report.measuredPeakBytes = m_peakBytes;
    report.peakRssBytes = static_cast<double>(processPeakRssBytes());
    report.errors.insert(report.errors.end(), m_run.skipped.begin(), m_run.skipped.end());
    report.nodes = m_run.progress.nodes();
  }

  RunState m_run;
  std::shared_ptr<SinkProvider> m_sinks;
  std::vector<std::shared_ptr<Sink>> m_open;  ///< of all stages so far
  std::atomic<double> m_budget;
  double m_startCpu = 0, m_writtenBytes = 0, m_peakBytes = 0;
  bool m_isWorthKeeping = true;
  std::mutex m_budgetMutex;  ///< a new budget comes before a phase begins or after
  std::atomic<double> m_fixedBytes{0};
  bool m_isBudgetChanged = false;
  std::atomic<bool> m_finished{false};
  std::mutex m_reportMutex;
  std::condition_variable m_reportReady;
  RunReport m_report;
  std::thread m_thread;
};

}  // namespace

std::unique_ptr<Run> Run::start(Plan plan, std::shared_ptr<SinkProvider> sinks, const RunOptions& options) {
  return std::make_unique<LocalRun>(std::move(plan), std::move(sinks), options);
}

}  // namespace cubeloom
