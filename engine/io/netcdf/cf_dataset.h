// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF and HDF5 files as arrays, by the CF conventions.
#pragma once

#include "engine/access/source.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// Whether the file begins as a NetCDF or HDF5 file does.
bool isVariableFile(const std::string& path);

/// Lists every variable of at least two dims as `group/name` and opens the one that is asked for, else the only one, else the first with
/// spatial dims. Dims as stored, with their own names. Values with scale_factor or add_offset are decoded as xarray does, nodata then being
/// NaN; others stay as stored with _FillValue as nodata. Thread-safe.
Result<OpenedDataset> openVariables(const OpenRequest& request);

}  // namespace cubeloom
