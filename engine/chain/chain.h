// SPDX-License-Identifier: GPL-3.0-or-later
// The chain document: nodes and wires as a value, with load and save.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/op/param.h"

namespace cubeloom {

struct ChainStep;
class Registry;

/// The node that an input "node" or "node.port" names.
inline std::string inputNode(const std::string& input) { return input.substr(0, input.find('.')); }

/// One step. `inputs` are node ids (later: "node.port"); an empty string is an unconnected port.
struct Node {
  std::string id;
  std::string op;
  std::vector<std::string> inputs;
  Json params = Json::object();
  bool bypassed = false;  ///< it hands its first input on; an output writes nothing
  bool operator==(const Node&) const = default;
};

/// The user's graph. A plain value: copies are snapshots.
struct Chain {
  std::string title;
  std::vector<Node> nodes;
  Json view = Json::object();  ///< positions, notes, colours; never changes a result
  std::string folder;          ///< what relative paths are relative to; not saved

  const Node* find(const std::string& id) const;
  Node* find(const std::string& id);
  int indexOf(const std::string& id) const;
  /// A free id made from `base` ("grid", "grid2", ...).
  std::string freeId(const std::string& base) const;
  /// Ids of nodes that use `id` as input.
  std::vector<std::string> consumersOf(const std::string& id) const;
  bool operator==(const Chain&) const = default;
};

constexpr int kChainVersion = 1;

/// InvalidChain names the key or node; a newer version is refused. Structure only: operations and parameters are checked by inferChain.
Result<Chain> chainFromJson(const std::string& text);
Result<Chain> loadChain(const std::string& path);
/// Sorted keys, two-space indent, newline at the end.
std::string chainToJson(const Chain& chain);
/// Atomic: a failure leaves the old file.
Result<void> saveChain(const Chain& chain, const std::string& path);

/// From a `!` pipeline: {"open", "cube.hdr", "!", "isel", "time=0", ...}, as the grammar in pipeline_names.h has it. Needs the registry for
/// parameter types. InvalidChain says which step and which word. `outer`: further names that steps may take from, the inputs of the
/// operation that the pipeline stands for.
Result<Chain> chainFromPipeline(const std::vector<std::string>& words, const Registry& registry,
                                const std::vector<std::string>& outer = {});
/// The same as steps of a composite, whose inputs are called `inputs`: those that none names are taken by the first step.
Result<std::vector<ChainStep>> stepsFromPipeline(const std::vector<std::string>& words, const Registry& registry,
                                                 const std::vector<std::string>& inputs);
/// The chain as a command, quoted for a POSIX shell, whose pipeline is the same chain: operations, parameters and wires. Steps keep their
/// names where others refer to them; bypassed ones are left out. InvalidChain where an operation or a parameter is not known.
Result<std::string> chainToPipeline(const Chain& chain, const Registry& registry);

/// Node indices, inputs before consumers. InvalidChain: duplicate id, unknown input, cycle. No recursion.
Result<std::vector<int>> topologicalOrder(const Chain& chain);

}  // namespace cubeloom
