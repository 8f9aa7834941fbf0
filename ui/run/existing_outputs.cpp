// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at the outputs' paths.
#include "ui/run/existing_outputs.h"

#include <sys/stat.h>

#include <filesystem>

#include "engine/op/operation.h"

namespace cubeloom {

namespace fs = std::filesystem;

WrittenFiles::Stamp WrittenFiles::stampOf(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {-1, -1};
  return {found.st_size, found.st_mtim.tv_sec * INT64_C(1000000000) + found.st_mtim.tv_nsec};
}

void WrittenFiles::remember(const std::string& path) {
  if (!path.empty()) m_stamps[path] = stampOf(path);
}

bool WrittenFiles::isUntouched(const std::string& path) const {
  const auto known = m_stamps.find(path);
  return known != m_stamps.end() && known->second.first >= 0 && known->second == stampOf(path);
}

std::string freeName(const std::string& path) {
  const fs::path asked(path);
  for (int number = 2;; ++number) {
    std::string name = asked.stem().string() + "-" + std::to_string(number) + asked.extension().string();
    if (std::error_code code; !fs::exists(asked.parent_path() / name, code)) return name;
  }
}

std::vector<ExistingOutput> existingOutputs(const Graph& graph, const WrittenFiles& written) {
  std::vector<ExistingOutput> existing;
  for (const BoundNode& node : graph.nodes) {
    const SinkRequest* request = node.operation ? node.operation->sink() : nullptr;
    if (!request || request->overwrite || request->path.empty()) continue;
    std::error_code code;
    if (!fs::is_regular_file(request->path, code)) continue;
    ExistingOutput output;
    output.node = QString::fromStdString(node.id);
    output.file = QString::fromStdString(fs::path(request->path).filename().string());
    output.freeName = QString::fromStdString(freeName(request->path));
    output.isOurs = written.isUntouched(request->path);
    existing.push_back(std::move(output));
  }
  return existing;
}

}  // namespace cubeloom
