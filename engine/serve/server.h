// SPDX-License-Identifier: GPL-3.0-or-later
// Answers a client that asks for arrays through two pipes: what they are, and any of their pixels.
#pragma once

#include <cstdint>

#include "engine/chain/services.h"

namespace cubeloom {

struct ServeOptions {
  int workers = 0;                     ///< 0: all usable cores
  std::int64_t memoryBudgetBytes = 0;  ///< 0: default (70 % of what is available)
};

/// Reads requests from `input`, one JSON object a line, and answers on `output`, several at once, in any order; until the input ends: then
/// nobody waits for an answer any more, and the process is to end at once. OverBudget where the budget is below what the process itself
/// takes.
///
///   {"id": 1, "do": "describe", "chain": CHAIN}                    -> {"id": 1, "state", "default", "nodes": [...], "nbytes": 0}
///   {"id": 2, "do": "read", "chain": CHAIN, "node": "grid", "state": "...", "index": {"y": "0:100:2", "wavelength": [3, 5], "time": 0}}
///                                                  -> {"id": 2, "node", "dtype", "shape", "nbytes": N} and N bytes, little-endian,
///                                                  row-major
///   {"id": 2, "do": "cancel"}                                     -> request 2 is answered: with code Canceled, unless it was done already
///
/// CHAIN: the path of a chain file, a pipeline, a chain document, or the path of any file that `open` knows, whose variables are then the
/// nodes. Where something fails: {"id", "error": {"code", "message", "hint", "node", "parameter", "path"}, "nbytes": 0}.
Result<void> serve(const Services& services, int input, int output, const ServeOptions& options);

}  // namespace cubeloom
