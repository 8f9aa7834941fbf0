// SPDX-License-Identifier: GPL-3.0-or-later
// Whether anybody listens at a scheduler's address: answered at once, where Dask's own client would go on trying.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Opens a connection to "tcp://HOST:PORT" or "tls://HOST:PORT" and closes it. InvalidParameter: that is no address. OpenFailed: nobody
/// answers within `seconds` (looking the name up comes before that).
Result<void> knockAt(const std::string& address, double seconds);

}  // namespace cubeloom
