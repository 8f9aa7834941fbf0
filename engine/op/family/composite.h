// SPDX-License-Identifier: GPL-3.0-or-later
// The composite family: an operation that stands for a chain of others, with its parameters put into it.
#pragma once

#include <memory>

#include "engine/op/operation.h"

namespace cubeloom {

/// An operation from `declaration.chain`: one or more steps of a `!` pipeline, each after the one before, the first taking the composite's
/// inputs. `{name}` stands for the value of parameter `name`; quotes keep blanks together. Bound, it is one node: what lies between its
/// steps stays inside. Sources, outputs, reductions and fits cannot be among them.
std::unique_ptr<Operation> composite(Declaration declaration);

/// The words of the chain with the values of `params` in their places; an unknown name is Internal.
Result<std::vector<std::string>> compositeWords(const std::string& chain, const Params& params);

}  // namespace cubeloom
