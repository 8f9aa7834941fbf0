// SPDX-License-Identifier: GPL-3.0-or-later
// The report as the JSON that interfaces promise.
#include <gnu/libc-version.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/utf8.h"
#include "engine/plan/report_json.h"
#include "engine/run/run.h"

namespace cubeloom {
namespace {

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

std::string reportToJson(const RunReport& report) {
  Json json{{"status", runStatusName(report.status)},
            {"wall_seconds", roundedTo(report.wallSeconds, 1e-6)},
            {"cpu_seconds", roundedTo(report.cpuSeconds, 1e-6)},
            {"workers", report.workers},
            {"chunks_total", report.chunksTotal},
            {"chunks_done", report.chunksDone},
            {"bytes_read", wholeBytes(report.bytesRead)},
            {"bytes_written", wholeBytes(report.bytesWritten)},
            {"memory_budget_bytes", wholeBytes(report.memoryBudgetBytes)},
            {"projected_peak_bytes", wholeBytes(report.projectedPeakBytes)},
            {"measured_peak_bytes", wholeBytes(report.measuredPeakBytes)},
            {"peak_rss_bytes", wholeBytes(report.peakRssBytes)}};
  if (report.part.count > 0) json["part"] = {{"number", report.part.number}, {"count", report.part.count}};
  json["outputs"] = Json::array();
  for (const RunOutput& output : report.outputs)
    json["outputs"].push_back(
        {{"node", output.node}, {"path", orNull(output.path)}, {"dims", output.dims}, {"shape", output.shape}, {"dtype", output.dtype}});
  json["nodes"] = Json::array();
  for (const NodeProgress& node : report.nodes)
    json["nodes"].push_back({{"id", node.id},
                             {"op", node.op},
                             {"seconds", roundedTo(node.seconds, 1e-6)},
                             {"chunks", node.chunksDone},
                             {"bytes_in", wholeBytes(node.bytesIn)},
                             {"bytes_out", wholeBytes(node.bytesOut)}});
  json["errors"] = Json::array();
  for (const Error& error : report.errors)
    json["errors"].push_back({{"code", errorCodeName(error.code)},
                              {"node", orNull(error.node)},
                              {"chunk", orNull(error.chunk)},
                              {"path", orNull(error.path)},
                              {"message", printable(error.message)},
                              {"hint", error.hint}});
  json["versions"] = {
      {"cubeloom", CUBELOOM_VERSION}, {"chain", kChainVersion}, {"compiler", __VERSION__}, {"glibc", gnu_get_libc_version()}};
  return dumped(json, 2);
}

}  // namespace cubeloom
