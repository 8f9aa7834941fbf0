// SPDX-License-Identifier: GPL-3.0-or-later
// A raster whose bands say nodata each by another value, as one with a single value for all of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/source.h"

namespace cubeloom {

/// The type and the value that say nodata where `type` is what is stored: NaN for floats; for whole numbers the next wider type with its
/// lowest value, so that no value that is valid in one band is nodata in another; NaN of float64 for those of 32 bits. Unset for 64-bit
/// whole numbers and complex ones.
struct OneNodata {
  PixelType type = PixelType::Float32;
  double value = 0;
};
std::optional<OneNodata> oneNodata(PixelType type);

/// `stored` with dims (band, y, x), of which `nodata` holds the value of each band, unset where a band has none. Thread-safe.
std::shared_ptr<Source> oneNodataSource(const std::shared_ptr<Source>& stored, std::vector<std::optional<double>> nodata,
                                        const OneNodata& one);

}  // namespace cubeloom
