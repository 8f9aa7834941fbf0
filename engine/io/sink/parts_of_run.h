// SPDX-License-Identifier: GPL-3.0-or-later
// The folder beside an output in which the parts of a run leave what they make: "<name>.part-<run id>/", with a file "3-of-7" of each part
// that is finished and files "fit-..." of what parts have learned for each other. What a part is still at lies in a folder beside its
// file, as that of any output does.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/access/sink.h"

namespace cubeloom {

std::string partsFolder(const SinkRequest& request);
/// The file of the request's part.
std::string partPath(const SinkRequest& request);
/// The request's part is finished and whole.
bool isPartMade(const SinkRequest& request);

/// PartsMissing: there is none.
Result<std::shared_ptr<const MadeUnits>> openMadeUnits(const SinkRequest& request);
std::shared_ptr<SharedStates> openSharedStates(const SinkRequest& request);
void removePartsOf(const SinkRequest& request);

/// The output's units into the file of its part. A copy of the same part that is at work elsewhere is left alone: whoever is ready first
/// puts the file in its place, and whoever comes after it puts the same there again.
Result<std::unique_ptr<Sink>> openUnitSink(const SinkRequest& request, BufferPool pool);
/// Of so many units, in memory.
double unitIndexBytes(std::int64_t units);

}  // namespace cubeloom
