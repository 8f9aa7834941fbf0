// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/catalog_reader.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/io/catalog/catalog_place.h"
#include "engine/io/catalog/folder_catalog.h"
#include "engine/io/catalog/intake_catalog.h"
#include "engine/io/catalog/stac_catalog.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"
#include "engine/io/file/zarr_names.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

Failure noCatalog(const std::string& path) {
  return failAt(ErrorCode::OpenFailed, path, path + " is no catalog",
                "intake YAML, STAC JSON, kerchunk JSON and folders are; for a dataset use `info`");
}

/// References are one dataset, whatever they refer to.
Catalog referenceCatalog(const std::string& path) {
  Catalog catalog;
  catalog.path = path;
  catalog.kind = "kerchunk";
  CatalogEntry entry;
  entry.name = fs::path(path).stem().string();
  entry.driver = "reference";
  entry.path = path;
  entry.isOpenable = true;
  catalog.entries.push_back(std::move(entry));
  return catalog;
}

class CatalogReader final : public CatalogProvider {
 public:
  explicit CatalogReader(bool isNetworkOn) : m_rules{isNetworkOn} {}

  Result<Catalog> read(const CatalogRequest& request) override {
    if (request.path.empty()) return fail(ErrorCode::InvalidParameter, "no path is given", "name a catalog or a folder");
    const Place place = placeOf(request.path, ".");
    if (place.isRemote)
      return failAt(ErrorCode::OpenFailed, request.path, "the catalog " + request.path + " lies on the network",
                    "only local catalogs are read");
    if (!place.problem.empty()) return failAt(ErrorCode::OpenFailed, request.path, place.problem);
    if (!place.isFile && !place.isFolder)
      return failAt(ErrorCode::OpenFailed, request.path, "there is no file or folder " + request.path, "check the spelling");
    const CatalogRequest resolved{place.path, request.root, request.values};
    if (place.isFolder) {
      if (isZarrFolder(place.path)) return noCatalog(place.path);
      return readFolder(resolved);
    }
    const std::string suffix = toLower(fs::path(place.path).extension().string());
    if (suffix == ".yaml" || suffix == ".yml") return readIntake(resolved, m_rules);
    if (!formatOfName(place.path).empty()) return noCatalog(place.path);
    const auto kind = sniffJson(place.path);
    if (!kind) return fail(kind.error());
    switch (*kind) {
      case JsonKind::Stac: return readStac(resolved, m_rules);
      case JsonKind::Kerchunk: return referenceCatalog(place.path);
      case JsonKind::Other: break;
    }
    if (suffix == ".json" || suffix == ".geojson") {
      // Why it is none: broken, too deep, or something else.
      if (auto json = readJson(place.path, "STAC file"); !json) return fail(json.error());
      return failAt(ErrorCode::OpenFailed, place.path, place.path + " is no catalog: neither STAC nor kerchunk references",
                    "STAC has \"stac_version\", kerchunk has \"refs\"");
    }
    return noCatalog(place.path);
  }

 private:
  CatalogRules m_rules;
};

}  // namespace

std::shared_ptr<CatalogProvider> makeCatalogProvider(bool isNetworkOn) { return std::make_shared<CatalogReader>(isNetworkOn); }

}  // namespace cubeloom
