// SPDX-License-Identifier: GPL-3.0-or-later
// Coordinates of a variable beside those of its dims: the one time or height of a field, longitudes and latitudes per pixel.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/cf/cf_variables.h"

namespace cubeloom {

/// Adds to `spec`, whose dims are complete, the variables that the attribute `coordinates` of variable `index` or of its file names, and
/// longitudes and latitudes along both spatial dims. What cannot be carried is said in `notes`.
void setAuxiliaryCoordinates(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes);

/// What a coordinate's attributes say in words, beside unit and calendar.
std::map<std::string, std::string> coordinateWords(const StoredVariable& variable);

}  // namespace cubeloom
