// SPDX-License-Identifier: GPL-3.0-or-later
// export: a chain as code.
#include <sys/stat.h>

#include <filesystem>
#include <iostream>

#include "app/cli/commands.h"
#include "engine/base/saved_file.h"
#include "engine/chain/chain_paths.h"
#include "engine/export/export_chain.h"

namespace cubeloom::cli {
namespace {

/// What begins with "#!" can be started.
void makeExecutable(const std::string& path, const std::string& text) {
  struct stat facts {};
  if (!text.starts_with("#!") || stat(path.c_str(), &facts) != 0) return;
  chmod(path.c_str(), facts.st_mode | ((facts.st_mode & 0444U) >> 2U));  // best effort: it is as good read by its interpreter
}

}  // namespace

int runExport(const Services& services, const ExportArguments& arguments) {
  auto chain = loadArgument(arguments.chain, *services.registry);
  if (!chain) return report(chain.error());
  if (const auto memory = sizeOption("--memory", arguments.memory); !memory) return report(memory.error());
  ExportRequest request{arguments.language, arguments.node, {}, arguments.workers, arguments.memory};
  if (const std::string name = chainName(arguments.chain); name != "pipeline" && arguments.chain.sets.empty()) request.chainFile = name;
  if (arguments.language == "json" && !arguments.output.empty()) {
    const auto folder = std::filesystem::absolute(arguments.output).lexically_normal().parent_path();
    chain = rebased(std::move(*chain), folder.string(), *services.registry);
  }
  auto exported = exportChain(*chain, request, *services.registry, *services.sources);
  if (!exported) return report(exported.error());
  for (const StepLeftOut& step : exported->leftOut)
    std::cerr << "cubeloom-cli: node " << step.node << ": not in " << arguments.language << ": " << step.reason << "\n";
  if (arguments.strict && !exported->leftOut.empty()) return kInvalid;
  if (arguments.output.empty()) {
    std::cout << exported->text;
    return kDone;
  }
  if (const auto saved = saveFile(arguments.output, exported->text); !saved) return report(saved.error());
  makeExecutable(arguments.output, exported->text);
  return kDone;
}

}  // namespace cubeloom::cli
