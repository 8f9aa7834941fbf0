// SPDX-License-Identifier: GPL-3.0-or-later
// What a buffer costs beyond its bytes, for estimates.
#pragma once

namespace cubeloom {

/// The pool rounds up: small buffers to pages, large ones to 2 MiB.
constexpr double pooledBytes(double bytes) { return bytes + (bytes >= 2097152 ? 2097152 : 4096); }

}  // namespace cubeloom
