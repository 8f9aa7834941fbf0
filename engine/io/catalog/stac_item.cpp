// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_item.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/io/catalog/stac_link.h"
#include "engine/io/catalog/stac_values.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

std::string clipped(const std::string& text) { return text.substr(0, kMaxEntryText); }

void readProperties(const Json& properties, CatalogEntry& entry) {
  for (const auto& [key, value] : properties.items()) {
    if (entry.metadata.size() >= kMaxEntryMetadata) return;
    if (key == "title" || key == "description" || key.ends_with("datetime")) continue;
    if (value.is_string()) {
      entry.metadata[key] = clipped(value.get<std::string>());
    } else if (value.is_number()) {
      entry.metadata[key] = formatNumber(value.get<double>());
    } else if (value.is_boolean()) {
      entry.metadata[key] = value.get<bool>() ? "true" : "false";
    }
  }
}

CatalogEntry asset(const std::string& name, const Json& json, const StacPlace& at, const CatalogRules& rules) {
  CatalogEntry entry;
  entry.name = clipped(name);
  entry.title = clipped(textAt(json, "title"));
  entry.description = clipped(textAt(json, "description"));
  entry.driver = clipped(textAt(json, "type"));
  std::vector<std::string> roles;
  if (const auto list = json.find("roles"); json.is_object() && list != json.end() && list->is_array())
    for (const Json& role : *list)
      if (role.is_string() && roles.size() < kMaxEntryMetadata) roles.push_back(clipped(role.get<std::string>()));
  if (!roles.empty()) entry.metadata["roles"] = join(roles, ", ");
  const Place place = placeOf(textAt(json, "href"), at.folder);
  if (!place.isRemote && place.problem.empty() && !isWithin(place.path, at.root)) {
    entry.path = place.path;
    entry.reason = "it leads out of the catalog's folder " + at.root;
  } else {
    judgeDataset(entry, place, rules);
  }
  entry.location = entry.path;
  if (entry.isOpenable && !at.file.empty() && !stacBands(json).empty()) {
    entry.path = at.file;
    entry.variable = name;
  }
  return entry;
}

bool hasRole(const CatalogEntry& entry, std::initializer_list<const char*> wanted) {
  const auto roles = entry.metadata.find("roles");
  if (roles == entry.metadata.end()) return false;
  const std::vector<std::string> all = split(roles->second, ',');
  return std::any_of(all.begin(), all.end(), [&](const std::string& role) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const char* name) { return trim(role) == name; });
  });
}

/// The asset that an item is opened as: the only one with the role "data", else the only one that is no mere picture or side file.
void chooseAsset(CatalogEntry& item) {
  std::vector<const CatalogEntry*> data, others;
  for (const CatalogEntry& asset : item.children) {
    if (!asset.isOpenable) continue;
    if (hasRole(asset, {"data"})) {
      data.push_back(&asset);
    } else if (!hasRole(asset, {"thumbnail", "overview", "metadata"})) {
      others.push_back(&asset);
    }
  }
  const auto& choice = data.empty() ? others : data;
  if (choice.size() == 1) {
    item.path = choice[0]->path;
    item.variable = choice[0]->variable;
    item.location = choice[0]->location;
    item.isOpenable = true;
  } else if (choice.size() > 1) {
    item.reason = std::to_string(choice.size()) + " assets hold data: choose one";
  } else if (item.children.empty()) {
    item.reason = "the item has no assets";
  } else {
    const auto isMissing = [](const CatalogEntry& asset) { return asset.reason.starts_with("missing"); };
    item.reason = std::all_of(item.children.begin(), item.children.end(), isMissing) ? "missing: none of its assets is there"
                                                                                     : "none of its assets can be opened";
  }
}

}  // namespace

std::optional<std::array<double, 4>> stacBbox(const Json& numbers) {
  if (!numbers.is_array() || (numbers.size() != 4 && numbers.size() != 6)) return std::nullopt;
  const std::size_t half = numbers.size() / 2;
  std::array<double, 4> box{};
  const std::array<std::size_t, 4> places{0, 1, half, half + 1};
  for (std::size_t i = 0; i < 4; ++i) {
    const Json& number = numbers[places[i]];
    if (!number.is_number() || !std::isfinite(number.get<double>())) return std::nullopt;
    box[i] = number.get<double>();
  }
  return box;
}

std::string stacInterval(const std::string& begin, const std::string& end) {
  if (begin.empty() && end.empty()) return {};
  return (begin.empty() ? ".." : begin) + "/" + (end.empty() ? ".." : end);
}

CatalogEntry stacItem(const Json& item, const StacPlace& at, const CatalogRules& rules) {
  CatalogEntry entry;
  entry.name = clipped(textAt(item, "id"));
  entry.driver = "stac item";
  if (const auto bbox = item.find("bbox"); bbox != item.end()) entry.bbox = stacBbox(*bbox);
  if (const std::string collection = textAt(item, "collection"); !collection.empty()) entry.metadata["collection"] = clipped(collection);
  if (const auto properties = item.find("properties"); properties != item.end() && properties->is_object()) {
    entry.title = clipped(textAt(*properties, "title"));
    entry.description = clipped(textAt(*properties, "description"));
    entry.datetime = clipped(textAt(*properties, "datetime"));
    if (entry.datetime.empty())
      entry.datetime = clipped(stacInterval(textAt(*properties, "start_datetime"), textAt(*properties, "end_datetime")));
    readProperties(*properties, entry);
  }
  if (const auto assets = item.find("assets"); assets != item.end() && assets->is_object())
    for (const auto& [name, json] : assets->items()) entry.children.push_back(asset(name, json, at, rules));
  chooseAsset(entry);
  return entry;
}

}  // namespace cubeloom
