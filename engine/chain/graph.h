// SPDX-License-Identifier: GPL-3.0-or-later
// A chain bound: every node's operation with its spec, or the reason why not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/chain/chain.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// A node after binding.
struct BoundNode {
  std::string id;
  std::string op;
  std::string title;
  Json params;                                      ///< as the chain gives them
  std::vector<int> inputs;                          ///< indices into Graph::nodes, bypassed nodes resolved; -1: not connected
  std::shared_ptr<const BoundOperation> operation;  ///< null when `error` is set
  std::optional<Error> error;
  bool bypassed = false;  ///< nobody takes from it: its consumers take from its first input
};

/// Immutable snapshot of a bound chain; safe to share between threads.
struct Graph {
  std::vector<BoundNode> nodes;  ///< in the chain's order
  std::vector<int> order;        ///< topological
  std::string folder;

  int indexOf(const std::string& id) const;
  const ArraySpec* specOf(const std::string& id) const;
  /// The first error in topological order; a bypassed node has none that counts.
  const Error* firstError() const;
  /// Nodes without a consumer that write something.
  std::vector<int> outputs() const;
};

/// The nodes that `node` depends on, and itself; ascending.
std::vector<int> upstream(const Graph& graph, int node);

/// The graph with another operation at `node`: what a fit has made of the one that was there.
std::shared_ptr<const Graph> withOperation(const Graph& graph, int node, std::shared_ptr<const BoundOperation> operation);

/// Binds every node that can be bound; a node below a failed one carries "its input is not valid". Fails only for structure (cycle, ids).
/// Opens datasets (headers only): never on a GUI thread.
Result<std::shared_ptr<const Graph>> bindChain(const Chain& chain, const Registry& registry, SourceProvider& sources);

}  // namespace cubeloom
