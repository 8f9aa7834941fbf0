// SPDX-License-Identifier: GPL-3.0-or-later
// What a place of the tree holds: datasets and catalogs of a folder, entries of a catalog, variables and groups of a file.
#pragma once

#include <QString>
#include <vector>

#include "engine/access/catalog.h"
#include "engine/access/source.h"
#include "engine/base/cancel.h"
#include "ui/browser/dataset_facts.h"

namespace cubeloom {

/// A row of the tree, as far as it is known without reading further.
struct PlaceEntry {
  enum class Kind {
    Folder,
    Catalog,
    Dataset,
    Variable,  ///< of the file above it
    Set        ///< holds others and is nothing that could be opened itself
  };
  Kind kind = Kind::Dataset;
  QString name;
  QString path, variable;  ///< what `open` takes
  QString note;            ///< what it is, in a word or two
  QString problem;         ///< why it cannot be opened; empty: it can
  QString driver;          ///< GDAL's driver that opens it where that is chosen on purpose; empty: none need be
  double bytes = 0;        ///< of the data file; 0 for folders and stores
  CatalogRequest place;    ///< to be listed when the row is opened; an empty path: nothing
  DatasetFacts facts;
  std::vector<PlaceEntry> children;
};

struct PlaceListing {
  std::vector<PlaceEntry> entries;  ///< of a folder: folders first, then catalogs, then datasets, each by name
  QString kind;                     ///< "folder", "intake", "stac"
  QString problem;                  ///< why the place could not be listed, or what was left out
  bool isFailed = false;
};

/// Both block and are meant for a worker.
PlaceListing listPlace(const CatalogRequest& place, CatalogProvider* catalogs, const CancelToken& cancel);
/// The arrays of a file; of one array none, for it is the file itself.
PlaceListing listVariables(const QString& path, SourceProvider& sources);

/// Whether a file by that format may hold several arrays.
bool mayHoldVariables(const QString& format);

}  // namespace cubeloom
