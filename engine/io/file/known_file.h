// SPDX-License-Identifier: GPL-3.0-or-later
// What a file is that none of our own readers knows: opened by the driver of GDAL's for it, or told to whoever wanted to open it.
#pragma once

#include <optional>
#include <string>

namespace cubeloom {

struct KnownFile {
  std::string what;       ///< "a shapefile: vectors"
  std::string driver;     ///< that GDAL opens it with; empty: none
  std::string remedy;     ///< "open it with driver=BMP"; what to do where it cannot be opened
  bool isOpened = false;  ///< with that driver by itself, else when it is asked for by name
};

/// By the first bytes, and of texts by their first words; of a raw file by an ESRI header beside it. Unset: of no kind that is known here,
/// as pixels without a header are not. `mayBeText`: not for pixels that have a header, which may begin as any text does.
std::optional<KnownFile> knownFile(const std::string& path, bool mayBeText = true);

}  // namespace cubeloom
