// SPDX-License-Identifier: GPL-3.0-or-later
// Reports and events as the JSON that interfaces promise.
#include <gnu/libc-version.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/run/run.h"

namespace cubeloom {
namespace {

std::int64_t whole(double bytes) { return static_cast<std::int64_t>(std::llround(bytes)); }
std::string dumped(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }
double rounded(double value, double unit) { return std::round(value / unit) * unit; }
Json orNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

const char* runStatusName(RunStatus status) {
  switch (status) {
    case RunStatus::Finished: return "finished";
    case RunStatus::Failed: return "failed";
    case RunStatus::Canceled: return "canceled";
    case RunStatus::Refused: return "refused";
  }
  return "failed";
}

const char* chunkStateName(ChunkState state) {
  switch (state) {
    case ChunkState::Waiting: return "waiting";
    case ChunkState::Leased: return "leased";
    case ChunkState::Reading: return "reading";
    case ChunkState::Computing: return "computing";
    case ChunkState::Writing: return "writing";
    case ChunkState::Done: return "done";
    case ChunkState::Failed: return "failed";
    case ChunkState::Canceled: return "canceled";
  }
  return "waiting";
}

std::string reportToJson(const RunReport& report) {
  Json json{{"status", runStatusName(report.status)},
            {"wall_seconds", rounded(report.wallSeconds, 1e-6)},
            {"cpu_seconds", rounded(report.cpuSeconds, 1e-6)},
            {"workers", report.workers},
            {"chunks_total", report.chunksTotal},
            {"chunks_done", report.chunksDone},
            {"bytes_read", whole(report.bytesRead)},
            {"bytes_written", whole(report.bytesWritten)},
            {"memory_budget_bytes", whole(report.memoryBudgetBytes)},
            {"projected_peak_bytes", whole(report.projectedPeakBytes)},
            {"measured_peak_bytes", whole(report.measuredPeakBytes)},
            {"peak_rss_bytes", whole(report.peakRssBytes)}};
  json["outputs"] = Json::array();
  for (const RunOutput& output : report.outputs)
    json["outputs"].push_back(
        {{"node", output.node}, {"path", orNull(output.path)}, {"dims", output.dims}, {"shape", output.shape}, {"dtype", output.dtype}});
  json["nodes"] = Json::array();
  for (const NodeProgress& node : report.nodes)
    json["nodes"].push_back({{"id", node.id},
                             {"op", node.op},
                             {"seconds", rounded(node.seconds, 1e-6)},
                             {"chunks", node.chunksDone},
                             {"bytes_in", whole(node.bytesIn)},
                             {"bytes_out", whole(node.bytesOut)}});
  json["errors"] = Json::array();
  for (const Error& error : report.errors)
    json["errors"].push_back({{"code", errorCodeName(error.code)},
                              {"node", orNull(error.node)},
                              {"chunk", orNull(error.chunk)},
                              {"path", orNull(error.path)},
                              {"message", error.message},
                              {"hint", error.hint}});
  json["versions"] = {
      {"cubeloom", CUBELOOM_VERSION}, {"chain", kChainVersion}, {"compiler", __VERSION__}, {"glibc", gnu_get_libc_version()}};
  return dumped(json, 2);
}

std::string chunkEventToJson(const ChunkEvent& event, const Plan& plan) {
  const Json node = event.node < 0 ? Json(nullptr) : Json(plan.graph->nodes[static_cast<std::size_t>(event.node)].id);
  return dumped({{"t", rounded(event.end, 1e-6)},
                 {"event", "chunk"},
                 {"node", node},
                 {"index", event.index},
                 {"worker", event.worker},
                 {"start", rounded(event.start, 1e-6)},
                 {"end", rounded(event.end, 1e-6)},
                 {"bytes_in", whole(event.bytesIn)},
                 {"bytes_out", whole(event.bytesOut)},
                 {"state", chunkStateName(event.phase)}},
                -1);
}

std::string snapshotToJson(const Snapshot& s) {
  Json json{{"t", rounded(s.t, 1e-6)},
            {"event", "snapshot"},
            {"fraction", rounded(s.fraction, 1e-6)},
            {"eta_seconds", s.etaSeconds ? Json{rounded(s.etaSeconds->first, 0.1), rounded(s.etaSeconds->second, 0.1)} : Json(nullptr)},
            {"reserved_bytes", whole(s.reservedBytes)},
            {"rss_bytes", whole(s.rssBytes)},
            {"cpu_cores", rounded(s.cpuCores, 0.001)},
            {"read_bytes_per_s", whole(s.readBytesPerSecond)},
            {"write_bytes_per_s", whole(s.writeBytesPerSecond)}};
  for (int i = 0; i < kChunkStates; ++i) json["chunks"][chunkStateName(static_cast<ChunkState>(i))] = s.states[static_cast<std::size_t>(i)];
  return dumped(json, -1);
}

}  // namespace cubeloom
