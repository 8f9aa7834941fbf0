// SPDX-License-Identifier: GPL-3.0-or-later
// Files with geometries, read by GDAL in a process of its own.
#pragma once

#include <memory>

#include "engine/access/features.h"

namespace cubeloom {

/// Thread-safe. Reading the same unchanged file again gives the same Features while someone holds them.
std::shared_ptr<FeatureProvider> makeGdalFeatures();

}  // namespace cubeloom
