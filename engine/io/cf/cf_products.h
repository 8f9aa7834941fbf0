// SPDX-License-Identifier: GPL-3.0-or-later
// Imaging spectrometers' products whose files say where and what in a way of their own rather than CF's.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/cf/cf_variables.h"

namespace cubeloom {

/// PRISMA cubes: dims (y, wavelength, x), grid from the corner attributes (L2D), wavelengths from List_Cw_*, scales. NEON: see
/// neon_products.h. EMIT: the grid of the lookup
/// tables on (ortho_y, ortho_x), none of the swath. Fields of HDF-EOS5 grids: the grid that StructMetadata describes. Leaves all others as
/// they are. What was done is said in `notes`.
void applyProduct(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes);

}  // namespace cubeloom
