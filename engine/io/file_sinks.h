// SPDX-License-Identifier: GPL-3.0-or-later
// The engine's outputs: memory, ENVI, GeoTIFF, COG, NetCDF, Zarr and PNG.
#pragma once

#include <memory>

#include "engine/access/sink.h"

namespace cubeloom {

/// Thread-safe; holds no state.
std::shared_ptr<SinkProvider> makeSinkProvider();

}  // namespace cubeloom
