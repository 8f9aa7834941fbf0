// SPDX-License-Identifier: GPL-3.0-or-later
// What every Source must do, whatever the format: any region, any strides, any number of threads, never beyond its announced cost.
#pragma once

#include <string>

#include "engine/access/source.h"

namespace cubeloom::test {

/// Whether context.bytesRead must equal the announced cost, or may only stay within it.
enum class CostPromise { Exact, UpperBound };

/// Reads the whole array, then regions of every awkward kind (steps, backward, lists, repeats, single, empty) into dense, permuted and
/// padded memory, also from several threads, and compares each with the whole. Empty when all is well, else the first difference in words.
std::string sourceProblem(Source& source, CostPromise promise);

/// The whole array, dense, in the source's order of dims.
Block readWhole(Source& source, BufferPool& pool);

}  // namespace cubeloom::test
