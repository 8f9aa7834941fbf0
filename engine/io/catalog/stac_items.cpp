// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_items.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/io/catalog/stac_asset.h"
#include "engine/io/catalog/stac_item.h"
#include "engine/io/catalog/stac_link.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostItems = 100000, kMostFiles = 10000, kMostProperties = 200, kMostNotes = 20;

const Json& objectAt(const Json& json, const char* key) {
  static const Json kNone = Json::object();
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? *found : kNone;
}

/// The moment of an item: datetime, else where its stretch of time begins or ends, as odc-stac has it.
std::optional<double> momentOf(const Json& properties) {
  for (const char* key : {"datetime", "start_datetime", "end_datetime"})
    if (const auto seconds = parseDatetime(textAt(properties, key))) return seconds;
  return std::nullopt;
}

class Gathering {
 public:
  explicit Gathering(ItemList& list) : m_list(list) {}

  Result<void> read(const std::string& path) {
    auto json = document(path);
    if (!json) return fail(json.error());
    m_root = stacRoot(*json, path);
    m_met.insert(path);
    return take(*json, path);
  }

 private:
  Result<Json> document(const std::string& path) {
    if (m_list.files.size() >= kMostFiles)
      return failAt(ErrorCode::OpenFailed, path, "the collection has more than " + formatCount(kMostFiles) + " files",
                    "load a smaller one, or a list of items in one file");
    m_list.files.push_back(path);
    return readJson(path, "STAC file");
  }

  Result<void> take(const Json& document, const std::string& path) {
    const std::string type = textAt(document, "type");
    if (type == "Feature") return add(document, path);
    if (const auto features = document.find("features");
        type == "FeatureCollection" && features != document.end() && features->is_array()) {
      for (const Json& feature : *features) CUBELOOM_TRY(add(feature, path));
      return {};
    }
    if (type != "Catalog" && type != "Collection" && !(type.empty() && document.contains("links")))
      return failAt(ErrorCode::OpenFailed, path, path + " is STAC of a type that is not read: \"" + type.substr(0, 60) + "\"",
                    "catalogs, collections, items and lists of items are read");
    for (const StacLink& link : stacLinks(document, path))
      if (link.rel == "item" || link.rel == "child") CUBELOOM_TRY(follow(link));
    return {};
  }

  Result<void> follow(const StacLink& link) {
    const std::string& path = link.place.path;
    if (!link.place.problem.empty()) return note(link.place.problem);
    if (link.place.isRemote) return note(path + " lies on the network, which is never asked because of a catalog");
    if (!isWithin(path, m_root)) return note(path + " leads out of the catalog's folder " + m_root);
    if (!link.place.isFile) return note(path + " is missing");
    if (!m_met.insert(path).second) return {};
    auto json = document(path);
    if (!json && m_list.files.size() >= kMostFiles) return fail(json.error());
    if (!json) return note(json.error().text());
    return take(*json, path);
  }

  Result<void> add(const Json& json, const std::string& path) {
    if (!json.is_object()) return {};
    if (m_list.items.size() >= kMostItems)
      return failAt(ErrorCode::OpenFailed, path, "the collection has more than " + formatCount(kMostItems) + " items",
                    "load a smaller one");
    Item item;
    item.id = textAt(json, "id").substr(0, kMaxEntryText);
    item.file = path;
    item.folder = stacFolder(path);
    item.root = m_root;
    const Json& properties = objectAt(json, "properties");
    item.seconds = momentOf(properties);
    if (const auto bbox = json.find("bbox"); bbox != json.end()) item.bbox = stacBbox(*bbox);
    for (const auto& [key, value] : properties.items()) {
      if (item.properties.size() >= kMostProperties) break;
      if (value.is_number()) item.properties[key] = formatNumber(value.get<double>());
      if (value.is_string()) item.properties[key] = value.get<std::string>().substr(0, kMaxEntryText);
    }
    for (const auto& [name, asset] : objectAt(json, "assets").items()) {
      if (item.assets.size() >= kMostProperties) break;
      if (ItemAsset one = stacAsset(name, asset, properties, m_systems); one.mayBeRaster) item.assets.push_back(std::move(one));
    }
    m_list.items.push_back(std::move(item));
    return {};
  }

  Result<void> note(std::string what) {
    if (m_list.notes.size() < kMostNotes) m_list.notes.push_back("left out: " + std::move(what));
    return {};
  }

  ItemList& m_list;
  std::string m_root;
  std::set<std::string> m_met;
  StacSystems m_systems;
};

}  // namespace

Result<ItemList> readStacItems(const std::string& path) {
  ItemList list;
  CUBELOOM_TRY(Gathering(list).read(path));
  return list;
}

}  // namespace cubeloom
