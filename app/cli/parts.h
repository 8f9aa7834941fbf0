// SPDX-License-Identifier: GPL-3.0-or-later
// What run and plan have in common about runs that are cut into parts.
#pragma once

#include <string>

#include "app/cli/commands.h"
#include "engine/plan/run_parts.h"

namespace cubeloom::cli {

/// --part K/N, checked; count 0 without it.
Result<RunPart> partOption(const RunArguments& arguments);
/// --parts auto|N, checked; 0: auto.
Result<std::int64_t> partsOption(const std::string& text);
/// How the run is best cut, or into `wanted` parts what becomes of each.
PartsProposal proposal(const Plan& plan, std::int64_t wanted);
void printProposal(const PartsProposal& proposal, const std::string& chain);
}  // namespace cubeloom::cli
