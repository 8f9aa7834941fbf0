// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a chain down to one node's ancestors and words it.
#include "ui/words/chain_text.h"

#include <set>

#include "engine/base/shell_words.h"
#include "engine/op/operation.h"
#include "engine/op/param_kinds.h"

namespace cubeloom {

Chain chainUpTo(const Chain& chain, const QString& node, const Registry& registry) {
  if (node.isEmpty()) return chain;
  std::set<std::string> needed;
  std::vector<std::string> pending{node.toStdString()};
  while (!pending.empty()) {
    const std::string id = inputNode(pending.back());
    pending.pop_back();
    if (id.empty() || !needed.insert(id).second) continue;
    const Node* found = chain.find(id);
    if (!found) continue;
    pending.insert(pending.end(), found->inputs.begin(), found->inputs.end());
    if (const Operation* operation = registry.find(found->op))
      for (const Param& param : operation->declaration().params)
        if (const auto value = found->params.find(param.name);
            param.type == ParamType::Node && value != found->params.end() && value->is_string())
          pending.push_back(value->get<std::string>());
  }
  Chain part = chain;
  std::erase_if(part.nodes, [&](const Node& n) { return needed.count(n.id) == 0; });
  return part;
}

QString stepText(const QString& title, const std::string& op, const std::string& id) {
  return id == op ? title : title + QLatin1Char(' ') + QString::fromStdString(id);
}

namespace {

/// Whether a path in the chain is one from the chain's folder on.
bool hasRelativePath(const Chain& chain, const Registry& registry) {
  for (const Node& node : chain.nodes) {
    const Operation* operation = registry.find(node.op);
    if (!operation) continue;
    for (const Param& param : operation->declaration().params) {
      const bool isPath = param.type == ParamType::Path || param.type == ParamType::OutputPath || param.type == ParamType::Features;
      const auto value = isPath ? node.params.find(param.name) : node.params.end();
      if (value == node.params.end()) continue;
      const std::string path = kindOf(param.type).toText(*value);
      if (!path.empty() && path.front() != '/' && path.find("://") == std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

QString commandFor(const Chain& chain, const QString& node, const Registry& registry) {
  const Chain part = chainUpTo(chain, node, registry);
  const auto command = chainToPipeline(part, registry);
  if (!command) return {};
  const bool isThere = part.folder.empty() || !hasRelativePath(part, registry);
  return QString::fromStdString(isThere ? *command : "(cd " + shellQuoted(part.folder) + " && " + *command + ")");
}

}  // namespace cubeloom
