// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_dataset.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/base/datetime.h"
#include "engine/base/text.h"
#include "engine/io/catalog/stac_item.h"
#include "engine/io/catalog/stac_link.h"
#include "engine/io/catalog/stac_values.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/json_document.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostAssets = 200;

/// The same pixels, of which an item says more than their file.
class DescribedSource final : public Source {
 public:
  DescribedSource(std::shared_ptr<Source> raster, ArraySpec spec, std::string item)
      : m_raster(std::move(raster)), m_spec(std::move(spec)), m_item(std::move(item)) {}

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override {
    return m_raster->read(region, to, context);
  }
  ReadCost cost(const Region& region) const override { return m_raster->cost(region); }
  std::vector<std::int64_t> decodedBlock() const override { return m_raster->decodedBlock(); }
  double sharedCacheBytes() const override { return m_raster->sharedCacheBytes(); }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override {
    return m_raster->touchedLines(region);
  }
  std::vector<std::string> files() const override {
    std::vector<std::string> files = m_raster->files();
    files.push_back(m_item);
    return files;
  }

 private:
  std::shared_ptr<Source> m_raster;
  ArraySpec m_spec;
  std::string m_item;
};

/// The one moment of the item, in UTC.
void setTime(const Json& item, ArraySpec& spec) {
  const auto properties = item.find("properties");
  if (properties == item.end() || spec.indexOf("time") >= 0 || spec.coordinateNamed("time") != nullptr) return;
  const auto seconds = parseDatetime(textAt(*properties, "datetime"));
  if (!seconds) return;
  Coordinate c;
  c.kind = Coordinate::Kind::Values;
  c.values = {*seconds};
  c.labels = {formatDatetime(*seconds)};
  c.unit = "datetime";
  spec.setCoordinate({"time", {}, std::make_shared<const Coordinate>(std::move(c))});
}

/// Opens one asset, with what the item says of it.
Result<OpenedDataset> openAsset(const OpenRequest& request, const Json& item, const CatalogEntry& asset,
                                const std::function<Result<OpenedDataset>(const OpenRequest&)>& open) {
  OpenRequest one = request;
  one.path = asset.location;
  one.variable.clear();
  auto opened = open(one);
  if (!opened) return opened;
  ArraySpec spec = opened->source->spec();
  DatasetInfo& info = opened->info;
  const bool isDecoded = info.driver == "netCDF" || info.driver == "HDF5" || info.driver == "Zarr";
  applyStacBands(stacBands(item.at("assets").at(asset.name)), isDecoded, spec, info.notes);
  setTime(item, spec);
  spec.variable = asset.name;
  opened->source = std::make_shared<DescribedSource>(std::move(opened->source), std::move(spec), request.path);
  info.variables = {{asset.name, opened->source->spec()}};
  info.chosen = 0;
  return opened;
}

Failure notOpened(const std::string& path, const std::string& why) {
  return failAt(ErrorCode::OpenFailed, path, path + " is a STAC catalog or item, no dataset of its own" + (why.empty() ? "" : ": " + why),
                "load it: that makes one cube of its items; or list it with cubeloom-cli catalog, and open one of its items or assets");
}

}  // namespace

Result<OpenedDataset> openStacItem(const OpenRequest& request, bool isNetworkOn,
                                   const std::function<Result<OpenedDataset>(const OpenRequest&)>& open) {
  const std::string& path = request.path;
  auto item = readJson(path, "STAC item");
  if (!item) return fail(std::move(item.error()));
  if (textAt(*item, "type") != "Feature") return notOpened(path, "");
  const CatalogEntry entry =
      stacItem(*item, {path, std::filesystem::path(path).parent_path().string(), stacRoot(*item, path)}, {isNetworkOn});
  std::vector<const CatalogEntry*> assets;
  std::vector<std::string> names;
  for (const CatalogEntry& asset : entry.children) {
    if (asset.name == request.variable && !asset.isOpenable)
      return failAt(ErrorCode::OpenFailed, path, "the asset \"" + asset.name + "\" of " + path + " is not opened: " + asset.reason);
    if (!asset.isOpenable || assets.size() >= kMostAssets) continue;
    assets.push_back(&asset);
    names.push_back(asset.name);
  }
  if (assets.empty()) return notOpened(path, entry.reason);
  const auto asked = std::find(names.begin(), names.end(), request.variable);
  if (asked != names.end()) return openAsset(request, *item, *assets[static_cast<std::size_t>(asked - names.begin())], open);

  // None is named: all are listed, and the one that is plainly the data is taken.
  OpenedDataset all;
  std::vector<VariableInfo> variables;
  std::vector<std::string> leftOut;
  std::size_t chosen = 0;
  for (const CatalogEntry* asset : assets) {
    auto one = openAsset(request, *item, *asset, open);
    if (!one) {
      leftOut.push_back("left out: " + asset->name + ": " + one.error().message);
      continue;
    }
    variables.push_back(one->info.variables.front());
    const bool isMeant = entry.isOpenable && asset->location == entry.location;
    if (all.source != nullptr && !isMeant) continue;
    chosen = variables.size() - 1;
    all = std::move(*one);
  }
  if (variables.empty()) return notOpened(path, leftOut.front());
  if (variables.size() > 1 && request.variable.empty())
    all.info.notes.insert(all.info.notes.begin(),
                          "of " + std::to_string(variables.size()) + " assets \"" + variables[chosen].name + "\" is taken");
  all.info.notes.insert(all.info.notes.end(), leftOut.begin(), leftOut.end());
  all.info.path = path;
  all.info.variables = std::move(variables);
  all.info.chosen = chosen;
  return all;
}

}  // namespace cubeloom
