// SPDX-License-Identifier: GPL-3.0-or-later
// YAML files of others as a tree, within limits: an alias shares the node it names, so that a small file never becomes a large tree.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

struct YamlNode {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  std::string scalar;
  std::vector<std::shared_ptr<const YamlNode>> items;
  std::vector<std::pair<std::string, std::shared_ptr<const YamlNode>>> pairs;  ///< in file order, merge keys resolved

  bool isMap() const { return kind == Kind::Map; }
  bool isList() const { return kind == Kind::List; }
  bool isScalar() const { return kind == Kind::Scalar; }
  /// The value of `key` in a map; nullptr when there is none.
  const YamlNode* find(std::string_view key) const;
  /// The scalar under `key`; empty when there is none.
  std::string text(std::string_view key) const;
};

/// The first document of `text`. Nodes that aliases share are to be counted by whoever walks the tree. OpenFailed with the line: no YAML,
/// nested deeper than 64 levels, more than 200,000 nodes, a node inside itself.
Result<std::shared_ptr<const YamlNode>> parseYaml(const std::string& text, const std::string& path);

}  // namespace cubeloom
