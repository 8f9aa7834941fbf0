// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_dataset.h"

#include <utility>

#include "engine/io/cf/cf_dataset.h"
#include "engine/io/zarr/zarr_file.h"

namespace cubeloom {

Result<OpenedDataset> openZarr(std::shared_ptr<const ZarrStore> store, const OpenRequest& request) {
  auto file = std::make_shared<ZarrFile>(std::move(store));
  if (auto error = file->leftOut(request.variable); error && (!request.variable.empty() || file->variables().empty()))
    return fail(std::move(*error));
  return openCfDataset(file, request);
}

}  // namespace cubeloom
