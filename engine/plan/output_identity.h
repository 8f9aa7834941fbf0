// SPDX-License-Identifier: GPL-3.0-or-later
// What decides the bytes of an output, in words: so that a run can tell whether another one was making the same file.
#pragma once

#include "engine/access/sink.h"
#include "engine/chain/graph.h"

namespace cubeloom {

/// The files that the chain reads, as they are now.
std::vector<FileFingerprint> inputsOf(const Graph& graph);

/// Steps and inputs of the output of `node`. Node ids, positions on the canvas, workers and memory are left out, and so are the path and
/// the `overwrite` of a write step: a part lies beside its target anyway.
OutputIdentity outputIdentity(const Graph& graph, int node, const SinkRequest& request, std::vector<FileFingerprint> inputs);

}  // namespace cubeloom
