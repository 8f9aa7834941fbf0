// SPDX-License-Identifier: GPL-3.0-or-later
// The plan as the JSON that interfaces promise.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/plan/plan.h"
#include "engine/plan/report_json.h"
#include "engine/plan/run_parts.h"

namespace cubeloom {
namespace {

Json nodeJson(const PlanNode& node) {
  Json json{{"id", node.id},
            {"op", node.op},
            {"dims", node.spec.dimNames()},
            {"shape", node.spec.shape()},
            {"dtype", std::string(pixelTypeName(node.spec.type))},
            {"chunk_shape", node.chunkShape},
            {"chunks", node.chunks},
            {"bytes_to_read", wholeBytes(node.bytesToRead)}};
  json["nodata"] = nullptr;
  if (node.spec.nodata)
    json["nodata"] = std::isfinite(*node.spec.nodata) ? Json(*node.spec.nodata)
                                                      : Json(std::isnan(*node.spec.nodata) ? "nan"
                                                             : *node.spec.nodata > 0       ? "inf"
                                                                                           : "-inf");
  json["crs"] = nullptr;
  json["geotransform"] = nullptr;
  if (node.spec.geobox) {
    if (node.spec.geobox->crs().isValid()) json["crs"] = node.spec.geobox->crs().definition();
    json["geotransform"] = node.spec.geobox->affine().geotransform();
  }
  return json;
}

}  // namespace

std::string planToJson(const Plan& plan, const std::string& chainName) { return planToJson(plan, chainName, std::nullopt); }

std::string planToJson(const Plan& plan, const std::string& chainName, const std::optional<PartsProposal>& parts) {
  Json json{{"chain", chainName},
            {"workers", plan.workers},
            {"memory_budget_bytes", plan.memoryBudgetBytes},
            {"projected_peak_bytes", wholeBytes(plan.projectedPeakBytes)},
            {"fits", plan.fits()},
            {"bytes_to_read", wholeBytes(plan.bytesToRead)},
            {"bytes_to_write", wholeBytes(plan.bytesToWrite)},
            {"disk_free_bytes", plan.diskFreeBytes < 0 ? Json(nullptr) : Json(wholeBytes(plan.diskFreeBytes))},
            {"chunks", plan.chunks},
            {"tasks", plan.tasks},
            {"passes", plan.passes}};
  json["warnings"] = Json::array();
  for (const PlanWarning& warning : plan.warnings) json["warnings"].push_back({{"node", warning.node}, {"message", warning.message}});
  json["nodes"] = Json::array();
  for (const PlanNode& node : plan.nodes) json["nodes"].push_back(nodeJson(node));
  json["refusals"] = Json::array();
  for (const Refusal& refusal : plan.refusals) json["refusals"].push_back({{"reason", refusal.reason}, {"remedies", refusal.remedies}});
  if (parts) {
    json["parts"] = {{"count", parts->parts}, {"most", parts->most}};
    json["parts"]["seconds_each"] = parts->high > 0 ? Json{parts->low, parts->high} : Json(nullptr);
  }
  return dumped(json, 2);
}

}  // namespace cubeloom
