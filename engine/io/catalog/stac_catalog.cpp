// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_catalog.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/io/catalog/stac_item.h"
#include "engine/io/catalog/stac_link.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxItems = 10000;

/// One STAC file becoming a catalog.
struct Reading {
  Catalog& catalog;
  const std::string& root;
  const CatalogRules& rules;
  std::size_t items = 0;

  void item(const StacLink& link, CatalogEntry& entry) {
    if (++items > kMaxItems) {
      entry.reason = "not read: the catalog lists more than " + formatCount(kMaxItems) + " items";
      return;
    }
    auto json = readJson(link.place.path, "STAC item");
    if (!json) {
      entry.reason = json.error().text();
    } else if (textAt(*json, "type") != "Feature") {
      entry.reason = "it is no STAC item";
    } else {
      const std::string name = entry.name, title = entry.title;
      entry = stacItem(*json, {link.place.path, stacFolder(link.place.path), root}, rules);
      if (entry.name.empty()) entry.name = name;
      if (entry.title.empty()) entry.title = title;
    }
  }

  void follow(const StacLink& link) {
    if (link.rel != "child" && link.rel != "item") return;
    CatalogEntry entry;
    entry.path = link.place.path;
    entry.title = link.title;
    entry.driver = link.rel == "item" ? "stac item" : "stac catalog";
    entry.name = std::filesystem::path(link.place.path).stem().string();
    // "catalog" says nothing: its folder's name does.
    if (link.rel == "child" && (entry.name == "catalog" || entry.name == "collection"))
      entry.name = std::filesystem::path(stacFolder(link.place.path)).filename().string();
    if (!link.place.problem.empty()) {
      entry.reason = link.place.problem;
    } else if (link.place.isRemote) {
      entry.reason = "it lies on the network, which is never asked because of a catalog";
    } else if (!isWithin(link.place.path, root)) {
      entry.reason = "it leads out of the catalog's folder " + root;
    } else if (!link.place.isFile) {
      entry.reason = "missing: there is no such file";
    } else if (link.rel == "item") {
      item(link, entry);
    } else {
      entry.furtherOn = CatalogRequest{link.place.path, root, {}};
      entry.reason = "it is a catalog, not a dataset";
    }
    catalog.entries.push_back(std::move(entry));
  }
};

/// The value under `key` of an object, or the one at the start of a list; null when it is not there.
const Json& below(const Json& json, const char* key) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(key);
  return found == json.end() ? kNull : *found;
}
const Json& first(const Json& json) {
  static const Json kNull;
  return json.is_array() && !json.empty() ? json.front() : kNull;
}

/// The first box and stretch of time of a collection are those of the whole.
void readExtent(const Json& document, Catalog& catalog) {
  const Json& extent = below(document, "extent");
  catalog.bbox = stacBbox(first(below(below(extent, "spatial"), "bbox")));
  const Json& interval = first(below(below(extent, "temporal"), "interval"));
  if (!interval.is_array() || interval.size() != 2) return;
  const auto end = [&interval](std::size_t i) { return interval[i].is_string() ? interval[i].get<std::string>() : std::string(); };
  catalog.datetime = stacInterval(end(0), end(1));
}

}  // namespace

Result<Catalog> readStac(const CatalogRequest& request, const CatalogRules& rules) {
  auto json = readJson(request.path, "STAC file");
  if (!json) return fail(json.error());
  const Json& document = *json;
  const std::string root = request.root.empty() ? stacRoot(document, request.path) : request.root;
  if (!isWithin(request.path, root))
    return failAt(ErrorCode::OpenFailed, request.path, request.path + " lies outside of the catalog's folder " + root);

  Catalog catalog;
  catalog.path = request.path;
  catalog.kind = "stac";
  catalog.title = textAt(document, "title").empty() ? textAt(document, "id") : textAt(document, "title");
  catalog.description = textAt(document, "description");
  const std::string type = textAt(document, "type");
  Reading reading{catalog, root, rules};
  if (type == "Feature") {
    catalog.entries.push_back(stacItem(document, {request.path, stacFolder(request.path), root}, rules));
    return catalog;
  }
  if (const auto features = document.find("features"); type == "FeatureCollection" && features != document.end() && features->is_array()) {
    for (const Json& feature : *features)
      if (feature.is_object()) catalog.entries.push_back(stacItem(feature, {{}, stacFolder(request.path), root}, rules));
    return catalog;
  }
  // Before version 1.0 catalogs had no type.
  if (type != "Catalog" && type != "Collection" && !(type.empty() && document.contains("links")))
    return failAt(ErrorCode::OpenFailed, request.path, request.path + " is STAC of a type that is not read: \"" + type.substr(0, 60) + "\"",
                  "catalogs, collections, items and lists of items are read");
  readExtent(document, catalog);
  for (const StacLink& link : stacLinks(document, request.path)) reading.follow(link);
  return catalog;
}

}  // namespace cubeloom
