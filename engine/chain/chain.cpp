// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/chain.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace cubeloom {

const Node* Chain::find(const std::string& id) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&id](const Node& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

Node* Chain::find(const std::string& id) { return const_cast<Node*>(std::as_const(*this).find(id)); }

int Chain::indexOf(const std::string& id) const {
  const Node* node = find(id);
  return node ? static_cast<int>(node - nodes.data()) : -1;
}

std::string Chain::freeId(const std::string& base) const {
  if (!find(base)) return base;
  for (int n = 2;; ++n)
    if (std::string id = base + std::to_string(n); !find(id)) return id;
}

std::vector<std::string> Chain::consumersOf(const std::string& id) const {
  std::vector<std::string> consumers;
  for (const Node& node : nodes)
    if (std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end()) consumers.push_back(node.id);
  return consumers;
}

Result<std::vector<int>> topologicalOrder(const Chain& chain) {
  std::unordered_map<std::string, int> places;
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    if (places.emplace(chain.nodes[i].id, static_cast<int>(i)).second) continue;
    Error error;
    error.code = ErrorCode::InvalidChain;
    error.node = chain.nodes[i].id;
    error.message = "two nodes have the id '" + chain.nodes[i].id + "'";
    error.hint = "ids must differ";
    return fail(std::move(error));
  }
  std::vector<std::vector<int>> consumers(chain.nodes.size());
  std::vector<int> waiting(chain.nodes.size(), 0);
  for (std::size_t i = 0; i < chain.nodes.size(); ++i)
    for (const std::string& input : chain.nodes[i].inputs) {
      if (input.empty()) continue;
      const auto found = places.find(input);
      if (found == places.end()) {
        Error error;
        error.code = ErrorCode::InvalidChain;
        error.node = chain.nodes[i].id;
        error.message = "its input '" + input + "' is no node of the chain";
        return fail(std::move(error));
      }
      consumers[static_cast<std::size_t>(found->second)].push_back(static_cast<int>(i));
      ++waiting[i];
    }
  std::vector<int> order;
  for (std::size_t i = 0; i < waiting.size(); ++i)
    if (waiting[i] == 0) order.push_back(static_cast<int>(i));
  for (std::size_t next = 0; next < order.size(); ++next)
    for (const int consumer : consumers[static_cast<std::size_t>(order[next])])
      if (--waiting[static_cast<std::size_t>(consumer)] == 0) order.push_back(consumer);
  if (order.size() == chain.nodes.size()) return order;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) continue;
    Error error;
    error.code = ErrorCode::InvalidChain;
    error.node = chain.nodes[i].id;
    error.message = "the chain has a cycle through node '" + chain.nodes[i].id + "'";
    error.hint = "remove one of its wires";
    return fail(std::move(error));
  }
  return order;
}

}  // namespace cubeloom
