// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF and HDF5 files as arrays, by the CF conventions.
#pragma once

#include "engine/access/source.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// As openCfDataset(); OpenFailed, too, when the file does not begin as a NetCDF or HDF5 file does.
Result<OpenedDataset> openVariables(const OpenRequest& request);

}  // namespace cubeloom
