// SPDX-License-Identifier: GPL-3.0-or-later
// Checks of an output's path before any work.
#include "engine/io/sink/sink_target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/io/file/zarr_names.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {
namespace {

Failure refuse(const std::string& path, std::string message, std::string hint) {
  Failure failure = invalidParameter("path", std::move(message), std::move(hint));
  failure.value().path = path;
  return failure;
}

/// What holds for every target.
Result<void> checkPlace(const std::string& path) {
  if (path.starts_with("/vsi") || path.find("://") != std::string::npos)
    return refuse(path, "'" + path + "' is not a file of this machine", "write to a local path");
  if (nameOf(path).empty()) return refuse(path, "'" + path + "' names a folder", "add a file name");
  if (nameOf(path).size() > 255)
    return refuse(path, "a file name of " + std::to_string(nameOf(path).size()) + " bytes is longer than the 255 a file system holds",
                  "choose a shorter name");
  return {};
}

/// Whether the folder that is to hold `path` can take it.
Result<void> checkParent(const std::string& path) {
  struct stat found {};
  const std::string folder = folderOf(path);
  if (::stat(folder.c_str(), &found) != 0)
    return refuse(path, "folder '" + folder + "' cannot be used: " + std::strerror(errno), "create it or choose another path");
  if (!S_ISDIR(found.st_mode)) return refuse(path, "'" + folder + "' is not a folder", "choose another path");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return refuse(path, "folder '" + folder + "' cannot be written: " + std::strerror(errno),
                  "change its permissions or choose another path");
  return {};
}

}  // namespace

Result<void> checkTarget(const std::string& path, bool overwrite) {
  CUBELOOM_TRY(checkPlace(path));
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0) {
    struct stat meant {};
    if (::stat(path.c_str(), &meant) == 0 && S_ISDIR(meant.st_mode))
      return refuse(path, "'" + path + "' is a folder", "name a file inside it");
    if (!overwrite) return refuse(path, "'" + path + "' exists; set overwrite=true", "or choose another path");
    if (!S_ISREG(found.st_mode) && !S_ISLNK(found.st_mode))
      return refuse(path, "'" + path + "' is neither a file nor a folder", "choose another path");
  }
  return checkParent(path);
}

Result<void> checkZarrTarget(const std::string& path, bool overwrite) {
  CUBELOOM_TRY(checkPlace(path));
  CUBELOOM_TRY(checkParent(path));
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!overwrite) return refuse(path, "'" + path + "' exists; set overwrite=true", "or choose another path");
  if (!S_ISDIR(found.st_mode))
    return refuse(path, "'" + path + "' is not a folder, which a Zarr store is", "remove it yourself or choose another path");
  if (!isZarrFolder(path))
    return refuse(path, "the folder '" + path + "' holds no Zarr metadata, so it is not replaced",
                  "remove it yourself or choose another path");
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory(error) && !at->is_symlink(error)) continue;
    if (!isZarrName(at->path().filename().string()) || at->is_symlink(error))
      return refuse(path,
                    "the folder '" + path + "' holds '" + at->path().lexically_relative(path).string() +
                        "', which is no part of a Zarr store, so it is not replaced",
                    "move that away or choose another path");
  }
  if (error) return refuse(path, "the folder '" + path + "' cannot be looked through: " + error.message(), "choose another path");
  return {};
}

std::vector<std::string> staleSidecars(const std::string& path) { return {path + ".aux.xml", path + ".ovr", path + ".msk"}; }

void removeStaleSidecars(const std::string& path) {
  for (const std::string& file : staleSidecars(path)) ::unlink(file.c_str());
}

Result<void> ArrivalCount::checkComplete(const std::string& path) const {
  if (m_arrived == m_expected) return {};
  Error error;
  error.code = ErrorCode::Internal;
  error.message = formatCount(m_arrived) + " of " + formatCount(m_expected) + " elements arrived before publishing";
  error.path = path;
  return fail(std::move(error));
}

}  // namespace cubeloom
