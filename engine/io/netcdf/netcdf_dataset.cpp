// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/netcdf/netcdf_dataset.h"

#include <utility>

#include "engine/io/cf/cf_dataset.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {

Result<OpenedDataset> openVariables(const OpenRequest& request) {
  const auto kind = variableFileKind(request.path);
  if (!kind) return fail(kind.error());
  if (*kind == VariableFileKind::None)
    return failAt(ErrorCode::OpenFailed, request.path, request.path + " is neither a NetCDF nor an HDF5 file");
  auto file = *kind == VariableFileKind::Netcdf3 ? openNetcdf3File(request.path) : openHdf5File(request.path);
  if (!file) return fail(std::move(file.error()));
  return openCfDataset(*file, request);
}

}  // namespace cubeloom
