// SPDX-License-Identifier: GPL-3.0-or-later
// Chains written in place as `!` pipelines, and chains written back as such.
#include "engine/base/text.h"
#include "engine/chain/chain.h"
#include "engine/op/export_forms.h"
#include "engine/op/operation.h"
#include "engine/op/param_kinds.h"

namespace cubeloom {
namespace {

Failure badStep(const std::string& step, const std::string& message, const std::string& hint = {}) {
  Error error;
  error.code = ErrorCode::InvalidChain;
  error.node = step;
  error.message = message;
  error.hint = hint;
  return fail(std::move(error));
}

Result<Node> nodeFromWords(const std::vector<std::string>& words, const Registry& registry) {
  Node node;
  node.op = words[0];
  const Operation* operation = registry.find(node.op);
  if (!operation) {
    const auto match = closestMatch(node.op, registry.ids());
    return badStep(node.op, "unknown operation '" + node.op + "'",
                   match ? "did you mean '" + *match + "'?" : "cubeloom-cli ops lists them");
  }
  const std::vector<Param>& params = operation->declaration().params;
  const Param* indexers = nullptr;
  for (const Param& param : params)
    if (param.type == ParamType::Indexers || param.type == ParamType::Selectors) indexers = &param;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto equals = word.find('=');
    const std::string name = equals == std::string::npos ? std::string() : word.substr(0, equals);
    const Param* param = nullptr;
    for (const Param& candidate : params)
      if (candidate.name == (name.empty() ? std::string("path") : name)) param = &candidate;
    const bool pathLike =
        param == nullptr && indexers == nullptr && !params.empty() && params[0].name == "path" && name.find('/') != std::string::npos;
    if (name.empty() || pathLike) {  // a bare word is the step's path; one with '=' in its folder's name too
      if (!pathLike && !param) return badStep(node.op, "'" + word + "' is no parameter=value, and " + node.op + " takes no path");
      if (node.params.contains("path")) return badStep(node.op, "a second path: '" + word + "'");
      node.params["path"] = word;
      continue;
    }
    const std::string value = word.substr(equals + 1);
    if (param) {
      node.params[name] = kindOf(param->type).fromText(value);
    } else if (indexers) {
      node.params[indexers->name][name] = selectionFromText(value);
    } else {
      node.params[name] = value;  // binding names it as unknown, with its candidates
    }
  }
  return node;
}

}  // namespace

Result<Chain> chainFromPipeline(const std::vector<std::string>& words, const Registry& registry) {
  Chain chain;
  std::vector<std::string> step;
  const auto finish = [&]() -> Result<void> {
    if (step.empty()) return {};
    auto node = nodeFromWords(step, registry);
    if (!node) return fail(node.error());
    if (!chain.nodes.empty()) node->inputs = {chain.nodes.back().id};
    node->id = chain.freeId(node->op);
    chain.nodes.push_back(std::move(*node));
    step.clear();
    return {};
  };
  for (const std::string& word : words) {
    if (word != "!") {
      step.push_back(word);
      continue;
    }
    CUBELOOM_TRY(finish());
  }
  CUBELOOM_TRY(finish());
  if (chain.nodes.empty())
    return fail(ErrorCode::InvalidChain, "the pipeline has no steps", "write it as ! open cube.hdr ! ... ! write out.tif");
  return chain;
}

std::string chainToPipeline(const Chain& chain, const Registry& registry) {
  auto order = topologicalOrder(chain);
  if (!order) return {};
  std::string text = "cubeloom-cli run";
  std::string previous;
  for (const int i : *order) {
    const Node& node = chain.nodes[static_cast<std::size_t>(i)];
    if (node.inputs.size() > 1 || (previous.empty() ? !node.inputs.empty() : node.inputs != std::vector<std::string>{previous})) return {};
    previous = node.id;
    if (node.bypassed) continue;
    const Operation* operation = registry.find(node.op);
    const auto step = operation ? stepText(operation->declaration(), node.params) : std::nullopt;
    if (!step) return {};
    text += " ! " + *step;
  }
  return text;
}

Result<std::vector<ChainStep>> stepsFromPipeline(const std::vector<std::string>& words, const Registry& registry) {
  auto chain = chainFromPipeline(words, registry);
  if (!chain) return fail(chain.error());
  std::vector<ChainStep> steps;
  for (const Node& node : chain->nodes) steps.push_back({registry.find(node.op), node.params});
  return steps;
}

}  // namespace cubeloom
