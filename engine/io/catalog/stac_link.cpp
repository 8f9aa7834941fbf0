// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_link.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr int kMaxLevels = 32;

bool linksDownTo(const std::string& path, const Json& parent, const std::string& parentPath) {
  const auto links = stacLinks(parent, parentPath);
  return std::any_of(links.begin(), links.end(),
                     [&](const StacLink& link) { return (link.rel == "child" || link.rel == "item") && link.place.path == path; });
}

}  // namespace

std::string textAt(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string stacFolder(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

std::vector<StacLink> stacLinks(const Json& document, const std::string& path) {
  std::vector<StacLink> links;
  const auto list = document.find("links");
  if (list == document.end() || !list->is_array()) return links;
  const std::string folder = stacFolder(path);
  for (const Json& link : *list)
    if (link.is_object()) links.push_back({textAt(link, "rel"), textAt(link, "title"), placeOf(textAt(link, "href"), folder)});
  return links;
}

std::string stacRoot(const Json& document, const std::string& path) {
  std::string at = path;
  Json current = document;
  std::set<std::string> met{path};
  for (int level = 0; level < kMaxLevels; ++level) {
    const auto links = stacLinks(current, at);
    bool climbed = false;
    for (const StacLink& link : links) {
      if (link.rel != "parent" && link.rel != "root" && link.rel != "collection") continue;
      if (!link.place.isFile || !isWithin(at, stacFolder(link.place.path)) || met.contains(link.place.path)) continue;
      if (sniffJson(link.place.path).value_or(JsonKind::Other) != JsonKind::Stac) continue;
      auto above = readJson(link.place.path, "STAC file");
      if (!above || !linksDownTo(at, *above, link.place.path)) continue;
      at = link.place.path;
      met.insert(at);
      current = std::move(*above);
      climbed = true;
      break;
    }
    if (!climbed) break;
  }
  return stacFolder(at);
}

}  // namespace cubeloom
