// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays that no file holds: they are computed as they are read.
#pragma once

namespace cubeloom {

/// DatasetInfo::driver of such an array. Only the engine reads it: other programs have no file to open.
inline constexpr const char* kComputedDriver = "computed";

}  // namespace cubeloom
