// SPDX-License-Identifier: GPL-3.0-or-later
// The files that the user trusts, kept in the user's own settings: ~/.config/cubeloom/trusted.json.
#pragma once

#include <memory>
#include <string>

#include "engine/access/trust.h"

namespace cubeloom {

/// $XDG_CONFIG_HOME/cubeloom/trusted.json, else ~/.config/cubeloom/trusted.json; "" without a home.
std::string trustedFilesPath();

/// Kept in `file`, which is read anew for each question; "": for this process only. What cannot be read trusts nothing.
std::shared_ptr<Trust> makeTrustedFiles(const std::string& file = trustedFilesPath());

}  // namespace cubeloom
