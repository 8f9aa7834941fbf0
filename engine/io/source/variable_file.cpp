// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/variable_file.h"

#include <cstring>
#include <fstream>

namespace cubeloom {

std::string StoredVariable::text(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? "" : found->second.text;
}

std::optional<double> StoredVariable::number(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  if (found == attributes.end() || found->second.numbers.empty()) return std::nullopt;
  return found->second.numbers.front();
}

bool isNamedAsLabels(const StoredVariable& variable) {
  if (variable.type || !variable.refusal.empty() || variable.dims.empty() || variable.dims.size() > 2) return false;
  return variable.name == variable.dims.front() || variable.name == variable.dims.front() + "_name";
}

std::string unpadded(const char* text, std::size_t size) {
  std::string value(text, strnlen(text, size));
  while (!value.empty() && value.back() == ' ') value.pop_back();
  return value;
}

const Attributes& VariableFile::attributes(const std::string& group) const {
  static const Attributes kNone;
  const auto found = m_groups.find(group);
  return found == m_groups.end() ? kNone : found->second;
}

VariableFileKind variableFileKind(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string start(8, '\0');
  const auto readAt = [&](std::streamoff offset) {
    file.clear();
    file.seekg(offset);
    file.read(start.data(), static_cast<std::streamsize>(start.size()));
    return file.gcount() == static_cast<std::streamsize>(start.size());
  };
  if (!readAt(0)) return VariableFileKind::None;
  if (start.starts_with("CDF") && (start[3] == 1 || start[3] == 2 || start[3] == 5)) return VariableFileKind::Netcdf3;
  // HDF5 looks for its signature at 0, 512, 1024, 2048, ... : what is before belongs to the user.
  constexpr std::streamoff kFarthest = 1 << 20;
  for (std::streamoff offset = 0; offset <= kFarthest; offset = offset == 0 ? 512 : offset * 2) {
    if (!readAt(offset)) break;
    if (start == std::string("\x89HDF\r\n\x1a\n", 8)) return VariableFileKind::Hdf5;
  }
  return VariableFileKind::None;
}

}  // namespace cubeloom
