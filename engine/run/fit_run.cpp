// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/fit_run.h"

#include "engine/plan/passes.h"
#include "engine/run/parts_pass.h"

namespace cubeloom {

Result<void> runFit(RunState& run, const FitStage& fit, int firstPass) {
  for (int number = firstPass; number < firstPass + fit.passes; ++number) {
    const BoundNode& node = run.graph->nodes[static_cast<std::size_t>(fit.node)];
    const auto operation = node.operation;  // holds the pass while the graph changes
    const FitPass* pass = operation->fitPass();
    if (!pass) return {};
    const PartsInput input{node.inputs[static_cast<std::size_t>(pass->input())], pass->parts(),
                           [pass](const Region& part) { return pass->pieces(part); }, fit.chunkBytes};
    std::vector<Gatherer> gatherers;
    gatherers.push_back({fit.node, [pass] { return pass->accumulator(); }});
    CUBELOOM_TRY(PartsPass(run, number, input, gatherers).run());
    auto fitted = pass->fitted(*gatherers[0].total);
    if (!fitted) return fail(fitted.error());
    run.graph = withOperation(*run.graph, fit.node, std::move(*fitted));
  }
  return {};
}

}  // namespace cubeloom
