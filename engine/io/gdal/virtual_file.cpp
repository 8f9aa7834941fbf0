// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/virtual_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPathBytes = 4096;
constexpr std::array<std::string_view, 3> kArchives{"/vsizip/", "/vsitar/", "/vsigzip/"};

std::string stemOf(std::string_view name) { return fs::path(std::string(name.substr(0, name.find_first_of("?#")))).stem().string(); }

/// The leading part of `rest` that is a file on disk, and what follows it.
struct Archive {
  std::string file, member;
};
std::optional<Archive> archiveIn(const std::string& rest) {
  std::error_code ignored;
  if (rest.starts_with('{')) {
    const std::size_t end = rest.find('}');
    if (end == std::string::npos) return std::nullopt;
    const std::string file = rest.substr(1, end - 1);
    const std::size_t member = rest.find_first_not_of('/', end + 1);
    if (!fs::is_regular_file(file, ignored)) return std::nullopt;
    return Archive{file, member == std::string::npos ? std::string() : rest.substr(member)};
  }
  for (std::size_t slash = rest.find('/', 1); true; slash = rest.find('/', slash + 1)) {
    const std::string file = rest.substr(0, slash);
    if (fs::is_regular_file(file, ignored))
      return Archive{file,
                     slash == std::string::npos ? std::string() : rest.substr(std::min(rest.find_first_not_of('/', slash), rest.size()))};
    if (slash == std::string::npos) return std::nullopt;
  }
}

Result<VirtualFile> inArchive(const std::string& path, std::string_view system) {
  const std::string rest = path.substr(system.size());
  if (rest.starts_with("vsi") || rest.starts_with("/vsi") || rest.starts_with("{/vsi"))
    return failAt(ErrorCode::OpenFailed, path, path + ": virtual file systems within one another are not opened",
                  "unpack the outer one, or fetch it first");
  const auto archive = archiveIn(rest);
  if (!archive)
    return failAt(ErrorCode::OpenFailed, path, "no part of " + path + " is a local archive",
                  "write " + std::string(system) + "/folder/archive.zip/member.tif");
  std::error_code error;
  const std::string real = fs::canonical(archive->file, error).string();
  if (error) return failAt(ErrorCode::OpenFailed, path, "cannot resolve " + archive->file + ": " + error.message());
  if (real.find_first_of("{}") != std::string::npos)
    return failAt(ErrorCode::OpenFailed, path, "the name of the archive " + real + " holds braces, which GDAL reads as its own",
                  "rename the archive");
  const std::vector<std::string> parts = split(archive->member, '/');
  if (std::find(parts.begin(), parts.end(), "..") != parts.end())
    return failAt(ErrorCode::OpenFailed, path, path + " leaves its archive", "name a member without \"..\"");
  if (system == "/vsigzip/") {
    if (!archive->member.empty())
      return failAt(ErrorCode::OpenFailed, path, path + ": a .gz file has no members", "name the .gz file alone");
    return VirtualFile{"/vsigzip/" + real, stemOf(fs::path(real).stem().string()), {real}, false};
  }
  const std::string name = std::string(system) + "{" + real + "}" + (archive->member.empty() ? "" : "/" + archive->member);
  return VirtualFile{name, stemOf(archive->member.empty() ? real : archive->member), {real}, false};
}

}  // namespace

Result<std::optional<VirtualFile>> virtualFile(const std::string& path, bool isNetworkOn) {
  const std::string lower = toLower(path.substr(0, 16));
  const bool isUrl = lower.starts_with("http://") || lower.starts_with("https://");
  const bool isBucket = lower.starts_with("s3://");
  const bool isVirtual = path.starts_with("/vsi");
  if (!isUrl && !isBucket && !isVirtual) return std::nullopt;
  if (path.size() > kMaxPathBytes || std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 32 || c == 127; }))
    return failAt(ErrorCode::OpenFailed, path.substr(0, 200), "the path is too long or holds control characters");
  for (const std::string_view system : kArchives) {
    if (!path.starts_with(system)) continue;
    auto file = inArchive(path, system);
    if (!file) return fail(file.error());
    return std::optional<VirtualFile>(std::move(*file));
  }
  const bool isWebName = path.starts_with("/vsicurl/http://") || path.starts_with("/vsicurl/https://");
  const bool isBucketName = path.starts_with("/vsis3/");
  if (isVirtual && !isWebName && !isBucketName)
    return failAt(ErrorCode::OpenFailed, path, path + ": this virtual file system is not opened",
                  "/vsizip/, /vsitar/, /vsigzip/ with local archives are; with the network on /vsicurl/http... and /vsis3/, too");
  if (!isNetworkOn)
    return failAt(ErrorCode::OpenFailed, path, path + " lies on the network, which is off", "set CUBELOOM_NETWORK=on to allow it");
  VirtualFile file;
  file.isRemote = true;
  file.name = isVirtual ? path : isBucket ? "/vsis3/" + path.substr(5) : "/vsicurl/" + path;
  file.stem = stemOf(path);
  return std::optional<VirtualFile>(std::move(file));
}

}  // namespace cubeloom
