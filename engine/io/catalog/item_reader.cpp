// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/item_reader.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/io/catalog/catalog_glob.h"
#include "engine/io/catalog/catalog_place.h"
#include "engine/io/catalog/folder_catalog.h"
#include "engine/io/catalog/intake_catalog.h"
#include "engine/io/catalog/stac_items.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/gdal/gdal_service.h"
#include "engine/io/stack/file_dates.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

/// A raster as an item of its own: one asset, of which its header says all.
Result<Item> fileItem(const std::string& path, const std::string& pattern) {
  Item item;
  item.id = fs::path(path).stem().string();
  item.file = path;
  const std::string name = fs::path(path).filename().string();
  if (pattern.empty()) {
    item.seconds = dateInName(name);
  } else {
    auto date = dateByPattern(name, pattern);
    if (!date) return fail(std::move(date.error()));
    item.seconds = *date;
  }
  ItemAsset asset;
  asset.href = path;
  asset.mayBeRaster = true;
  item.assets.push_back(std::move(asset));
  return item;
}

Result<ItemList> itemsOfFiles(const std::vector<std::string>& paths, const std::string& pattern) {
  ItemList list;
  for (const std::string& path : paths) {
    auto item = fileItem(path, pattern);
    if (!item) return fail(std::move(item.error()));
    list.items.push_back(std::move(*item));
  }
  return list;
}

bool isSideFile(const std::string& path) {
  const std::string lower = toLower(path);
  return lower.ends_with(".aux.xml") || lower.ends_with(".ovr") || lower.ends_with(".msk") || lower.ends_with(".hdr");
}

class ItemReader final : public ItemProvider {
 public:
  explicit ItemReader(bool isNetworkOn) : m_rules{isNetworkOn} {}

  Result<std::shared_ptr<const ItemList>> read(const ItemsRequest& request) override {
    auto list = listOf(request);
    if (!list) return fail(std::move(list.error()));
    return std::make_shared<const ItemList>(std::move(*list));
  }

  Result<std::string> pathOf(const Item& item, const ItemAsset& asset) const override {
    if (asset.name.empty()) return asset.href;
    const auto lost = [&](const std::string& path, const std::string& why) {
      return failAt(ErrorCode::OpenFailed, path.empty() ? item.file : path,
                    "asset '" + asset.name + "' of item " + item.id + " cannot be loaded: " + why,
                    "leave the item out by bounds or datetime, or correct its href");
    };
    const Place place = placeOf(asset.href, item.folder);
    if (!place.isRemote && place.problem.empty() && !isWithin(place.path, item.root))
      return lost(place.path, place.path + " leads out of the catalog's folder " + item.root);
    CatalogEntry entry;
    judgeDataset(entry, place, m_rules);
    if (entry.isOpenable) return entry.path;
    const bool isMissing = entry.reason.starts_with("missing");
    return lost(entry.path, isMissing ? "there is no file " + entry.path : entry.path + ": " + entry.reason);
  }

  double sharedCacheBytes() const override { return static_cast<double>(kGdalCacheBytes); }

 private:
  Result<ItemList> listOf(const ItemsRequest& request) {
    if (request.path.empty()) return fail(ErrorCode::InvalidParameter, "no path is given", "name a collection, a catalog or a folder");
    if (hasWildcard(fs::path(request.path).filename().string())) return matching(request.path, request);
    const Place place = placeOf(request.path, ".");
    if (place.isRemote)
      return failAt(ErrorCode::OpenFailed, request.path, "the collection " + request.path + " lies on the network",
                    "only local ones are read; their assets may lie on the network with CUBELOOM_NETWORK=on");
    if (!place.problem.empty()) return failAt(ErrorCode::OpenFailed, request.path, place.problem);
    if (!place.isFile && !place.isFolder)
      return failAt(ErrorCode::OpenFailed, request.path, "there is no file or folder " + request.path, "check the spelling");
    const std::string suffix = toLower(fs::path(place.path).extension().string());
    const bool isIntake = place.isFile && (suffix == ".yaml" || suffix == ".yml");
    if (isIntake) return entryOf(place.path, request);
    if (!request.entry.empty())
      return invalidParameter("entry", place.path + " is no intake catalog: it has no entries to choose from", "leave entry out");
    if (place.isFolder && formatOf(place).empty()) return folder(place.path, request);
    if (place.isFile && sniffJson(place.path).value_or(JsonKind::Other) == JsonKind::Stac) return readStacItems(place.path);
    return itemsOfFiles({place.path}, request.pattern);
  }

  std::string formatOf(const Place& place) const {
    CatalogEntry entry;
    judgeDataset(entry, place, m_rules);
    return entry.isOpenable ? "raster" : "";
  }

  Result<ItemList> matching(const std::string& pattern, const ItemsRequest& request) {
    auto paths = filesMatching(fs::absolute(pattern).string());
    if (!paths) return fail(std::move(paths.error()));
    std::erase_if(*paths, isSideFile);
    if (paths->empty())
      return failAt(ErrorCode::OpenFailed, pattern, "no file matches " + pattern, "check the spelling, the folder, and * for what varies");
    return itemsOfFiles(*paths, request.pattern);
  }

  /// The collection that lies in a folder, else its rasters.
  Result<ItemList> folder(const std::string& path, const ItemsRequest& request) {
    for (const char* name : {"collection.json", "catalog.json"}) {
      const std::string stac = (fs::path(path) / name).string();
      std::error_code ignored;
      if (fs::is_regular_file(stac, ignored) && sniffJson(stac).value_or(JsonKind::Other) == JsonKind::Stac) return readStacItems(stac);
    }
    auto catalog = readFolder({path, {}, {}});
    if (!catalog) return fail(std::move(catalog.error()));
    std::vector<std::string> rasters, documents;
    for (const CatalogEntry& entry : catalog->entries) {
      if (entry.isOpenable && !isSideFile(entry.path) && entry.driver != "reference") rasters.push_back(entry.path);
      if (entry.driver == "stac") documents.push_back(entry.path);
    }
    Result<ItemList> list = itemsOfFiles(rasters, request.pattern);
    for (std::size_t i = 0; i < documents.size() && rasters.empty(); ++i) {
      auto items = readStacItems(documents[i]);
      if (!items) return items;
      std::move(items->items.begin(), items->items.end(), std::back_inserter(list->items));
      std::move(items->files.begin(), items->files.end(), std::back_inserter(list->files));
      std::move(items->notes.begin(), items->notes.end(), std::back_inserter(list->notes));
    }
    if (!list) return list;
    if (list->items.empty())
      return failAt(ErrorCode::OpenFailed, path, path + " holds neither rasters nor STAC items", "name a folder that does, or a pattern");
    std::move(catalog->notes.begin(), catalog->notes.end(), std::back_inserter(list->notes));
    list->files.push_back(path);
    return list;
  }

  Result<ItemList> entryOf(const std::string& path, const ItemsRequest& request) {
    auto catalog = readIntake({path, {}, {}}, m_rules);
    if (!catalog) return fail(std::move(catalog.error()));
    std::vector<std::string> names;
    const CatalogEntry* chosen = nullptr;
    for (const CatalogEntry& entry : catalog->entries) {
      names.push_back(entry.name);
      if (entry.name == request.entry || (request.entry.empty() && catalog->entries.size() == 1)) chosen = &entry;
    }
    if (chosen == nullptr) {
      const std::string what = request.entry.empty() ? path + " has " + std::to_string(names.size()) + " entries"
                                                     : "there is no entry '" + request.entry + "' in " + path;
      const auto near = closestMatch(request.entry, names);
      return invalidParameter(
          "entry", what,
          near && !request.entry.empty() ? "did you mean " + *near + "?" : "say which with entry=NAME: " + join(names, ", "));
    }
    Result<ItemList> list = ItemList();
    if (chosen->furtherOn) {
      list = listOf({chosen->furtherOn->path, {}, request.pattern});
    } else if (!chosen->children.empty()) {
      std::vector<std::string> paths;
      for (const CatalogEntry& file : chosen->children)
        if (file.isOpenable) paths.push_back(file.path);
      list = itemsOfFiles(paths, request.pattern);
    } else if (!chosen->isOpenable) {
      return failAt(ErrorCode::OpenFailed, path, "entry '" + chosen->name + "' cannot be loaded: " + chosen->reason);
    } else if (hasWildcard(fs::path(chosen->path).filename().string())) {
      list = matching(chosen->path, request);
    } else {
      list = itemsOfFiles({chosen->path}, request.pattern);
    }
    if (list) list->files.push_back(path);
    return list;
  }

  CatalogRules m_rules;
};

}  // namespace

std::shared_ptr<ItemProvider> makeItemProvider(bool isNetworkOn) { return std::make_shared<ItemReader>(isNetworkOn); }

}  // namespace cubeloom
