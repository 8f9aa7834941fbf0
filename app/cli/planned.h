// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of the chain that a command is given, and what it says against itself.
#pragma once

#include "app/cli/commands.h"
#include "engine/plan/plan.h"

namespace cubeloom::cli {

Result<Plan> planChain(const Services& services, const RunArguments& arguments);
void printWarnings(const Plan& plan);
void printRefusals(const Plan& plan);

}  // namespace cubeloom::cli
