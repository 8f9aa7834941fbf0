// SPDX-License-Identifier: GPL-3.0-or-later
// Warps at random, the same for a seed on every machine: pairs of real CRSs, grids of every orientation, pixels of every type.
#pragma once

#include <cstdint>

#include "tests/support/gdalwarp.h"

namespace cubeloom::test {

/// The `index`-th case of a seed.
GdalWarpJob randomWarp(std::uint64_t seed, std::uint64_t index);
/// Pixels for a job whose grids, type and nodata are given.
void fillAtRandom(GdalWarpJob& job, std::uint64_t seed);
/// In one line, for whoever has to find out what went wrong.
std::string describe(const GdalWarpJob& job);

}  // namespace cubeloom::test
