// SPDX-License-Identifier: GPL-3.0-or-later
// The module that answers for GDAL, loaded when it is first needed: it brings some sixty libraries, and joining them takes two thirds of
// the time in which the program starts; cubes in ENVI, Zarr or NetCDF files need none of it.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

/// Loads the module that lies beside the program or, of an installed one, in its folder of libraries. Without it, or without a library that
/// it takes, an error of class `failing`; the next call tries anew. Thread-safe.
Result<const GdalService*> gdalService(ErrorCode failing);

/// Call it first in main(), before there are threads. GDAL's linear algebra (OpenBLAS, on most systems) else starts a thread per core when
/// it is loaded, which asks for 128 MiB until it gets them: under a limit of memory it never does, and the program cannot end. A number
/// that the user has set (OPENBLAS_NUM_THREADS) stays.
void keepGdalsAlgebraToOneThread();

/// "`what`: `reason`", GDAL's words, about `path`.
Failure gdalFailure(ErrorCode code, const std::string& path, const std::string& what, const std::string& reason);

}  // namespace cubeloom
