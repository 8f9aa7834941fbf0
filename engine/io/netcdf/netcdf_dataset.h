// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF and HDF5 files as arrays, by the CF conventions.
#pragma once

#include "engine/access/source.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// Whether the file begins as a NetCDF or HDF5 file does.
bool isVariableFile(const std::string& path);

/// As openCfDataset().
Result<OpenedDataset> openVariables(const OpenRequest& request);

}  // namespace cubeloom
