// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/user_folders.h"

#include <cstdlib>

namespace cubeloom {
namespace {

/// What is not absolute counts for nothing, as the specification has it.
std::filesystem::path folderIn(const char* variable) {
  const char* text = std::getenv(variable);
  const std::filesystem::path path(text ? text : "");
  return path.is_absolute() ? path : std::filesystem::path();
}

std::filesystem::path userFolder(const char* variable, const char* inHome) {
  if (const auto folder = folderIn(variable); !folder.empty()) return folder / "cubeloom";
  if (const auto home = folderIn("HOME"); !home.empty()) return home / inHome / "cubeloom";
  return {};
}

}  // namespace

std::filesystem::path userDataFolder() { return userFolder("XDG_DATA_HOME", ".local/share"); }

std::filesystem::path userConfigFolder() { return userFolder("XDG_CONFIG_HOME", ".config"); }

}  // namespace cubeloom
