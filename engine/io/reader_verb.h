// SPDX-License-Identifier: GPL-3.0-or-later
// The hidden verb of the programs: `--reader KIND FOLDER...` reads foreign files for another process of ours, confined to those folders.
#pragma once

#include <optional>

namespace cubeloom {

/// Call it first in main(); the program then also serves as its own reader where no cubeloom-cli lies beside it. Set: the words were the
/// reader's, nobody asks it any more, and this is the exit code.
std::optional<int> answerAsReader(int argc, char** argv);

}  // namespace cubeloom
