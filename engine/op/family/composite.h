// SPDX-License-Identifier: GPL-3.0-or-later
// The composite family: an operation that stands for a chain of others, with its parameters put into it. Binding a chain puts the others in
// its place; to the user it stays one node.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// An operation from `declaration.chain`: the steps of a `!` pipeline, the first of which takes the composite's inputs, the last of which
/// is what comes out. `[name]` is a step before or an input of the composite, by its port's name ("array", of a port that takes many
/// "array1", "array2"). `{name}` stands for the value of parameter `name`; quotes keep blanks together. Anything but an output can be among
/// them. Where the declaration has no forms in other languages, those of the steps stand for it (see exportStep()).
std::unique_ptr<Operation> composite(Declaration declaration);

/// One whose steps follow from more than its parameters: from what lies behind its input.
using StepsFunction = std::function<Result<std::vector<ChainStep>>(const Params&, const BindContext&)>;
std::unique_ptr<Operation> composite(Declaration declaration, StepsFunction steps);

/// Steps from the words of a `!` pipeline, for such a function; `inputs`: what the composite's inputs are called in it.
Result<std::vector<ChainStep>> stepsOfWords(const BindContext& context, const std::vector<std::string>& words,
                                            const std::vector<std::string>& inputs = {"array"});

/// The words of the chain with the values of `params` in their places; an unknown name is Internal.
Result<std::vector<std::string>> compositeWords(const std::string& chain, const Params& params);

}  // namespace cubeloom
