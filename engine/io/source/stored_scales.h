// SPDX-License-Identifier: GPL-3.0-or-later
// Scales and offsets that files give with integers, where the values are read as stored.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// Says in `spec` that the true values along dim `d` follow from `scales`, one per index, and in `notes` how.
void noteStoredScales(ArraySpec& spec, int d, const std::vector<StoredScale>& scales, std::vector<std::string>& notes);

/// Whether one scale for the whole array, as CF's scale_factor and add_offset are, says how the true values follow from `spec`. It does not
/// where the scale changes along a dim, which is then written as coordinates `scale` and `offset`, nor for complex values, which readers
/// do not scale.
bool fitsOneScale(const ArraySpec& spec);

/// What the user should know of an output in such a format.
std::vector<std::string> oneScaleWarnings(const ArraySpec& spec, const std::string& format);

}  // namespace cubeloom
