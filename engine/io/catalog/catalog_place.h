// SPDX-License-Identifier: GPL-3.0-or-later
// Where a name in a catalog leads, and whether something that can be opened lies there.
#pragma once

#include <string>

#include "engine/access/catalog.h"
#include "engine/access/formats.h"

namespace cubeloom {

/// A href or path of a catalog, resolved. Nothing is opened for it.
struct Place {
  std::string path;  ///< absolute, links followed as far as it exists; a URL as it stands
  bool isRemote = false;
  bool isFile = false, isFolder = false;
  std::string problem;  ///< why it leads nowhere; empty: it is a place, though maybe of nothing
};

/// `href` as seen from `folder`: relative, absolute, file:// or a URL. Percent escapes count where the name as it stands is not there.
Place placeOf(const std::string& href, const std::string& folder);
/// Whether `path` is `root` or below it. Both absolute and resolved.
bool isWithin(const std::string& path, const std::string& root);
/// Of an existing path: absolute, links followed. Of another: absolute.
std::string resolvedPath(const std::string& path);

/// What a dataset's file is, by the name in the table of formats of its suffix; empty for what is none of these. Nothing is looked at.
std::string formatOfName(const std::string& path);

/// What an entry keeps of the metadata that a catalog has for it: that many, each that long.
inline constexpr std::size_t kMaxEntryMetadata = 50, kMaxEntryText = 4096;

/// How a catalog treats what it cannot see.
struct CatalogRules {
  bool isNetworkOn = false;
};

/// Fills path, isOpenable and reason of `entry` for the dataset at `place`: by its name and by what lies beside it. A catalog that someone
/// wrote lists files; none of them is opened for it.
void judgeDataset(CatalogEntry& entry, const Place& place, const CatalogRules& rules);

}  // namespace cubeloom
