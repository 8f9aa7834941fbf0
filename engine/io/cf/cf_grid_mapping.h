// SPDX-License-Identifier: GPL-3.0-or-later
// The CRS that a CF grid mapping describes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/geo/crs.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// From the attributes of a grid mapping variable: `crs_wkt`, `spatial_ref`, else CF's parameters of the projections that PROJ has the
/// like of. Invalid, with a note that says why, when nothing is understood. A sphere or ellipsoid is taken as given; WGS 84's and GRS 80's
/// own numbers name their datums.
Crs crsFromGridMapping(const Attributes& mapping, std::vector<std::string>& notes);

/// CF's parameters as a PROJ string; unset for names and values that have none.
std::optional<std::string> projFromGridMapping(const Attributes& mapping);

}  // namespace cubeloom
