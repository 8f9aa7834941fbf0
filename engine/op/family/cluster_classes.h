// SPDX-License-Identifier: GPL-3.0-or-later
// What operations that sort pixels into groups of like spectra have in common: their result's classes, and the sample that they learn from.
#pragma once

#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// `input` without dim `dim`, as numbers of `count` clusters with names and colours.
ArraySpec clusterClasses(const ArraySpec& input, int dim, std::size_t count);

/// UnsupportedType where a sample has fewer spectra than there are clusters.
Result<void> checkSample(const std::vector<double>& spectra, std::size_t entries, std::size_t clusters);

/// The declarations of `sample`, `n_init` and `seed`, and of `max_iter` with its default.
Param sampleParam();
Param startsParam();
Param iterationsParam(int byDefault);
Param chanceParam();

}  // namespace cubeloom
