// SPDX-License-Identifier: GPL-3.0-or-later
// A VRT is a program over other files: what of it is run here.
#pragma once

#include <string>

namespace cubeloom::gdal {

/// Why the VRT at `path` is not opened; empty: it is. Its sources are plain files under its folder, named relative to it; it has no raw
/// bands, no code, no warping, no other VRT in it.
std::string vrtProblem(const std::string& path);

}  // namespace cubeloom::gdal
