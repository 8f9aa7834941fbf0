// SPDX-License-Identifier: GPL-3.0-or-later
// How users open a dataset in Python, so that it has the dims, coordinates, bands and nodata that the engine gives it.
#pragma once

#include <string>

#include "engine/access/source.h"

namespace cubeloom {

/// An expression that opens `path` lazily as an array of `spec`, over several lines; empty where only the engine reads it so. `driver`:
/// DatasetInfo's. `stored`: of the array in the file, before a chain said otherwise.
std::string pythonReader(const std::string& path, const std::string& driver, const ArraySpec& stored, const ArraySpec& spec);

}  // namespace cubeloom
