// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where the engine is put together from its parts: for every program alike.
#pragma once

#include "engine/chain/services.h"

namespace cubeloom {

/// Every operation; files and catalogs of this machine, and of the network where CUBELOOM_NETWORK allows it.
Services makeServices();

}  // namespace cubeloom
