// SPDX-License-Identifier: GPL-3.0-or-later
// Starts a program of ours anew, with a socket to it; never a copy of this process, whose other threads may hold any lock.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cubeloom {

/// The program to start. Unless it is set: the cubeloom-cli that lies beside the running program. Thread-safe.
void setOwnProgram(const std::string& path);
std::string ownProgram();

struct StartedProgram {
  pid_t process = -1;
  int socket = -1;  ///< the other end is its standard input
};

/// `words`: the program and its arguments. It has this one's environment, its output goes nowhere, no other descriptor is handed on, and it
/// has a group of its own: Ctrl-C at the terminal is for the program alone. The error says why it cannot be started.
tl::expected<StartedProgram, std::string> startProgram(std::vector<std::string> words);

/// One byte of the other side; 0: it is gone; unset: not within the time.
std::optional<char> answerWithin(int socket, int seconds);

}  // namespace cubeloom
