// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/catalog_place.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/zarr_names.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPathBytes = 4096;

bool isSchemeCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.'; }

/// "https" of "https://host/x"; empty without one.
std::string schemeOf(const std::string& href) {
  const std::size_t at = href.find("://");
  if (at == std::string::npos || at == 0 || !std::all_of(href.begin(), href.begin() + static_cast<std::ptrdiff_t>(at), isSchemeCharacter))
    return {};
  return toLower(href.substr(0, at));
}

std::string percentDecoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2 && value != 0) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// References have no suffix of their own, raw pixels any or none.
std::string formatBySight(const Place& place) {
  if (place.isFolder) return isZarrFolder(place.path) ? "Zarr" : "";
  if (std::string told = formatOfName(place.path); !told.empty()) return told;
  const fs::path file(place.path);
  if (toLower(file.extension().string()) == ".json") return "kerchunk";
  const bool hasHeader = exists(place.path + ".hdr") || exists(fs::path(file).replace_extension(".hdr").string()) ||
                         exists(place.path + ".HDR") || exists(fs::path(file).replace_extension(".HDR").string());
  return hasHeader ? "ENVI" : "";
}

}  // namespace

std::string resolvedPath(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return path;
  const fs::path real = fs::weakly_canonical(absolute, error);
  return (error ? absolute.lexically_normal() : real).string();
}

Place placeOf(const std::string& href, const std::string& folder) {
  Place place;
  const auto lost = [&place](std::string why) {
    place.problem = std::move(why);
    return place;
  };
  if (href.empty()) return lost("the entry names no path");
  if (href.size() > kMaxPathBytes) return lost("its path has more than " + formatCount(kMaxPathBytes) + " characters");
  if (std::any_of(href.begin(), href.end(), [](unsigned char c) { return c < 32 || c == 127; }))
    return lost("its path holds control characters");
  std::string local = href;
  if (const std::string scheme = schemeOf(href); scheme == "file" || scheme == "local") {
    local = href.substr(scheme.size() + 3);
    if (local.starts_with("localhost/")) local.erase(0, 9);
  } else if (!scheme.empty()) {
    place.path = href;
    place.isRemote = true;
    return place;
  }
  if (local.starts_with("//") || local.starts_with("/vsi")) return lost("only plain local paths and URLs are followed: " + href);
  if (local.find("://") != std::string::npos || local.find("::") != std::string::npos)
    return lost("chained or nested URLs are not followed: " + href);
  const auto from = [&folder](const std::string& name) { return resolvedPath((fs::path(folder) / name).string()); };
  place.path = from(local);
  if (!exists(place.path) && local.find('%') != std::string::npos) {
    const std::string decoded = percentDecoded(local);
    if (!decoded.starts_with("/vsi") && exists(from(decoded))) place.path = from(decoded);
  }
  std::error_code ignored;
  const fs::file_status status = fs::status(place.path, ignored);
  place.isFile = fs::is_regular_file(status);
  place.isFolder = fs::is_directory(status);
  if (fs::exists(status) && !place.isFile && !place.isFolder) place.problem = place.path + " is neither a file nor a folder";
  return place;
}

bool isWithin(const std::string& path, const std::string& root) {
  if (root == "/") return true;
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

std::string formatOfName(const std::string& path) {
  const FormatFacts* told = formatOfSuffix(path);
  return told != nullptr && told->isToldBySuffix ? told->name : std::string();
}

void judgeDataset(CatalogEntry& entry, const Place& place, const CatalogRules& rules) {
  entry.path = place.path;
  const auto no = [&entry](std::string why) { entry.reason = std::move(why); };
  if (!place.problem.empty()) return no(place.problem);
  if (place.isRemote) {
    const std::string scheme = schemeOf(place.path);
    if (!rules.isNetworkOn) return no("it lies on the network, which is off and is never asked because of a catalog");
    const FormatFacts* told = formatOfSuffix(place.path.substr(0, place.path.find_first_of("?#")));
    if (scheme != "http" && scheme != "https" && scheme != "s3") return no("no reader for " + scheme + "://");
    if (told == nullptr || !told->isGdalRaster) return no("on the network only rasters of one file are read, such as GeoTIFF");
    entry.isOpenable = true;
    return;
  }
  if (!place.isFile && !place.isFolder) return no("missing: there is no such file");
  const FormatFacts* format = formatNamed(formatBySight(place));
  if (format == nullptr) return no("it is not recognised as a raster by its name");
  if (format->isOnlyOnChoice) return no(onlyOnChoice(*format));
  entry.isOpenable = true;
}

}  // namespace cubeloom
