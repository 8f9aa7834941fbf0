// SPDX-License-Identifier: GPL-3.0-or-later
// A raster read through GDAL: opened with an allow-list of drivers, checked, and described as an array.
#pragma once

#include "engine/base/result.h"
#include "engine/io/gdal/virtual_file.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// `request.path` is the real path of an existing regular file, or as the user gave it where `place` says what it is. Without
/// `request.driver` only the drivers of tier A are tried (GTiff, PNG, JPEG, JP2OpenJPEG, netCDF, HDF5); with it, that one alone. Dims
/// (band, y, x), or (wavelength, y, x) when every band carries one. OpenFailed: none of the drivers takes it, no bands, or sizes that no
/// honest file has. InvalidParameter: a driver that is not allowed.
Result<OpenedDataset> openGdal(const OpenRequest& request, const VirtualFile* place = nullptr);

}  // namespace cubeloom
