// SPDX-License-Identifier: GPL-3.0-or-later
// Starts a program anew; never a copy of this process, whose other threads may hold any lock.
#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cubeloom {

/// The cubeloom-cli that lies beside the running program.
std::string programBeside();

/// What a program has as its standard input, output and errors.
struct ProgramFiles {
  int input = -1, output = -1, errors = -1;  ///< -1: /dev/null
};

/// `words`: the program and its arguments; `environment` ("NAME=value") comes before what is inherited. No other descriptor is handed on,
/// no signal is blocked or ignored, and it has a group of its own: Ctrl-C at the terminal is not for it. The error says why it cannot be
/// started. Thread-safe.
tl::expected<pid_t, std::string> spawnProgram(std::vector<std::string> words, const ProgramFiles& files,
                                              const std::vector<std::string>& environment = {});

}  // namespace cubeloom
