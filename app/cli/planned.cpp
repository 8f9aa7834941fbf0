// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/planned.h"

#include <iostream>

#include "app/cli/parts.h"
#include "app/cli/printed.h"
#include "engine/base/utf8.h"
#include "engine/chain/graph.h"

namespace cubeloom::cli {

Result<Plan> planChain(const Services& services, const RunArguments& arguments) {
  auto chain = loadArgument(arguments.chain, *services.registry);
  if (!chain) return fail(chain.error());
  auto memory = sizeOption("--memory", arguments.memory);
  if (!memory) return fail(memory.error());
  auto part = partOption(arguments);
  if (!part) return fail(part.error());
  auto graph = bindChain(*chain, *services.registry, *services.sources);
  if (!graph) return fail(graph.error());
  const std::string node = arguments.node.empty() ? printedNode(**graph) : arguments.node;
  return makePlan(*graph, *services.sinks,
                  {arguments.workers, *memory, node, arguments.overwrite, arguments.resume, *part, arguments.finalize});
}

void printWarnings(const Plan& plan) {
  for (const PlanWarning& warning : plan.warnings) std::cerr << "  " << warning.node << ": " << printable(warning.message) << "\n";
}

void printRefusals(const Plan& plan) {
  for (const Refusal& refusal : plan.refusals) {
    std::cerr << "cubeloom-cli: refused: " << refusal.reason << "\n";
    for (const std::string& remedy : refusal.remedies) std::cerr << "  remedy: " << remedy << "\n";
  }
}

}  // namespace cubeloom::cli
