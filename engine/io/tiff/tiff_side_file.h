// SPDX-License-Identifier: GPL-3.0-or-later
// What GDAL keeps beside a TIFF rather than in it: the names of classes, "out.tif.aux.xml".
#pragma once

#include <string>

#include "engine/array/array_spec.h"

namespace cubeloom {

std::string tiffSidePath(const std::string& path);

/// Its content, for an output of `bands` bands; "" where there is nothing to say.
std::string tiffSideText(const ArraySpec& spec, std::int64_t bands);

}  // namespace cubeloom
