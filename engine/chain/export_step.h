// SPDX-License-Identifier: GPL-3.0-or-later
// A step in other words, where it may stand for a chain of others.
#pragma once

#include "engine/chain/chain.h"
#include "engine/op/export_forms.h"

namespace cubeloom {

/// exportForm(); of a composite without a form of its own what follows from the forms of its steps.
Result<ExportForm> exportStep(const Declaration& declaration, const Json& values, ExportLanguage language, const Registry& registry,
                              const std::string& input = "input.tif", const std::string& output = "output.tif",
                              const FormFacts& facts = {});

}  // namespace cubeloom
