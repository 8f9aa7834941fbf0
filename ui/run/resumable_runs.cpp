// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/resumable_runs.h"

#include <algorithm>
#include <filesystem>

#include "engine/op/param_kinds.h"

namespace cubeloom {
namespace {

/// As they stand in the chain: nothing is opened to find them.
std::vector<std::string> outputsOf(const Chain& chain, const Registry& registry) {
  std::vector<std::string> outputs;
  for (const Node& node : chain.nodes) {
    const Operation* operation = registry.find(node.op);
    if (!operation || node.bypassed || !node.params.is_object()) continue;
    for (const Param& param : operation->declaration().params) {
      const auto given = node.params.find(param.name);
      if (kindOf(param.type).editor != ParamEditorKind::OutputFile || given == node.params.end() || !given->is_string()) continue;
      std::filesystem::path path(given->get<std::string>());
      if (path.empty()) continue;
      if (path.is_relative() && !chain.folder.empty()) path = std::filesystem::path(chain.folder) / path;
      outputs.push_back(path.string());
    }
  }
  return outputs;
}

bool hasEnded(KeptRun::State state) { return state != KeptRun::State::Running && state != KeptRun::State::Finished; }

}  // namespace

std::set<QString> resumableRuns(const std::vector<KeptRun>& runs, SinkProvider& sinks, const Registry& registry,
                                const CancelToken& cancel) {
  std::set<QString> resumable;
  std::set<std::string> known;  // outputs of runs that are newer
  for (const KeptRun& run : runs) {
    if (cancel.isCanceled()) break;
    for (const std::string& output : outputsOf(run.chain, registry))
      if (known.insert(output).second && hasEnded(run.state) && sinks.hasLeftovers(output)) resumable.insert(run.folder);
  }
  return resumable;
}

}  // namespace cubeloom
