// SPDX-License-Identifier: GPL-3.0-or-later
// The CRS that a CF grid mapping describes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/geo/crs.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// The name of the mapping for the dims `y` and `x` in an attribute grid_mapping: "crs", or of "crs: x y other: lat lon" the one that lists
/// their coordinates. Unset when none does.
std::optional<std::string> gridMappingOf(const std::string& attribute, const std::string& y, const std::string& x);

/// What a grid's coordinates are by their own units.
enum class CoordinateKind { Unknown, Degrees, Lengths };

/// From the attributes of a grid mapping variable: `crs_wkt`, `spatial_ref`, else CF's parameters of the projections that PROJ has the
/// like of; where WKT and parameters contradict each other, what fits the `coordinates`. Invalid, with a note that says why, when nothing
/// is understood. A sphere or ellipsoid is taken as given; WGS 84's and GRS 80's own numbers name their datums.
Crs crsFromGridMapping(const Attributes& mapping, CoordinateKind coordinates, std::vector<std::string>& notes);

/// CF's parameters as a PROJ string; unset for names and values that have none.
std::optional<std::string> projFromGridMapping(const Attributes& mapping);

}  // namespace cubeloom
