// SPDX-License-Identifier: GPL-3.0-or-later
// NEON's airborne spectrometer: HDF5 whose grid, bands and scale stand in the words of an ENVI header.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/cf/cf_variables.h"

namespace cubeloom {

/// Reflectance_Data of a site: dims (y, x, wavelength), grid from Metadata/Coordinate_System/Map_Info, wavelengths and fwhm from
/// Metadata/Spectral_Data, scale from Scale_Factor; rasters of its size under Metadata: dims (y, x) on the same grid. Leaves all others as
/// they are. What was done is said in `notes`.
void applyNeon(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes);

}  // namespace cubeloom
