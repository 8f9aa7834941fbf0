// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/export_chain.h"

#include <algorithm>
#include <functional>
#include <set>

#include "engine/base/text.h"
#include "engine/chain/graph.h"
#include "engine/export/commands.h"
#include "engine/export/gdal_commands.h"
#include "engine/export/python_program.h"

namespace cubeloom {
namespace {

/// What a language's row is given. The chain is as it stands; `wanted` has only what the node, if one is named, is made of.
struct Asked {
  const Chain& wanted;
  const ExportRequest& request;
  const Registry& registry;
  SourceProvider& sources;
};

Result<std::shared_ptr<const Graph>> boundGraph(const Asked& asked) {
  auto graph = bindChain(asked.wanted, asked.registry, asked.sources);
  if (!graph) return graph;
  if (const Error* error = (*graph)->firstError()) return fail(*error);
  return graph;
}

Result<PythonProgram> programOf(const Asked& asked) {
  const auto graph = boundGraph(asked);
  if (!graph) return fail(graph.error());
  return pythonProgram(asked.wanted, **graph, asked.registry, asked.sources, {asked.request.workers, asked.request.memory});
}

Result<ExportedChain> python(const Asked& asked) {
  auto program = programOf(asked);
  if (!program) return fail(program.error());
  const std::string end = pythonEnd(*program);
  return ExportedChain{pythonScript(*program) + end, end, program->results.size() == 1 ? program->results[0] : std::string(), {}};
}

Result<ExportedChain> notebook(const Asked& asked) {
  auto program = programOf(asked);
  if (!program) return fail(program.error());
  return ExportedChain{.text = pythonNotebook(*program)};
}

Result<ExportedChain> gdal(const Asked& asked) {
  const auto graph = boundGraph(asked);
  if (!graph) return fail(graph.error());
  return gdalCommands(asked.wanted, **graph, asked.registry, asked.sources);
}

Result<ExportedChain> commands(const Asked& asked, std::string (*make)(const RunCommand&)) {
  auto command = runCommand(asked.wanted, asked.request, asked.registry);
  if (!command) return fail(command.error());
  return ExportedChain{.text = make(*command)};
}

Result<ExportedChain> json(const Asked& asked) { return ExportedChain{.text = chainToJson(asked.wanted)}; }

struct Language {
  const char* name;
  std::function<Result<ExportedChain>(const Asked&)> write;
};

const std::vector<Language>& languages() {
  static const std::vector<Language> kLanguages{{"python", python},
                                                {"notebook", notebook},
                                                {"gdal", gdal},
                                                {"shell", [](const Asked& asked) { return commands(asked, shellScript); }},
                                                {"slurm", [](const Asked& asked) { return commands(asked, slurmScript); }},
                                                {"parallel", [](const Asked& asked) { return commands(asked, parallelScript); }},
                                                {"json", json}};
  return kLanguages;
}

/// The nodes that `node` is made of, those that parameters look at among them.
Result<Chain> upTo(const Chain& chain, const std::string& node, const Registry& registry) {
  if (!chain.find(node)) {
    std::vector<std::string> ids;
    for (const Node& one : chain.nodes) ids.push_back(one.id);
    return fail(ErrorCode::InvalidParameter, "there is no node '" + node + "' in the chain", "its nodes are " + join(ids, ", "));
  }
  std::set<std::string> kept;
  std::vector<std::string> waiting{node};
  while (!waiting.empty()) {
    const std::string id = waiting.back();
    waiting.pop_back();
    const Node* one = chain.find(id);
    if (!one || !kept.insert(id).second) continue;
    for (const std::string& input : one->inputs) waiting.push_back(inputNode(input));
    if (const Operation* operation = registry.find(one->op))
      for (const Param& param : operation->declaration().params)
        if (const auto value = one->params.find(param.name);
            param.type == ParamType::Node && value != one->params.end() && value->is_string())
          waiting.push_back(value->get<std::string>());
  }
  Chain part = chain;
  std::erase_if(part.nodes, [&kept](const Node& one) { return !kept.contains(one.id); });
  return part;
}

}  // namespace

std::vector<std::string> exportLanguages() {
  std::vector<std::string> names;
  for (const Language& language : languages()) names.emplace_back(language.name);
  return names;
}

Result<ExportedChain> exportChain(const Chain& chain, const ExportRequest& request, const Registry& registry, SourceProvider& sources) {
  const auto& all = languages();
  const auto language = std::find_if(all.begin(), all.end(), [&](const Language& one) { return one.name == toLower(request.language); });
  if (language == all.end())
    return fail(ErrorCode::InvalidParameter, "a chain cannot be exported to '" + request.language + "'",
                "it can to " + join(exportLanguages(), ", "));
  if (request.node.empty()) return language->write({chain, request, registry, sources});
  auto part = upTo(chain, request.node, registry);
  if (!part) return fail(part.error());
  return language->write({*part, request, registry, sources});
}

}  // namespace cubeloom
