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

/// A node after binding. An operation that stands for others is the last of them; the earlier ones are nodes of their own, parts of it.
struct BoundNode {
  std::string id;
  std::string op;
  std::string title;
  Json params;                                      ///< as the chain gives them
  std::vector<int> wires;                           ///< indices into Graph::nodes, bypassed nodes resolved; -1: not connected
  std::vector<int> inputs;                          ///< what `operation` takes: the wires', or that of the step before it
  std::shared_ptr<const BoundOperation> operation;  ///< null when `error` is set
  std::optional<Error> error;
  bool bypassed = false;    ///< nobody takes from it: its consumers take from its first input
  bool isSink = false;      ///< writes something, or would if it were bound
  bool isLookedAt = false;  ///< a parameter of another one names it
  int partOf = -1;          ///< of a step: the node of the chain that it is a part of, whose id it has
};

/// Immutable snapshot of a bound chain; safe to share between threads.
struct Graph {
  std::vector<BoundNode> nodes;  ///< in the chain's order; then the steps that are parts of them
  std::vector<int> order;        ///< topological
  std::string folder;

  int indexOf(const std::string& id) const;
  /// The node of the chain that `node` is or is a part of.
  int shown(int node) const {
    return nodes[static_cast<std::size_t>(node)].partOf < 0 ? node : nodes[static_cast<std::size_t>(node)].partOf;
  }
  const ArraySpec* specOf(const std::string& id) const;
  /// The nodes that the outputs are made of, themselves included; ascending. A node that writes and is connected to nothing is no output
  /// as long as there is another. Every node where nothing writes.
  std::vector<int> needed() const;
  /// The first error among needed() in topological order; a bypassed node has none that counts.
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
