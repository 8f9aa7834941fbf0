// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/output_targets.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace cubeloom {
namespace {

/// Links resolved as far as it exists; the path itself where that is not possible.
std::string canonical(const std::string& path) {
  std::error_code code;
  const std::filesystem::path absolute = std::filesystem::absolute(path, code);
  if (code) return path;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(absolute, code);
  return code ? absolute.lexically_normal().string() : resolved.string();
}

}  // namespace

OutputTargets::OutputTargets(const Graph& graph) {
  for (const BoundNode& node : graph.nodes) {
    if (!node.operation) continue;
    for (const std::string& file : node.operation->files()) {
      struct stat found {};
      if (::stat(file.c_str(), &found) == 0) m_inputIds.insert({found.st_dev, found.st_ino});
      m_inputs.push_back(canonical(file));
    }
  }
  std::sort(m_inputs.begin(), m_inputs.end());
}

Result<void> OutputTargets::claim(const BoundNode& node, const std::string& path) {
  const auto refused = [&](const std::string& why, const std::string& remedy) {
    return fail(Error{ErrorCode::InvalidParameter, why, remedy, node.id, "path", path, {}});
  };
  const std::string place = canonical(path);
  struct stat found {};
  const bool isThere = ::stat(path.c_str(), &found) == 0;
  if (isThere && m_inputIds.contains({found.st_dev, found.st_ino}))
    return refused(path + " is an input of this chain", "write to another path");
  const std::string folder = place + "/";
  const auto inside = std::lower_bound(m_inputs.begin(), m_inputs.end(), folder);
  if (isThere && S_ISDIR(found.st_mode) && inside != m_inputs.end() && inside->starts_with(folder))
    return refused(path + " holds an input of this chain, " + *inside, "write to another path");
  const auto [claimed, isNew] = m_claimed.emplace(place, node.id);
  if (!isNew) return refused("two nodes write " + path, "give each a path of its own");
  return {};
}

}  // namespace cubeloom
