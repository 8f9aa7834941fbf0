// SPDX-License-Identifier: GPL-3.0-or-later
// Puts every operation of this folder into a registry; the calls are generated from the markers.
#pragma once

#include "engine/op/operation.h"

namespace cubeloom {

void registerOperations(Registry& registry);

}  // namespace cubeloom
