// SPDX-License-Identifier: GPL-3.0-or-later
// What an operation sees of collections: items, each of one time and place, with files whose bands are said before they are opened.
// Implemented in io/, handed in by the app.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/pixel_type.h"
#include "engine/base/result.h"
#include "engine/geo/geobox.h"

namespace cubeloom {

/// One band of an asset, as far as its item says it.
struct ItemBand {
  std::string name, commonName;
  std::optional<PixelType> type;
  std::optional<double> nodata, scale, offset;
  std::string unit;
  double wavelength = 0, fwhm = 0;  ///< nm; 0: not said
};

/// One file of an item.
struct ItemAsset {
  std::string name;  ///< empty: the item is its one file
  std::string href;  ///< as written; see ItemProvider::pathOf()
  std::vector<std::string> roles;
  std::vector<ItemBand> bands;  ///< empty: the item does not say which
  std::optional<GeoBox> grid;
  bool isClasses = false;    ///< classes, quality flags, masks: nothing lies between two of its values
  bool mayBeRaster = false;  ///< by its media type or its suffix

  bool hasRole(const std::string& role) const;
};

/// What was seen at one time and place.
struct Item {
  std::string id;
  std::string file;          ///< that describes it, or is it
  std::string folder, root;  ///< which its hrefs are seen from, and which they may not leave
  std::optional<double> seconds;
  std::optional<std::array<double, 4>> bbox;  ///< west, south, east, north in degrees; west > east across the antimeridian
  std::map<std::string, std::string> properties;
  std::vector<ItemAsset> assets;
};

struct ItemList {
  std::vector<Item> items;
  std::vector<std::string> notes;  ///< what was left out, and why
  std::vector<std::string> files;  ///< whose change makes the list another one
};

struct ItemsRequest {
  std::string path;     ///< a STAC file, an intake catalog, a folder, a raster, or rasters by `*` and `?` in the name
  std::string entry;    ///< of an intake catalog
  std::string pattern;  ///< how names of files tell their date; empty: found out
};

/// Lists items. Opens no raster, asks no host. Thread-safe.
class ItemProvider {
 public:
  virtual ~ItemProvider() = default;
  /// OpenFailed: missing, none of these, beyond the limits for hostile input. InvalidParameter on "entry" and "pattern".
  virtual Result<std::shared_ptr<const ItemList>> read(const ItemsRequest& request) = 0;
  /// What `open` takes for an asset. OpenFailed names item, asset and path: missing, on the network, out of the catalog's folder.
  virtual Result<std::string> pathOf(const Item& item, const ItemAsset& asset) const = 0;
  /// What readers of rasters keep in a cache that all of them share, at most.
  virtual double sharedCacheBytes() const = 0;
};

}  // namespace cubeloom
