// SPDX-License-Identifier: GPL-3.0-or-later
// How coordinates beside the dims' own follow when dims are cut or go.
#pragma once

#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// What `coordinate` of `spec` is of a selection.
AuxiliaryCoordinate cutCoordinate(const ArraySpec& spec, const AuxiliaryCoordinate& coordinate, const Region& region);

/// What is known of a dim's only entry: its number or name under the dim's name, its name as `<dim>_name`, fwhm and the like.
std::vector<AuxiliaryCoordinate> onlyEntryOf(const Dim& dim);

}  // namespace cubeloom
