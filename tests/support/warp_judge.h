// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the engine's warp of a job is right: nearest to the bit, the others to 1e-6 of the value, integers to the rounding of a tie.
#pragma once

#include <QString>

#include "tests/support/gdalwarp.h"

namespace cubeloom::test {

struct WarpVerdict {
  QString problem;             ///< the first wrong pixel; empty when all are right
  bool needsOtherWay = false;  ///< some pixel agrees only with gdalwarp asked another way, without one of its artefacts
};

/// Also that pieces of that size make up the whole, to the bit.
WarpVerdict judgeWarp(const GdalWarpJob& job, std::int64_t pieceRows, std::int64_t pieceCols);

}  // namespace cubeloom::test
