// SPDX-License-Identifier: GPL-3.0-or-later
// Zones and points with their numbers, as GeoJSON (RFC 7946).
#pragma once

#include <memory>

#include "engine/access/sink.h"

namespace cubeloom {

/// A feature for each entry of SinkOptions::geometryDim. Its properties: the entry itself, the coordinates along that dim, and the values,
/// called by the entries of the other dims ("mean", "mean_865"), else by the variable; nodata is null.
Result<SinkPlan> planGeojson(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openGeojson(const SinkRequest& request, BufferPool pool);

}  // namespace cubeloom
