// SPDX-License-Identifier: GPL-3.0-or-later
// The files that a chain names: keeps relative paths pointing at the same ones when the chain moves to another folder.
#pragma once

#include <string>

#include "engine/chain/chain.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// `chain` as it reads from `folder`: paths below the folder relative, all others absolute. No file is touched.
Chain rebased(Chain chain, const std::string& folder, const Registry& registry);

/// Whether it names any file by a path that is relative to its folder.
bool hasRelativePath(const Chain& chain, const Registry& registry);

}  // namespace cubeloom
