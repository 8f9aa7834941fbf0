// SPDX-License-Identifier: GPL-3.0-or-later
// The hidden verbs of the programs: `--probe KIND` looks into files for another process of ours, so that a damaged one ends this process
// only; `--reader gdal FOLDER` reads them for it, confined to that folder.
#pragma once

#include <optional>

namespace cubeloom {

/// Call it first in main(); the program then also serves as its own probe where no cubeloom-cli lies beside it. Set: the words were the
/// probe's, it has answered all its questions, and this is the exit code.
std::optional<int> answerAsProbe(int argc, char** argv);

}  // namespace cubeloom
