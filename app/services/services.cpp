// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/services/services.h"

#include "engine/io/catalog/catalog_reader.h"
#include "engine/io/catalog/item_reader.h"
#include "engine/io/catalog/stac_dataset.h"
#include "engine/io/file/trusted_files.h"
#include "engine/io/file_provider.h"
#include "engine/io/file_sinks.h"
#include "engine/ops/register_operations.h"

namespace cubeloom {

Services makeServices() {
  const bool hasNetwork = isNetworkAllowed();
  auto registry = std::make_shared<Registry>();
  registerOperations(*registry);
  std::shared_ptr<Trust> trust = makeTrustedFiles();
  auto sources = makeFileProvider({hasNetwork, trust, openStacItem, makeItemProvider(hasNetwork)});
  return {std::move(registry), std::move(sources), makeSinkProvider(), makeCatalogProvider(hasNetwork), std::move(trust)};
}

}  // namespace cubeloom
