// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cluster/cluster_events.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/text.h"
#include "engine/chain/graph.h"

namespace cubeloom {
namespace {

double numberOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : 0;
}

std::string wordOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int laneOf(double number) { return static_cast<int>(std::clamp(number, 0.0, 4095.0)); }

ChunkState stateOf(const std::string& name) {
  for (int i = 0; i < kChunkStates; ++i)
    if (name == chunkStateName(static_cast<ChunkState>(i))) return static_cast<ChunkState>(i);
  return ChunkState::Done;
}

ErrorCode codeOfExit(int code) {
  switch (code) {
    case 2: return ErrorCode::InvalidParameter;
    case 3: return ErrorCode::OpenFailed;
    case 4: return ErrorCode::OverBudget;
    default: return ErrorCode::ReadFailed;
  }
}

}  // namespace

struct ClusterEvents::Line {
  Json json;
  double now = 0;     ///< by the run's clock
  double offset = 0;  ///< from the program's clock to the run's
};

ClusterEvents::ClusterEvents(const Plan& plan, int threads) : m_plan(plan) {
  m_snapshot.workers = threads;
  m_snapshot.phase = RunPhase::Working;
  for (std::size_t i = 0; i < plan.graph->nodes.size(); ++i) {
    const BoundNode& node = plan.graph->nodes[i];
    if (node.partOf >= 0) continue;
    m_nodes[node.id] = static_cast<int>(i);
    NodeProgress progress;
    progress.id = node.id;
    progress.op = node.op;
    progress.isView = node.operation && node.operation->isView();
    m_snapshot.nodes.push_back(std::move(progress));
  }
  for (const Stage& stage : plan.stages) {
    m_isDone.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(0, stage.chunks.count())));
    std::set<std::size_t> above;
    for (const int node : upstream(*plan.graph, stage.node)) above.insert(static_cast<std::size_t>(plan.graph->shown(node)));
    for (const std::size_t node : above)
      if (node < m_snapshot.nodes.size()) m_snapshot.nodes[node].chunksTotal += stage.chunks.count();
    m_above.emplace_back(above.begin(), above.end());
    m_snapshot.states[static_cast<std::size_t>(ChunkState::Waiting)] += stage.chunks.count();
  }
}

void ClusterEvents::take(const std::string& text, double now) {
  Line line{Json::parse(text, nullptr, false), now, 0};
  if (!line.json.is_object()) return;
  if (m_offset < 0) m_offset = std::max(0.0, now - numberOf(line.json, "t"));
  line.offset = m_offset;
  const std::string event = wordOf(line.json, "event");
  if (event == "chunk") takeChunk(line);
  if (event == "snapshot") takeSnapshot(line);
  if (event == "cluster") takeCluster(line);
  if (event == "warning") note(now, true, wordOf(line.json, "node") + ": " + wordOf(line.json, "message"));
  if (event == "run_started") {
    m_snapshot.workers = static_cast<int>(numberOf(line.json, "workers"));
    note(now, false,
         formatCount(static_cast<std::int64_t>(numberOf(line.json, "parts"))) + " parts for " + formatCount(m_snapshot.workers) +
             " threads");
  }
}

void ClusterEvents::takeChunk(const Line& line) {
  ChunkEvent event;
  const Json& json = line.json;
  event.stage = laneOf(numberOf(json, "stage"));
  if (const auto node = m_nodes.find(wordOf(json, "node")); node != m_nodes.end()) event.node = node->second;
  event.index = static_cast<std::int64_t>(numberOf(json, "index"));
  event.worker = laneOf(numberOf(json, "worker"));
  event.start = numberOf(json, "start") + line.offset;
  event.end = numberOf(json, "end") + line.offset;
  event.bytesIn = numberOf(json, "bytes_in");
  event.bytesOut = numberOf(json, "bytes_out");
  event.phase = stateOf(wordOf(json, "state"));
  if (event.phase == ChunkState::Done) countDone(event.stage, event.index);
  if (event.node >= 0 && event.phase != ChunkState::Done) {
    NodeProgress& node = m_snapshot.nodes[static_cast<std::size_t>(event.node)];
    node.bytesIn += event.bytesIn;
    node.bytesOut += event.bytesOut;
    node.seconds += event.end - event.start;
  }
  if (event.phase == ChunkState::Reading) m_snapshot.bytesRead += event.bytesIn;
  m_events.push_back(event);
}

/// A part that is tried again makes its chunks again: each counts once.
void ClusterEvents::countDone(int stage, std::int64_t index) {
  if (static_cast<std::size_t>(stage) >= m_isDone.size()) return;
  auto& isDone = m_isDone[static_cast<std::size_t>(stage)];
  if (index < 0 || static_cast<std::size_t>(index) >= isDone.size()) return;
  if (std::exchange(isDone[static_cast<std::size_t>(index)], 1)) return;
  ++m_chunksDone;
  ++m_snapshot.states[static_cast<std::size_t>(ChunkState::Done)];
  --m_snapshot.states[static_cast<std::size_t>(ChunkState::Waiting)];
  for (const std::size_t node : m_above[static_cast<std::size_t>(stage)])
    if (node < m_snapshot.nodes.size()) ++m_snapshot.nodes[node].chunksDone;
}

void ClusterEvents::takeSnapshot(const Line& line) {
  const Json& json = line.json;
  Snapshot& s = m_snapshot;
  s.t = std::max(s.t, numberOf(json, "t") + line.offset);
  s.fraction = std::max(s.fraction, std::clamp(numberOf(json, "fraction"), 0.0, 1.0));
  s.reservedBytes = s.poolBytes = numberOf(json, "reserved_bytes");
  s.rssBytes = numberOf(json, "rss_bytes");
  s.cpuCores = numberOf(json, "cpu_cores");
  s.readBytesPerSecond = s.meanReadBytesPerSecond = numberOf(json, "read_bytes_per_s");
  s.writeBytesPerSecond = numberOf(json, "write_bytes_per_s");
  if (wordOf(json, "phase") == "finished") s.phase = RunPhase::Finished;
  m_eta.add(s.t, s.fraction, m_chunksDone, m_plan.chunks);
  s.etaSeconds = m_eta.estimate();
  const auto workers = json.find("by_worker");
  if (workers == json.end() || !workers->is_array()) return;
  s.cluster.clear();
  double sum = 0;
  for (const Json& one : *workers) {
    ClusterWorker worker{wordOf(one, "worker"), {}, numberOf(one, "rss_bytes")};
    if (const auto lanes = one.find("lanes"); lanes != one.end() && lanes->is_array())
      for (const Json& lane : *lanes) worker.lanes.push_back(laneOf(lane.is_number() ? lane.get<double>() : 0));
    sum += worker.rssBytes;
    s.cluster.push_back(std::move(worker));
  }
  s.rssBytes = std::max(s.rssBytes, sum);
}

void ClusterEvents::takeCluster(const Line& line) {
  const std::string status = wordOf(line.json, "status"), worker = wordOf(line.json, "worker");
  if (status == "connected") note(line.now, false, "connected to " + wordOf(line.json, "address"));
  if (status == "waiting") {
    const std::string why = wordOf(line.json, "message");
    note(line.now, true, why.empty() ? "waiting for the cluster" : why);
  }
  if (status == "worker_joined") note(line.now, false, "worker " + worker + " takes part");
  if (status == "worker_lost") {
    note(line.now, true, "worker " + worker + " is gone; its parts are made by others");
    m_eta.reset();
  }
  if (status == "worker_left_out") note(line.now, true, "worker " + worker + " is given no more parts: " + wordOf(line.json, "message"));
  if (status == "paused" || status == "resumed") m_eta.reset();
  if (status != "finalizing") return;
  m_snapshot.phase = RunPhase::Publishing;
  m_snapshot.etaSeconds.reset();  // how long that takes nothing has told
  note(line.now, false, "all parts are there; the output is put together here");
}

void readClusterReport(const std::string& text, RunReport& report) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return;
  report.wallSeconds = std::max(report.wallSeconds, numberOf(json, "wall_seconds"));
  report.cpuSeconds = numberOf(json, "cpu_seconds");
  report.workers = static_cast<int>(numberOf(json, "workers"));
  report.bytesWritten = numberOf(json, "bytes_written");
  report.measuredPeakBytes = numberOf(json, "measured_peak_bytes");
  for (const Json& output : json.value("outputs", Json::array())) {
    RunOutput& known = report.outputs.emplace_back();
    known.node = wordOf(output, "node");
    known.path = wordOf(output, "path");
    known.dtype = wordOf(output, "dtype");
    known.dims = output.value("dims", std::vector<std::string>());
    known.shape = output.value("shape", std::vector<std::int64_t>());
  }
  for (const Json& node : json.value("nodes", Json::array())) {
    const std::string id = wordOf(node, "id");
    const auto same = std::find_if(report.nodes.begin(), report.nodes.end(), [&id](const NodeProgress& one) { return one.id == id; });
    if (same == report.nodes.end()) continue;
    same->bytesIn = numberOf(node, "bytes_in");
    same->bytesOut = numberOf(node, "bytes_out");
    same->seconds = numberOf(node, "seconds");
  }
}

std::vector<Error> clusterErrors(const std::string& said, int code) {
  const std::string mark = "cubeloom-cli: ";
  std::vector<Error> errors;
  for (std::size_t from = 0; from < said.size();) {
    const std::size_t end = std::min(said.find('\n', from), said.size());
    std::string line = said.substr(from, end - from);
    from = end + 1;
    if (!line.starts_with(mark)) continue;
    Error error;
    error.code = codeOfExit(code);
    error.message = line.substr(mark.size());
    // What is to be done stands in brackets at the end, as the command line has it.
    if (const std::size_t open = error.message.rfind(" ("); error.message.ends_with(")") && open != std::string::npos) {
      error.hint = error.message.substr(open + 2, error.message.size() - open - 3);
      error.message.resize(open);
    }
    errors.insert(errors.begin(), std::move(error));
  }
  if (errors.empty()) {
    const std::size_t tail = said.size() > 400 ? said.size() - 400 : 0;
    errors.push_back({codeOfExit(code),
                      code < 0 ? "the program that leads the run was ended" : "the run on the cluster failed",
                      said.empty() ? std::string() : "it said: " + said.substr(tail),
                      {},
                      {},
                      {},
                      {}});
  }
  return errors;
}

}  // namespace cubeloom
