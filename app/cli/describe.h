// SPDX-License-Identifier: GPL-3.0-or-later
// Specs and declarations as JSON, for --json listings.
#pragma once

#include "engine/op/operation.h"

namespace cubeloom::cli {

Json specToJson(const ArraySpec& spec);
Json declarationToJson(const Declaration& declaration, const Registry& registry);
/// A double as JSON; NaN and infinities as texts.
Json numberToJson(double value);

}  // namespace cubeloom::cli
