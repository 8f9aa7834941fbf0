// SPDX-License-Identifier: GPL-3.0-or-later
// What the variables of a file mean by the CF conventions: the one place where it is decided, for NetCDF, HDF5, Zarr and kerchunk alike.
#pragma once

#include <memory>
#include <string>

#include "engine/io/source/opened_dataset.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// Lists every variable of at least two dims as `group/name`, where there is none those of one, and opens the one asked for; when it is not
/// among them or none is: the first with spatial dims, else the largest. Where that one cannot be read, `refused` says so. Dims as stored,
/// with their own names. Values with scale_factor or add_offset are decoded as xarray does, nodata then being NaN, unless decode is
/// "false"; others stay as stored with
/// _FillValue as nodata, which further missing values become. Thread-safe.
Result<OpenedDataset> openCfDataset(const std::shared_ptr<VariableFile>& file, const OpenRequest& request);

}  // namespace cubeloom
