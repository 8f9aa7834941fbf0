// SPDX-License-Identifier: GPL-3.0-or-later
// Where the program keeps what is the user's (XDG base directories).
#pragma once

#include <filesystem>

namespace cubeloom {

/// $XDG_DATA_HOME/cubeloom, else ~/.local/share/cubeloom; empty: neither is said.
std::filesystem::path userDataFolder();
/// $XDG_CONFIG_HOME/cubeloom, else ~/.config/cubeloom; empty: neither is said.
std::filesystem::path userConfigFolder();

}  // namespace cubeloom
