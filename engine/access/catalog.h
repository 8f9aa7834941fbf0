// SPDX-License-Identifier: GPL-3.0-or-later
// What a catalog offers: datasets named in a file of somebody's, and further catalogs. Implemented in io/, handed in by the app.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// A choice that an entry leaves to its user.
struct CatalogParameter {
  std::string name, description;
  std::string type;  ///< as the catalog calls it: "str", "int", "datetime"
  std::string defaultValue;
  std::vector<std::string> allowed;  ///< empty: anything
};

/// Which catalog to read.
struct CatalogRequest {
  std::string path;
  /// The folder that links may not leave; empty: found from the catalog itself. Handed on by the entries that lead to catalogs.
  std::string root;
  /// Values for parameters instead of their defaults.
  std::map<std::string, std::string> values;
};

/// One dataset, one group of them, or one further catalog.
struct CatalogEntry {
  std::string name, title, description;
  std::string driver;    ///< as the catalog names it ("rasterio"), or what the entry is ("stac item", "folder")
  std::string path;      ///< what `open` takes: an absolute path or a URL; empty where the entry is no single file
  std::string variable;  ///< which array of the file; empty: its first
  std::string location;  ///< of the data themselves, where `path` is what describes them; else as `path` or empty
  std::vector<CatalogParameter> parameters;
  std::optional<std::array<double, 4>> bbox;  ///< west, south, east, north in degrees; west > east across the antimeridian
  std::string datetime;                       ///< as the catalog writes it, or "begin/end" with ".." for an open end
  std::map<std::string, std::string> metadata;
  bool isOpenable = false;
  std::string reason;                       ///< why it is not openable: one sentence
  std::vector<CatalogEntry> children;       ///< those known without reading another catalog, or after expandCatalog()
  std::optional<CatalogRequest> furtherOn;  ///< the catalog that the entry stands for; not read yet
};

/// One catalog, read.
struct Catalog {
  std::string path;
  std::string kind;  ///< "intake", "stac", "kerchunk", "folder"
  std::string title, description;
  std::optional<std::array<double, 4>> bbox;  ///< as of an entry
  std::string datetime;
  std::vector<CatalogEntry> entries;
  std::vector<std::string> notes;  ///< what was left out, and why
};

/// Reads catalogs. Opens no dataset and asks no host. Thread-safe. OpenFailed: missing, no catalog, or beyond the limits for hostile input.
class CatalogProvider {
 public:
  virtual ~CatalogProvider() = default;
  virtual Result<Catalog> read(const CatalogRequest& request) = 0;
};

}  // namespace cubeloom
