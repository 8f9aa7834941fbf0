// SPDX-License-Identifier: GPL-3.0-or-later
// plan and run: what a chain will cost, and the run itself with progress, events and report.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/describe.h"
#include "app/cli/parts.h"
#include "app/cli/planned.h"
#include "app/cli/printed.h"
#include "app/cli/progress_bar.h"
#include "engine/base/allocator.h"
#include "engine/base/saved_file.h"
#include "engine/base/text.h"
#include "engine/chain/graph.h"
#include "engine/chain/summary.h"
#include "engine/plan/plan.h"
#include "engine/run/awaited_reads.h"
#include "engine/run/event_stream.h"
#include "engine/run/machine_rates.h"
#include "engine/run/run.h"

namespace cubeloom::cli {
namespace {

volatile sig_atomic_t interruptions = 0;
volatile sig_atomic_t isRunning = 0;

void printPlan(const Plan& plan) {
  std::cerr << "reads " << formatSize(plan.bytesToRead) << (plan.passes > 1 ? " in " + formatCount(plan.passes) + " passes" : "")
            << " · writes " << formatSize(plan.bytesToWrite) << " · peak " << formatSize(plan.projectedPeakBytes) << " of "
            << formatSize(static_cast<double>(plan.memoryBudgetBytes)) << " · " << plan.workers
            << (plan.workers == 1 ? " worker · " : " workers · ") << formatCount(plan.chunks) << (plan.chunks == 1 ? " chunk" : " chunks")
            << "\n";
}

/// One line for each step: its name, its operation, what it hands on, what it was told.
void printSteps(const Plan& plan) {
  for (const PlanNode& node : plan.nodes) {
    const int i = plan.graph->indexOf(node.id);
    const std::string summary = summaryOf(*plan.graph, i);
    std::cerr << "  " << node.id << (node.id == node.op ? "" : " (" + node.op + ")") << ": " << specLine(node.spec)
              << (summary.empty() ? "" : " · " + summary) << "\n";
  }
}

/// "60 s", "40 s to 2 min".
void printExpected(const Plan& plan) {
  const ExpectedTime expected = MachineRates::load().expect(plan);
  if (!expected.unmet.empty()) {
    std::cerr << "takes as long as it takes: no run on this machine had " << join(expected.unmet, ", ")
              << "; cubeloom-cli system --measure measures what is common\n";
    return;
  }
  const std::string low = formatDuration(expected.low), high = formatDuration(expected.high);
  std::cerr << "takes about " << (low == high ? low : low + " to " + high) << ", by runs on this machine\n";
}

/// Where the lines of the event stream go: stdout, a file, both or nowhere.
class EventOutput {
 public:
  explicit EventOutput(const RunArguments& arguments) : m_toStdout(arguments.progress == "jsonl") {
    if (!arguments.events.empty()) m_file.open(arguments.events, std::ios::binary | std::ios::trunc);
  }
  bool isBad() const { return !m_file; }
  bool isWanted() const { return m_toStdout || m_file.is_open(); }

  void line(const std::string& text) {
    if (m_file.is_open()) m_file << text << "\n";
    if (m_toStdout) std::cout << text << std::endl;
  }
  /// Whether the file holds every line.
  bool flush() { return !m_file.is_open() || m_file.flush().good(); }

 private:
  std::ofstream m_file;
  bool m_toStdout;
};

bool writeReport(const std::string& path, const RunReport& report) {
  if (path.empty()) return true;
  const auto saved = saveFile(path, reportToJson(report) + "\n");
  if (!saved) std::cerr << "cubeloom-cli: the report: " << saved.error().text() << "\n";
  return saved.has_value();
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

/// What is there before the run begins: of all outputs, or of this part.
std::string alreadyThere(const Plan& plan) {
  const auto all = [&plan](auto&& holds) { return std::all_of(plan.stages.begin(), plan.stages.end(), holds); };
  if (all([](const Stage& stage) { return stage.sinkPlan.leftover.isComplete; }))
    return "already complete: the same steps, the same inputs; nothing was written";
  const Stage& first = plan.stages.front();
  if (!first.isOfPart() || !all([](const Stage& stage) { return stage.units().count() == 0; })) return {};
  const RunPart& part = first.sinkRequest.place.part;
  const std::string name = "part " + formatCount(part.number) + " of " + formatCount(part.count);
  if (first.sinkRequest.place.units.count() == 0) return name + " has nothing to do: there are fewer chunks than parts";
  return name + " is there already; nothing was read";
}

void printResult(const RunReport& report, const RunArguments& arguments, const std::string& there) {
  for (const Error& error : report.errors) std::cerr << "cubeloom-cli: " << error.text() << "\n";
  if (report.status == RunStatus::Canceled)
    std::cerr << "canceled after " << formatDuration(report.wallSeconds) << "; nothing was written at the final path\n";
  for (const std::string& path : report.kept)
    std::cerr << "what is finished is kept in " << path << ": "
              << (arguments.finalize       ? "run --finalize again"
                  : arguments.part.empty() ? "run again with --resume"
                                           : "run this part again")
              << ", or delete it\n";
  if (report.status != RunStatus::Finished) return;
  if (!there.empty()) {
    std::cerr << there << "\n";
    return;
  }
  std::cerr << "done in " << formatDuration(report.wallSeconds) << " · read " << formatSize(report.bytesRead) << " · wrote "
            << formatSize(report.bytesWritten) << " · peak " << formatSize(report.peakRssBytes) << " of "
            << formatSize(report.projectedPeakBytes) << " projected, " << formatSize(report.measuredPeakBytes) << " reserved\n";
  if (report.part.count > 0)
    std::cerr << "part " << report.part.number << " of " << report.part.count << " is made; when all are, --finalize\n";
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

/// What a canceled run still waits for, once it takes long; asked a second time, the process ends: what is finished lies on the disk.
class Patience {
 public:
  void wait(Run& run) {
    const auto now = std::chrono::steady_clock::now();
    if (!m_since) m_since = now;
    if (now - *m_since < std::chrono::seconds(1)) return;
    if (interruptions > 1) {
      std::cerr << "cubeloom-cli: ended while it was stopping; what is finished is kept: run again with --resume\n";
      _exit(kCanceled);
    }
    if (std::exchange(m_isTold, true)) return;
    const auto reads = awaitedReads(run.plan(), run.snapshot());
    std::cerr << "cubeloom-cli: stopping";
    if (!reads.empty())
      std::cerr << "; worker " << reads.front().worker + 1 << " has been reading " << reads.front().file << " for "
                << formatDuration(reads.front().seconds);
    std::cerr << "; interrupt again to end at once\n";
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> m_since;
  bool m_isTold = false;
};

}  // namespace

int runPlan(const Services& services, const RunArguments& arguments) {
  std::int64_t wanted = 0;
  if (!arguments.parts.empty()) {
    const auto option = partsOption(arguments.parts);
    if (!option) return report(option.error());
    wanted = *option;
  }
  auto plan = planChain(services, arguments);
  if (!plan) return report(plan.error());
  const std::string chain = chainName(arguments.chain);
  std::optional<PartsProposal> parts;
  if (!arguments.parts.empty()) parts = proposal(*plan, wanted);
  if (arguments.json) {
    std::cout << planToJson(*plan, chain, parts) << "\n";
  } else {
    printPlan(*plan);
    printSteps(*plan);
    if (plan->fits()) printExpected(*plan);
    if (parts && plan->fits()) printProposal(*parts, chain);
    printWarnings(*plan);
  }
  if (plan->fits()) return kDone;
  printRefusals(*plan);
  return kRefused;
}

int runRun(const Services& services, const RunArguments& arguments) {
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
  printWarnings(*plan);  // no choice of progress hides a doubt about the values
  EventOutput output(arguments);
  if (output.isBad())
    return report(Error{ErrorCode::InvalidParameter, "cannot write the events to " + arguments.events, "check the folder", {}, {}, {}, {}});

  const std::string there = alreadyThere(*plan);
  isRunning = 1;
  keepAllocatorLean();
  EventStream events(*plan, [&output](const std::string& line) { output.line(line); });
  events.start(*plan);
  ProgressBar bar(showsBar);
  Patience patience;
  const auto run = Run::start(std::move(*plan), services.sinks, {.keepUnfinished = true});
  // Waits in small steps first, so that a job of milliseconds ends in milliseconds.
  for (int step = 0; !run->isFinished(); ++step) {
    std::this_thread::sleep_for(std::chrono::milliseconds(step < 50 ? 1 : 5));
    if (interruptions) {
      run->cancel();
      patience.wait(*run);
    }
    if (step < 50 || step % 20 != 0) continue;
    if (output.isWanted()) events.pull(*run);
    bar.show(run->snapshot());
  }
  const RunReport result = run->wait();
  learnFromRun(run->plan(), result);
  if (output.isWanted()) events.pull(*run);
  bar.finish(run->snapshot());
  events.finish(result);
  const bool isTold = output.flush();
  if (!isTold) std::cerr << "cubeloom-cli: the events: '" << arguments.events << "' could not be written to its end\n";
  if (!isQuiet || result.status != RunStatus::Finished) printResult(result, arguments, there);
  for (const RunOutput& one :
       result.status == RunStatus::Finished && arguments.progress != "jsonl" ? result.outputs : std::vector<RunOutput>())
    if (const ArraySpec* spec = run->graph()->specOf(one.node)) printValues(one, *spec);
  const bool isReported = writeReport(arguments.report, result);
  const int code = exitCode(result);
  return code == kDone && !(isTold && isReported) ? kRunFailed : code;
}

}  // namespace cubeloom::cli
