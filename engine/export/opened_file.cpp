// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/opened_file.h"

#include <algorithm>
#include <filesystem>

#include "engine/access/computed.h"

namespace cubeloom {

std::optional<OpenedFile> openedFile(const Graph& graph, int node, const Declaration& declaration, SourceProvider& sources) {
  namespace fs = std::filesystem;
  const auto param = std::find_if(declaration.params.begin(), declaration.params.end(),
                                  [](const Param& one) { return one.type == ParamType::Path && one.required; });
  const Json& params = graph.nodes[static_cast<std::size_t>(node)].params;
  if (param == declaration.params.end() || !params.contains(param->name) || !params[param->name].is_string()) return std::nullopt;
  OpenedFile file{params[param->name].get<std::string>(), {}, param->name};
  const bool isRelative = fs::path(file.path).is_relative();
  const fs::path folder(graph.folder), full = isRelative ? folder / file.path : fs::path(file.path);
  const auto info = sources.info(full.string());
  if (!info || info->driver == kComputedDriver) return std::nullopt;
  file.driver = info->driver;
  if (fs::path(info->path).lexically_normal() == full.lexically_normal()) return file;
  const fs::path relative = fs::path(info->path).lexically_relative(folder);
  file.path = isRelative && !relative.empty() && *relative.begin() != ".." ? relative.string() : info->path;
  return file;
}

std::string folderOfPaths(const std::string& chainFolder) {
  return chainFolder.empty() ? std::filesystem::current_path().string()
                             : std::filesystem::absolute(chainFolder).lexically_normal().string();
}

}  // namespace cubeloom
