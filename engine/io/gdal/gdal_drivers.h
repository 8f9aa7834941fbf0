// SPDX-License-Identifier: GPL-3.0-or-later
// Which of GDAL's drivers this program lets near a file.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Lets GDAL ask hosts, with limits on how long it waits; off until someone calls it. Thread-safe.
void allowNetwork();

/// Tier A: the formats of one file that GDAL reads for us without being asked for by name.
std::vector<std::string> rasterDrivers();

/// The drivers to try for `requested`: tier A when it is empty, else that one of tier B. On first use all others are taken out of the
/// process, so that a file nested in another finds no driver for VRT, MRF or the network either; a tier B driver comes back when it is
/// first asked for. InvalidParameter: a driver that is unknown, never used, or not in this GDAL. Thread-safe.
Result<std::vector<std::string>> allowedDrivers(const std::string& requested);

}  // namespace cubeloom
