// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a chain down to one node's ancestors and words it.
#include "ui/words/chain_text.h"

#include <set>

#include "engine/op/operation.h"

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

QString commandFor(const Chain& chain, const QString& node, const Registry& registry) {
  return QString::fromStdString(chainToPipeline(chainUpTo(chain, node, registry), registry).value_or(std::string()));
}

}  // namespace cubeloom
