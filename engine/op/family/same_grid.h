// SPDX-License-Identifier: GPL-3.0-or-later
// When two arrays lie on one grid.
#pragma once

#include "engine/geo/geobox.h"

namespace cubeloom {

/// Equal within a thousandth of a pixel.
bool isSameGrid(const GeoBox& a, const GeoBox& b);

}  // namespace cubeloom
