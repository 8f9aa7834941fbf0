// SPDX-License-Identifier: GPL-3.0-or-later
// What the outputs of a chain put or remove at their targets, held against its inputs and against each other.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/chain/graph.h"

namespace cubeloom {

/// Files are the same however they are spelled and linked. Not thread-safe.
class OutputTargets {
 public:
  explicit OutputTargets(const Graph& graph);

  /// `path` will be written or removed by `node`. InvalidParameter, of `node`'s parameter path: it is an input, or a folder that holds one;
  /// another output has it.
  Result<void> claim(const BoundNode& node, const std::string& path);

 private:
  using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

  std::set<FileId> m_inputIds;
  std::vector<std::string> m_inputs;             // canonical
  std::map<std::string, std::string> m_claimed;  // canonical path, node
};

}  // namespace cubeloom
