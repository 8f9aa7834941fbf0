// SPDX-License-Identifier: GPL-3.0-or-later
// The sample that a first start opens: made on this machine, nothing is downloaded.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/io/sample/synthetic_cube.h"

namespace cubeloom {

constexpr const char* kSampleCubeName = "shift_sample";

/// Makes sure that `folder` (created if missing) holds the synthetic cube as `shift_sample` (ENVI, BIL, little-endian float32) and
/// `shift_sample.hdr`, and returns the header's path. A complete pair is left alone; anything else under these names is replaced. Both
/// files appear whole, the header last. WriteFailed names path and reason. Uses two threads of its own.
Result<std::string> makeSampleCube(const std::string& folder);
/// The same for a cube of any size under any name, e.g. for tests.
Result<std::string> writeSyntheticCube(const SyntheticCube& cube, const std::string& folder, const std::string& name);

}  // namespace cubeloom
