// SPDX-License-Identifier: GPL-3.0-or-later
// GDAL in a process of its own, which may read the folder of the file and nothing else: what crashes, hangs or is taken over there is not
// this program.
#pragma once

#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

/// admitDrivers, open, describe, read, readFeatures and listLayers of GdalService, answered by confined processes (file/reader_process.h).
/// Nothing is loaded here. All other requests are null. An answer that takes longer than secondsToOpen(), or for pixels 10 min, ends the
/// process; the next file that is opened starts another.
const GdalService& gdalReaders();

}  // namespace cubeloom
