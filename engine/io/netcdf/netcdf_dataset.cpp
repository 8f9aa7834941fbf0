// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/netcdf/netcdf_dataset.h"

#include <utility>

#include "engine/io/cf/cf_dataset.h"

namespace cubeloom {

bool isVariableFile(const std::string& path) { return variableFileKind(path) != VariableFileKind::None; }

Result<OpenedDataset> openVariables(const OpenRequest& request) {
  auto file = variableFileKind(request.path) == VariableFileKind::Netcdf3 ? openNetcdf3File(request.path) : openHdf5File(request.path);
  if (!file) return fail(std::move(file.error()));
  return openCfDataset(*file, request.variable);
}

}  // namespace cubeloom
