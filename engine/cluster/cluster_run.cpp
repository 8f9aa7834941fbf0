// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cluster/cluster_run.h"

#include <stdlib.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

#include "engine/base/child_program.h"
#include "engine/cluster/cluster_events.h"

namespace cubeloom {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{20};  ///< of who ends the run, with the program that stops its workers

std::string contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Plan planOfCluster(Plan plan, const ClusterRunRequest& request) {
  plan.workers = std::max(1, request.threads);
  plan.memoryBudgetBytes = static_cast<std::int64_t>(request.memoryBytes);
  return plan;
}

class ClusterRun : public Run {
 public:
  ClusterRun(Plan plan, const ClusterRunRequest& request)
      : m_plan(planOfCluster(std::move(plan), request)), m_address(request.address), m_events(m_plan, m_plan.workers) {
    std::string pattern = (std::filesystem::temp_directory_path() / "cubeloom-window-XXXXXX").string();
    if (mkdtemp(pattern.data())) m_folder = pattern;
    std::ofstream chain(m_folder + "/chain.cubeloom", std::ios::binary);
    chain << request.chain;
    chain.close();
    if (m_folder.empty() || !chain) {
      end({2, "cubeloom-cli: no folder for temporary files can be made (set TMPDIR)"});
      return;
    }
    std::vector<std::string> words{
        commandLineProgram(), "run",      m_folder + "/chain.cubeloom", "--cluster", m_address, "--progress", "jsonl",
        "--control",          "--report", m_folder + "/report.json"};
    if (!request.node.empty()) words.insert(words.end(), {"--node", request.node});
    if (request.overwrite) words.emplace_back("--overwrite");
    m_program = std::make_unique<ChildProgram>(
        words, std::vector<std::string>(), [this](const std::string& line) { take(line); },
        [this](const ChildProgram::Ending& ending) { end(ending); });
  }
  ~ClusterRun() override {
    if (m_program && !m_program->isOver()) {
      m_program->closeInput();
      m_program->waitFor(kPatience);
    }
    m_program.reset();
    std::error_code ignored;
    if (!m_folder.empty()) std::filesystem::remove_all(m_folder, ignored);
  }

  void cancel() override {
    {
      const std::lock_guard lock(m_mutex);
      m_isCanceled = true;
    }
    if (m_program) m_program->say("cancel");
  }
  void setPaused(bool paused) override {
    if (m_program) m_program->say(paused ? "pause" : "resume");
  }
  void setWorkers(int /*workers*/) override {}
  void setMemoryBudget(std::int64_t /*bytes*/) override {}

  Snapshot snapshot() override {
    const std::lock_guard lock(m_mutex);
    Snapshot now = m_events.snapshot();
    now.finished = m_isFinished;
    now.t = m_isFinished ? m_report.wallSeconds : seconds();
    return now;
  }
  std::vector<ChunkEvent> events(std::size_t& cursor) override {
    const std::lock_guard lock(m_mutex);
    const auto& all = m_events.events();
    const std::size_t from = std::min(cursor, all.size());
    cursor = all.size();
    return {all.begin() + static_cast<std::ptrdiff_t>(from), all.end()};
  }
  std::vector<RunNote> notes(std::size_t& cursor) override {
    const std::lock_guard lock(m_mutex);
    const auto& all = m_events.notes();
    const std::size_t from = std::min(cursor, all.size());
    cursor = all.size();
    return {all.begin() + static_cast<std::ptrdiff_t>(from), all.end()};
  }
  bool isFinished() const override {
    const std::lock_guard lock(m_mutex);
    return m_isFinished;
  }
  RunReport wait() override {
    std::unique_lock lock(m_mutex);
    m_ended.wait(lock, [this] { return m_isFinished; });
    return m_report;
  }
  const Plan& plan() const override { return m_plan; }
  std::shared_ptr<const Graph> graph() const override { return m_plan.graph; }
  std::string cluster() const override { return m_address; }

 private:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - m_start).count(); }

  void take(const std::string& line) {
    const std::lock_guard lock(m_mutex);
    m_events.take(line, seconds());
    m_peak = std::max(m_peak, m_events.snapshot().rssBytes);
  }

  void end(const ChildProgram::Ending& ending) {
    const std::lock_guard lock(m_mutex);
    const Snapshot& last = m_events.snapshot();
    RunReport& report = m_report;
    report.status = ending.code == 0                     ? RunStatus::Finished
                    : ending.code == 130 || m_isCanceled ? RunStatus::Canceled
                    : ending.code == 4                   ? RunStatus::Refused
                                                         : RunStatus::Failed;
    report.workers = last.workers;
    report.chunksTotal = m_plan.chunks;
    report.chunksDone = ending.code == 0 ? m_plan.chunks : m_events.chunksDone();
    report.nodes = last.nodes;
    if (ending.code == 0)
      for (NodeProgress& node : report.nodes) node.chunksDone = node.chunksTotal;
    report.bytesRead = last.bytesRead;
    report.plannedReadBytes = m_plan.bytesToRead;
    report.memoryBudgetBytes = static_cast<double>(m_plan.memoryBudgetBytes);
    report.peakRssBytes = m_peak;
    readClusterReport(contentOf(m_folder + "/report.json"), report);
    report.wallSeconds = seconds();
    if (report.status == RunStatus::Failed || report.status == RunStatus::Refused) {
      report.status = RunStatus::Failed;  // it has begun, as far as the window can tell
      report.errors = clusterErrors(ending.error, ending.code);
    }
    m_isFinished = true;
    m_ended.notify_all();
  }

  const Plan m_plan;
  const std::string m_address;
  std::string m_folder;
  mutable std::mutex m_mutex;
  std::condition_variable m_ended;
  ClusterEvents m_events;
  RunReport m_report;
  double m_peak = 0;
  bool m_isCanceled = false, m_isFinished = false;
  const Clock::time_point m_start = Clock::now();
  std::unique_ptr<ChildProgram> m_program;
};

}  // namespace

std::unique_ptr<Run> startClusterRun(Plan plan, const ClusterRunRequest& request) {
  return std::make_unique<ClusterRun>(std::move(plan), request);
}

}  // namespace cubeloom
