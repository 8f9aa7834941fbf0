// SPDX-License-Identifier: GPL-3.0-or-later
// plan and run: what a chain will cost, and the run itself with progress, events and report.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "app/cli/commands.h"
#include "app/cli/progress_bar.h"
#include "engine/base/allocator.h"
#include "engine/base/text.h"
#include "engine/chain/graph.h"
#include "engine/plan/plan.h"
#include "engine/run/run.h"

namespace cubeloom::cli {
namespace {

volatile sig_atomic_t interruptions = 0;
volatile sig_atomic_t isRunning = 0;

Result<Plan> planChain(Services& services, const RunArguments& arguments) {
  auto chain = loadArgument(arguments.chain, services.registry);
  if (!chain) return fail(chain.error());
  auto memory = sizeOption("--memory", arguments.memory);
  if (!memory) return fail(memory.error());
  auto graph = bindChain(*chain, services.registry, *services.sources);
  if (!graph) return fail(graph.error());
  return makePlan(*graph, *services.sinks, {arguments.workers, *memory, arguments.node, arguments.overwrite, arguments.resume});
}

void printPlan(const Plan& plan) {
  std::cerr << "reads " << formatSize(plan.bytesToRead) << (plan.passes > 1 ? " in " + formatCount(plan.passes) + " passes" : "")
            << " · writes " << formatSize(plan.bytesToWrite) << " · peak " << formatSize(plan.projectedPeakBytes) << " of "
            << formatSize(static_cast<double>(plan.memoryBudgetBytes)) << " · " << plan.workers
            << (plan.workers == 1 ? " worker · " : " workers · ") << formatCount(plan.chunks) << (plan.chunks == 1 ? " chunk" : " chunks")
            << "\n";
  for (const PlanWarning& warning : plan.warnings) std::cerr << "  " << warning.node << ": " << warning.message << "\n";
}

void printRefusals(const Plan& plan) {
  for (const Refusal& refusal : plan.refusals) {
    std::cerr << "cubeloom-cli: refused: " << refusal.reason << "\n";
    for (const std::string& remedy : refusal.remedies) std::cerr << "  remedy: " << remedy << "\n";
  }
}

/// The event stream: run_started, chunk, snapshot, node_finished, ..., one JSON object a line.
class EventWriter {
 public:
  EventWriter(const RunArguments& arguments, const Plan& plan) : m_toStdout(arguments.progress == "jsonl") {
    if (!arguments.events.empty()) m_file.open(arguments.events, std::ios::binary | std::ios::trunc);
    for (const PlanNode& node : plan.nodes) m_waiting.push_back(node.id);
  }
  bool isBad() const { return m_file.is_open() ? !m_file : false; }
  bool isWanted() const { return m_toStdout || m_file.is_open(); }

  void line(const std::string& text) {
    if (m_file.is_open()) m_file << text << "\n";
    if (m_toStdout) std::cout << text << std::endl;
  }
  void event(double t, const std::string& name, Json fields) {
    fields["t"] = t;
    fields["event"] = name;
    line(fields.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  void started(const Plan& plan) {
    event(0, "run_started",
          {{"workers", plan.workers}, {"chunks", plan.chunks}, {"bytes_to_read", plan.bytesToRead}, {"bytes_to_write", plan.bytesToWrite}});
    for (const PlanWarning& warning : plan.warnings) event(0, "warning", {{"node", warning.node}, {"message", warning.message}});
    for (const PlanNode& node : plan.nodes) event(0, "node_started", {{"node", node.id}, {"op", node.op}});
  }

  void pull(Run& run) {
    for (const ChunkEvent& chunk : run.events(m_cursor)) line(chunkEventToJson(chunk, run.plan()));
    const Snapshot snapshot = run.snapshot();
    line(snapshotToJson(snapshot));
    for (const NodeProgress& node : snapshot.nodes) {
      const auto waiting = std::find(m_waiting.begin(), m_waiting.end(), node.id);
      if (waiting == m_waiting.end() || node.chunksTotal == 0 || node.chunksDone < node.chunksTotal) continue;
      event(snapshot.t, "node_finished", {{"node", node.id}, {"op", node.op}, {"chunks", node.chunksDone}});
      m_waiting.erase(waiting);
    }
  }

  void finished(const RunReport& report) {
    for (const Error& error : report.errors)
      event(report.wallSeconds, "error",
            {{"code", errorCodeName(error.code)},
             {"node", error.node},
             {"chunk", error.chunk},
             {"message", error.message},
             {"hint", error.hint}});
    event(report.wallSeconds, "run_finished",
          {{"status", runStatusName(report.status)}, {"bytes_read", report.bytesRead}, {"bytes_written", report.bytesWritten}});
    m_file.flush();
  }

 private:
  std::ofstream m_file;
  bool m_toStdout;
  std::size_t m_cursor = 0;
  std::vector<std::string> m_waiting;
};

bool writeReport(const std::string& path, const RunReport& report) {
  if (path.empty()) return true;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << reportToJson(report) << "\n";
  file.flush();
  if (file) return true;
  std::cerr << "cubeloom-cli: cannot write the report " << path << "\n";
  return false;
}

int exitCode(const RunReport& report) {
  switch (report.status) {
    case RunStatus::Finished: return kDone;
    case RunStatus::Canceled: return kCanceled;
    case RunStatus::Refused: return kRefused;
    case RunStatus::Failed: break;
  }
  const bool isOverBudget =
      std::any_of(report.errors.begin(), report.errors.end(), [](const Error& error) { return error.code == ErrorCode::OverBudget; });
  return isOverBudget ? kRefused : kRunFailed;
}

void printResult(const RunReport& report) {
  for (const Error& error : report.errors) std::cerr << "cubeloom-cli: " << error.text() << "\n";
  if (report.status == RunStatus::Canceled)
    std::cerr << "canceled after " << formatDuration(report.wallSeconds) << "; nothing was written at the final path\n";
  for (const std::string& path : report.kept)
    std::cerr << "what is finished is kept in " << path << ": run again with --resume, or delete it\n";
  if (report.status != RunStatus::Finished) return;
  std::cerr << "done in " << formatDuration(report.wallSeconds) << " · read " << formatSize(report.bytesRead) << " · wrote "
            << formatSize(report.bytesWritten) << " · peak " << formatSize(report.measuredPeakBytes) << " of "
            << formatSize(report.projectedPeakBytes) << " projected\n";
  for (const RunOutput& output : report.outputs) {
    std::vector<std::string> sizes;
    for (std::size_t i = 0; i < output.dims.size(); ++i) sizes.push_back(output.dims[i] + " " + formatCount(output.shape[i]));
    std::cerr << (output.path.empty() ? "in memory" : output.path) << ": " << join(sizes, " × ") << ", " << output.dtype << "\n";
  }
}

/// Cancels the run. Before it began nothing is there to finish or keep: the process ends at once. Calls only what a handler may.
void onInterrupt(int /*signal*/) {
  interruptions = interruptions + 1;
  if (isRunning) return;
  constexpr std::string_view kText = "cubeloom-cli: canceled before the run began; nothing was written\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(kCanceled);
}

void listenForInterrupts() {
  struct sigaction action {};
  action.sa_handler = onInterrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

int runPlan(Services& services, const RunArguments& arguments) {
  auto plan = planChain(services, arguments);
  if (!plan) return report(plan.error());
  if (arguments.json) {
    std::cout << planToJson(*plan, chainName(arguments.chain)) << "\n";
  } else {
    printPlan(*plan);
  }
  if (plan->fits()) return kDone;
  printRefusals(*plan);
  return kRefused;
}

int runRun(Services& services, const RunArguments& arguments) {
  listenForInterrupts();
  auto plan = planChain(services, arguments);
  if (!plan) return report(plan.error());
  if (!plan->fits()) {
    printRefusals(*plan);
    RunReport refused;
    refused.status = RunStatus::Refused;
    refused.workers = plan->workers;
    refused.memoryBudgetBytes = static_cast<double>(plan->memoryBudgetBytes);
    refused.projectedPeakBytes = plan->projectedPeakBytes;
    refused.chunksTotal = plan->chunks;
    for (const Refusal& refusal : plan->refusals)
      refused.errors.push_back({ErrorCode::OverBudget, refusal.reason, join(refusal.remedies, "; "), {}, {}, {}, {}});
    writeReport(arguments.report, refused);
    return kRefused;
  }
  const bool showsBar = arguments.progress == "bar" || (arguments.progress == "auto" && isatty(STDERR_FILENO));
  const bool isQuiet = arguments.progress == "none";
  if (!isQuiet) printPlan(*plan);
  EventWriter events(arguments, *plan);
  if (events.isBad())
    return report(Error{ErrorCode::InvalidParameter, "cannot write the events to " + arguments.events, "check the folder", {}, {}, {}, {}});

  isRunning = 1;
  keepAllocatorLean();
  events.started(*plan);
  ProgressBar bar(showsBar);
  const auto run = Run::start(std::move(*plan), services.sinks, {.keepUnfinished = true});
  // Waits in small steps first, so that a job of milliseconds ends in milliseconds.
  for (int step = 0; !run->isFinished(); ++step) {
    std::this_thread::sleep_for(std::chrono::milliseconds(step < 50 ? 1 : 5));
    if (interruptions) run->cancel();
    if (step < 50 || step % 20 != 0) continue;
    if (events.isWanted()) events.pull(*run);
    bar.show(run->snapshot());
  }
  const RunReport result = run->wait();
  if (events.isWanted()) events.pull(*run);
  bar.finish(run->snapshot());
  events.finished(result);
  if (!isQuiet || result.status != RunStatus::Finished) printResult(result);
  if (!writeReport(arguments.report, result)) return kRunFailed;
  return exitCode(result);
}

}  // namespace cubeloom::cli
