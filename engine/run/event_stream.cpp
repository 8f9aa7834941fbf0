// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/event_stream.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"
#include "engine/base/utf8.h"
#include "engine/plan/report_json.h"

namespace cubeloom {
namespace {

std::string eventLine(double t, const char* name, Json fields) {
  fields["t"] = t;
  fields["event"] = name;
  return dumped(fields);
}

std::string chunkLine(const ChunkEvent& event, const Plan& plan) {
  const Json node = event.node < 0 ? Json(nullptr) : Json(plan.graph->nodes[static_cast<std::size_t>(event.node)].id);
  return dumped({{"t", roundedTo(event.end, 1e-6)},
                 {"event", "chunk"},
                 {"node", node},
                 {"stage", event.stage},
                 {"index", event.index},
                 {"worker", event.worker},
                 {"start", roundedTo(event.start, 1e-6)},
                 {"end", roundedTo(event.end, 1e-6)},
                 {"bytes_in", wholeBytes(event.bytesIn)},
                 {"bytes_out", wholeBytes(event.bytesOut)},
                 {"state", chunkStateName(event.phase)}});
}

std::string snapshotLine(const Snapshot& s) {
  Json json{{"t", roundedTo(s.t, 1e-6)},
            {"event", "snapshot"},
            {"fraction", roundedTo(s.fraction, 1e-6)},
            {"phase", runPhaseName(s.phase)},
            {"eta_seconds", s.etaSeconds ? Json{roundedTo(s.etaSeconds->first, 0.1), roundedTo(s.etaSeconds->second, 0.1)} : Json(nullptr)},
            {"reserved_bytes", wholeBytes(s.reservedBytes)},
            {"pool_bytes", wholeBytes(s.poolBytes)},
            {"fixed_bytes", wholeBytes(s.fixedBytes)},
            {"rss_bytes", wholeBytes(s.rssBytes)},
            {"workers", s.workers},
            {"cpu_cores", roundedTo(s.cpuCores, 0.001)},
            {"read_bytes_per_s", wholeBytes(s.readBytesPerSecond)},
            {"write_bytes_per_s", wholeBytes(s.writeBytesPerSecond)}};
  for (const ClusterWorker& worker : s.cluster)
    json["by_worker"].push_back({{"worker", worker.address}, {"lanes", worker.lanes}, {"rss_bytes", wholeBytes(worker.rssBytes)}});
  for (int i = 0; i < kChunkStates; ++i) json["chunks"][chunkStateName(static_cast<ChunkState>(i))] = s.states[static_cast<std::size_t>(i)];
  return dumped(json);
}

}  // namespace

const char* runPhaseName(RunPhase phase) {
  switch (phase) {
    case RunPhase::Fitting: return "fitting";
    case RunPhase::Working: return "working";
    case RunPhase::Publishing: return "publishing";
    case RunPhase::Finished: return "finished";
  }
  return "";
}

const char* chunkStateName(ChunkState state) {
  switch (state) {
    case ChunkState::Waiting: return "waiting";
    case ChunkState::Reading: return "reading";
    case ChunkState::Computing: return "computing";
    case ChunkState::Writing: return "writing";
    case ChunkState::Done: return "done";
    case ChunkState::Failed: return "failed";
    case ChunkState::Canceled: return "canceled";
  }
  return "waiting";
}

EventStream::EventStream(const Plan& plan, std::function<void(const std::string& line)> write) : m_write(std::move(write)) {
  for (const PlanNode& node : plan.nodes) m_unfinished.insert(node.id);
}

void EventStream::start(const Plan& plan) {
  Json stages = Json::array(), nodes = Json::array();
  for (const Stage& stage : plan.stages)
    stages.push_back({{"node", plan.graph->nodes[static_cast<std::size_t>(stage.node)].id}, {"chunks", stage.chunks.count()}});
  for (const BoundNode& node : plan.graph->nodes)
    if (node.partOf < 0) nodes.push_back(node.id);
  m_write(eventLine(0, "run_started",
                    {{"workers", plan.workers},
                     {"chunks", plan.chunks},
                     {"bytes_to_read", plan.bytesToRead},
                     {"bytes_to_write", plan.bytesToWrite},
                     {"memory_budget_bytes", plan.memoryBudgetBytes},
                     {"projected_peak_bytes", plan.projectedPeakBytes},
                     {"nodes", nodes},
                     {"stages", stages}}));
  for (const PlanWarning& warning : plan.warnings) m_write(eventLine(0, "warning", {{"node", warning.node}, {"message", warning.message}}));
  for (const PlanNode& node : plan.nodes) m_write(eventLine(0, "node_started", {{"node", node.id}, {"op", node.op}}));
}

void EventStream::pull(Run& run, const Snapshot& snapshot) {
  for (const ChunkEvent& chunk : run.events(m_cursor)) m_write(chunkLine(chunk, run.plan()));
  m_write(snapshotLine(snapshot));
  for (const NodeProgress& node : snapshot.nodes) {
    if (node.chunksTotal == 0 || node.chunksDone < node.chunksTotal || m_unfinished.erase(node.id) == 0) continue;
    m_write(eventLine(snapshot.t, "node_finished", {{"node", node.id}, {"op", node.op}, {"chunks", node.chunksDone}}));
  }
}

void EventStream::finish(const RunReport& report) {
  for (const Error& error : report.errors)
    m_write(eventLine(report.wallSeconds, "error",
                      {{"code", errorCodeName(error.code)},
                       {"node", error.node},
                       {"chunk", error.chunk},
                       {"message", printable(error.message)},
                       {"hint", error.hint}}));
  Json totals = Json::object();
  for (const NodeProgress& node : report.nodes) totals[node.id] = node.chunksTotal;
  m_write(eventLine(report.wallSeconds, "run_finished",
                    {{"status", runStatusName(report.status)},
                     {"bytes_read", report.bytesRead},
                     {"bytes_written", report.bytesWritten},
                     {"chunks_of_nodes", totals},
                     {"report", jsonFromText(reportToJson(report))}}));
}

}  // namespace cubeloom
