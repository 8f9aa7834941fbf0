// SPDX-License-Identifier: GPL-3.0-or-later
// Rewrites path parameters for another folder.
#include "engine/chain/chain_paths.h"

#include <filesystem>

#include "engine/op/param_kinds.h"

namespace cubeloom {

namespace {

namespace fs = std::filesystem;

std::string pathFrom(const std::string& text, const std::string& oldFolder, const std::string& newFolder) {
  fs::path path(text);
  if (path.is_relative()) {
    // Without a folder the chain has never been saved: nothing says what the path is relative to.
    if (oldFolder.empty()) return text;
    path = fs::path(oldFolder) / path;
  }
  path = path.lexically_normal();
  if (newFolder.empty()) return path.string();
  const fs::path relative = path.lexically_relative(fs::path(newFolder).lexically_normal());
  return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

/// Calls `use(path)` for every path of a file in the chain's parameters.
template <class Use>
void eachPath(Chain& chain, const Registry& registry, Use&& use) {
  for (Node& node : chain.nodes) {
    const Operation* operation = registry.find(node.op);
    if (!operation || !node.params.is_object()) continue;
    for (const Param& param : operation->declaration().params) {
      const ParamEditorKind editor = kindOf(param.type).editor;
      if (editor != ParamEditorKind::InputFile && editor != ParamEditorKind::OutputFile && editor != ParamEditorKind::Features) continue;
      const auto given = node.params.find(param.name);
      if (given == node.params.end()) continue;
      Json& value = given->is_object() && given->contains("path") ? (*given)["path"] : *given;  // of features: beside their layer
      if (value.is_string() && !value.get<std::string>().empty()) use(value);
    }
  }
}

}  // namespace

Chain rebased(Chain chain, const std::string& folder, const Registry& registry) {
  eachPath(chain, registry, [&](Json& value) { value = pathFrom(value.get<std::string>(), chain.folder, folder); });
  chain.folder = folder;
  return chain;
}

bool hasRelativePath(const Chain& chain, const Registry& registry) {
  Chain copy = chain;
  bool found = false;
  eachPath(copy, registry, [&found](const Json& value) { found = found || fs::path(value.get<std::string>()).is_relative(); });
  return found;
}

}  // namespace cubeloom
