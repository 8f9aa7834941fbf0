// SPDX-License-Identifier: GPL-3.0-or-later
// The ports of a step, as far as they follow from its declaration.
#pragma once

#include "engine/chain/chain.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// Whether an operation offers an output port.
bool hasOutputPort(const Declaration& declaration);
/// Ports to show: at least the declared minimum, and one free one while more may be connected.
int inputPortCount(const Declaration& declaration, const Node& node);

}  // namespace cubeloom
