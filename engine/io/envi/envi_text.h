// SPDX-License-Identifier: GPL-3.0-or-later
// The header of an ENVI file to be written.
#pragma once

#include <string>

#include "engine/array/array_spec.h"
#include "engine/io/sink/sink_layout.h"

namespace cubeloom {

/// "bil", "bip" or "bsq" from the order of dims, and that order as dims of the spec: arrays with further or turned dims are written BSQ,
/// y and x last.
struct EnviOrder {
  std::string interleave;
  std::vector<int> dims;
};
EnviOrder enviOrder(const ArraySpec& spec, const RasterLayout& layout);

/// ENVI's code of a pixel type, 0 when it has none (int8).
int enviDataType(PixelType type);

/// The whole text, lines ended by \n, nothing in it dependent on time or place. InvalidParameter when ENVI cannot express the grid.
Result<std::string> enviHeaderText(const ArraySpec& spec, const RasterLayout& layout, const EnviOrder& order);

}  // namespace cubeloom
