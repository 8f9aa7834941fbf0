// SPDX-License-Identifier: GPL-3.0-or-later
// Which variable of a file holds the wavelengths along a dim, and what lies beside them.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/cf/cf_variables.h"

namespace cubeloom {

/// Makes `dim` of a variable in `group` a spectral one, keeping its name; false when the file has no wavelengths along it. They are known
/// by CF's standard names, or by their own: "wavelength", "wavelength_3d" of the dim of that name, "blue_wavelength". Those of the nearest
/// group are taken; those of several other groups only where they agree.
bool setWavelengths(CfVariables& variables, const std::string& group, Dim& dim, std::vector<std::string>& notes);
/// Widths and bad bands along a dim whose wavelengths are not known.
void setBesideWavelengths(CfVariables& variables, const std::string& group, Dim& dim);

}  // namespace cubeloom
