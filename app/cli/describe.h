// SPDX-License-Identifier: GPL-3.0-or-later
// Specs and declarations as JSON, for --json listings.
#pragma once

#include "engine/op/operation.h"

namespace cubeloom::cli {

Json specToJson(const ArraySpec& spec);
Json declarationToJson(const Declaration& declaration, const Registry& registry);
/// Whether it has a parameter with an expression.
bool takesExpression(const Declaration& declaration);
/// "y 60 × wavelength 5 × x 70 · float32 · nodata -9999 · 5 m, EPSG:32610": all of an array in one line.
std::string specLine(const ArraySpec& spec);
/// A double as JSON; NaN and infinities as texts.
Json numberToJson(double value);

}  // namespace cubeloom::cli
