// SPDX-License-Identifier: GPL-3.0-or-later
// Focal kernels of height models, by Horn's gradient over the eight neighbours: Horn, B. K. P. (1981): Hill shading and the reflectance
// map. doi:10.1109/PROC.1981.11918
#pragma once

#include "engine/op/family/focal.h"

namespace cubeloom {

/// How steeply the ground rises towards the east and the north of the grid, in units of height per unit of the CRS.
struct Gradient {
  double east = 0, north = 0;
};

/// A Focal of radius 1 over `input`, whose kernel gives `result` of the gradient (NaN: nodata) where all nine heights are valid; its spec
/// is still that of the input. Rotated grids and grids from south to north have their true directions. GridMismatch: no grid on the ground,
/// or one in degrees. `zFactor`: units of the CRS in one of height.
Result<Focal> hornFocal(const ArraySpec& input, double zFactor, const std::function<double(Gradient)>& result);

/// The parameter `z_factor`.
Param zFactorParam();

}  // namespace cubeloom
