// SPDX-License-Identifier: GPL-3.0-or-later
// Opens files as arrays: raw cubes directly, other rasters through GDAL. The app hands it to the engine.
#pragma once

#include <memory>

#include "engine/array/source.h"

namespace cubeloom {

/// Thread-safe. Opening the same unchanged file again gives the same Source while someone holds it.
std::shared_ptr<SourceProvider> makeFileProvider();

}  // namespace cubeloom
