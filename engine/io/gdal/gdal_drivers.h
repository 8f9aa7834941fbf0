// SPDX-License-Identifier: GPL-3.0-or-later
// Which of GDAL's drivers this program lets near a file.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

/// Lets GDAL ask hosts, with limits on how long it waits, from the next file on; off until someone calls it. Thread-safe.
void allowNetwork();

/// Tier A: the formats of one file that GDAL reads for us without being asked for by name.
std::vector<std::string> rasterDrivers();

/// The drivers to try for `requested`: tier A when it is empty, else that one of tier B, which comes into the process when it is first
/// asked for. InvalidParameter: a driver that is unknown, never used, or not in this GDAL. Thread-safe.
Result<std::vector<std::string>> allowedDrivers(const GdalService& gdal, const std::string& requested);

/// The drivers that geometries are read by, as far as this GDAL has them; they come into the process when they are first asked for.
/// Thread-safe.
Result<std::vector<std::string>> featureDrivers(const GdalService& gdal);

/// The drivers that read virtual files: rasters of one file, which no reader of another library opens behind its back.
Result<std::vector<std::string>> virtualFileDrivers(const GdalService& gdal, const std::string& requested);

}  // namespace cubeloom
