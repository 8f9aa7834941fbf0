// SPDX-License-Identifier: GPL-3.0-or-later
// Takes from this process what a reader of foreign files has no need of: other folders, the network, other programs. Root is not needed.
#pragma once

#include <string>
#include <vector>

namespace cubeloom {

/// What the kernel offers.
struct Confining {
  int landlock = 0;  ///< its ABI: 1 has files, 4 TCP as well; 0: there is none
  bool seccomp = false;
};
Confining confining();
/// What the user should know who has files of others read; "" where they are kept to their folders.
std::string confiningNotice(const Confining& has);

/// From now on, for good, and for threads to come: files under `folders` and what programs need to run may be read, nothing written; no
/// sockets but those that are open, no TCP, no programs; at most `memoryBytes` of addresses (0: no limit). Before the first thread is
/// started. What the kernel does not offer is left out.
void confineThisProcess(const std::vector<std::string>& folders, double memoryBytes);

/// What one answer of a reader may take of processor time: more than any sane file needs.
inline constexpr int kMostProcessorSeconds = 600;
/// From now on this process may take that much more of processor time for each of `answers` under way, else SIGXCPU ends it. Thread-safe.
void allowProcessorTime(int answers, int secondsOfOne = kMostProcessorSeconds);

}  // namespace cubeloom
