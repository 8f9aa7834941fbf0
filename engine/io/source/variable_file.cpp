// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/variable_file.h"

#include <cstring>
#include <filesystem>
#include <system_error>

#include "engine/io/file/raw_file.h"

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
  const bool isOfBands = variable.dims.front() == "bands" && variable.name.ends_with("_bands");  // EMIT
  return isOfBands || variable.name == variable.dims.front() || variable.name == variable.dims.front() + "_name";
}

bool isStructureText(const StoredVariable& variable) { return !variable.type && variable.name.starts_with("StructMetadata."); }

bool isGridText(const StoredVariable& variable) {
  const bool isNamed = variable.name == "Map_Info" || variable.name == "Coordinate_System_String" || variable.name == "EPSG Code";
  return !variable.type && isNamed && variable.group.ends_with("Metadata/Coordinate_System");
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

Result<VariableFileKind> variableFileKind(const std::string& path) {
  if (std::error_code ignored; !std::filesystem::is_regular_file(path, ignored)) return VariableFileKind::None;
  const auto file = RawFile::open(path);
  if (!file) return fail(file.error());
  constexpr std::int64_t kSignatureBytes = 8;
  std::string start(kSignatureBytes, '\0');
  const auto readAt = [&](std::int64_t offset) -> Result<bool> {
    if (offset + kSignatureBytes > (*file)->sizeBytes()) return false;
    CUBELOOM_TRY((*file)->read(reinterpret_cast<std::byte*>(start.data()), kSignatureBytes, offset, offset + kSignatureBytes));
    return true;
  };
  auto isRead = readAt(0);
  if (isRead && *isRead && start.starts_with("CDF") && (start[3] == 1 || start[3] == 2 || start[3] == 5)) return VariableFileKind::Netcdf3;
  // HDF5 looks for its signature at 0, 512, 1024, 2048, ... : what is before belongs to the user.
  constexpr std::int64_t kFarthest = 1 << 20;
  for (std::int64_t next = 512; isRead && *isRead; next *= 2) {
    if (start == std::string("\x89HDF\r\n\x1a\n", kSignatureBytes)) return VariableFileKind::Hdf5;
    if (next > kFarthest) break;
    isRead = readAt(next);
  }
  if (!isRead) return fail(std::move(isRead.error()));
  return VariableFileKind::None;
}

}  // namespace cubeloom
