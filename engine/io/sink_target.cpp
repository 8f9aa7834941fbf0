// SPDX-License-Identifier: GPL-3.0-or-later
// Checks of an output's path before any work.
#include "engine/io/sink_target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/base/text.h"
#include "engine/io/part_file.h"

namespace cubeloom {
namespace {

constexpr std::array<const char*, 6> kFormats{"GTiff", "COG", "ENVI", "netCDF", "PNG", "MEM"};
constexpr const char* kFormatHint = "use format=GTiff, COG, ENVI, netCDF or PNG";

std::string suffixOf(const std::string& path) {
  const std::string name = nameOf(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? "" : toLower(name.substr(dot));
}

}  // namespace

Result<std::string> sinkFormat(const SinkRequest& request) {
  const std::string asked = toLower(request.format);
  if (request.path.empty()) {
    if (asked.empty() || asked == "mem") return std::string("MEM");
    return invalidParameter("path", "format " + request.format + " needs a path", "name the file to write");
  }
  for (const char* format : kFormats)
    if (asked == toLower(format) && asked != "mem") return std::string(format);
  if (!asked.empty()) return invalidParameter("format", "cannot write format '" + request.format + "'", kFormatHint);

  const std::string suffix = suffixOf(request.path);
  if (suffix == ".tif" || suffix == ".tiff") return std::string("GTiff");
  if (suffix == ".img" || suffix == ".bil" || suffix == ".bsq" || suffix == ".bip" || suffix == ".dat" || suffix == ".hdr")
    return std::string("ENVI");
  if (suffix == ".nc" || suffix == ".nc4") return std::string("netCDF");
  if (suffix == ".png") return std::string("PNG");
  return invalidParameter("format", "the name '" + nameOf(request.path) + "' does not tell a format", kFormatHint);
}

Result<void> checkTarget(const std::string& path, bool overwrite) {
  const auto refuse = [&path](std::string message, std::string hint) {
    Failure failure = invalidParameter("path", std::move(message), std::move(hint));
    failure.value().path = path;
    return failure;
  };
  if (path.starts_with("/vsi") || path.find("://") != std::string::npos)
    return refuse("'" + path + "' is not a file of this machine", "write to a local path");
  if (nameOf(path).empty()) return refuse("'" + path + "' names a folder", "add a file name");
  if (nameOf(path).size() > 255)
    return refuse("a file name of " + std::to_string(nameOf(path).size()) + " bytes is longer than the 255 a file system holds",
                  "choose a shorter name");
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0) {
    struct stat meant {};
    if (::stat(path.c_str(), &meant) == 0 && S_ISDIR(meant.st_mode)) return refuse("'" + path + "' is a folder", "name a file inside it");
    if (!overwrite) return refuse("'" + path + "' exists; set overwrite=true", "or choose another path");
    if (!S_ISREG(found.st_mode) && !S_ISLNK(found.st_mode))
      return refuse("'" + path + "' is neither a file nor a folder", "choose another path");
  }
  const std::string folder = folderOf(path);
  if (::stat(folder.c_str(), &found) != 0)
    return refuse("folder '" + folder + "' cannot be used: " + std::strerror(errno), "create it or choose another path");
  if (!S_ISDIR(found.st_mode)) return refuse("'" + folder + "' is not a folder", "choose another path");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return refuse("folder '" + folder + "' cannot be written: " + std::strerror(errno), "change its permissions or choose another path");
  return {};
}

void removeStaleSidecars(const std::string& path) {
  for (const char* suffix : {".aux.xml", ".ovr", ".msk"}) ::unlink((path + suffix).c_str());
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
