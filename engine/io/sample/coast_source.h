// SPDX-License-Identifier: GPL-3.0-or-later
// The whole sample coast, as large as the SHIFT campaign's cube, computed as it is read: no byte of it is on disk.
#pragma once

#include <string>

#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// Whether `path` ends in the name sample:full, in whatever folder a chain lies.
bool isComputedCoast(const std::string& path);
/// (time, y, wavelength, x), 13 dates, float32. Reads compute the pixels and bands they are asked for and no others; thread-safe.
/// InvalidParameter on what only files have.
Result<OpenedDataset> openComputedCoast(const OpenRequest& request);

}  // namespace cubeloom
