// SPDX-License-Identifier: GPL-3.0-or-later
// Opens files as arrays: raw cubes directly, other rasters through GDAL. The app hands it to the engine.
#pragma once

#include <functional>
#include <memory>

#include "engine/access/source.h"
#include "engine/access/trust.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

struct FileProviderOptions {
  bool isNetworkOn = false;  ///< whether a path may name a host; once on for one provider, GDAL may ask hosts in the whole process
  std::shared_ptr<const Trust> trust = {};  ///< the user's answers; null: nothing is trusted
  /// Opens a STAC item, its assets by `open`; null: it is only named as what it is.
  Result<OpenedDataset> (*openItem)(const OpenRequest& request, bool isNetworkOn,
                                    const std::function<Result<OpenedDataset>(const OpenRequest&)>& open) = nullptr;
  std::shared_ptr<ItemProvider> items = {};  ///< lists the items of collections; null: nobody does
};

/// Whether the user allows the network: the environment has CUBELOOM_NETWORK=on.
bool isNetworkAllowed();

/// Thread-safe. Opening the same unchanged file again gives the same Source while someone holds it.
std::shared_ptr<SourceProvider> makeFileProvider(const FileProviderOptions& options = {});

}  // namespace cubeloom
