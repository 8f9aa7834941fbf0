// SPDX-License-Identifier: GPL-3.0-or-later
// How the workbench words what is known of an array: the same text on node, card, inspector and outline.
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// "λ" for wavelength, the name itself otherwise.
QString dimSymbol(const std::string& name);
/// "425 × 121 × 138"; "one value" without dims.
QString shapeText(const std::vector<std::int64_t>& shape);
/// "λ 425 · y 121 · x 138".
QString dimsText(const ArraySpec& spec);
/// "EPSG:32610"; "CRS unknown" for a grid without one; "no grid" without spatial dims.
QString crsText(const ArraySpec& spec);
/// "-9999" with a true minus sign; "not declared".
QString nodataText(const ArraySpec& spec);
/// Shortest exact text of a number, with a true minus sign.
QString numberText(double value);
/// Outer corner of the first pixel: "717500, 3866000"; empty without a grid.
QString originText(const ArraySpec& spec);
/// "69.0 × 60.5 km"; in degrees for geographic systems; empty without a grid.
QString extentText(const ArraySpec& spec);
/// Pixel size with its unit: "500 m", "0.01 × 0.02 degree"; empty without a grid.
QString resolutionText(const ArraySpec& spec);
/// "m" for "metre"; other names as they are.
QString shortUnit(const std::string& unitName);

}  // namespace cubeloom
