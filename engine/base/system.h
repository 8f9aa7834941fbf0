// SPDX-License-Identifier: GPL-3.0-or-later
// What this process may use of the machine: cores and memory after affinity and control groups.
#pragma once

#include <cstdint>
#include <string>

namespace cubeloom {

struct SystemFacts {
  int logicalCores = 1;  ///< of the machine
  int physicalCores = 1;
  int affinityCores = 1;   ///< usable by this process
  double quotaCores = 0;   ///< cgroup CPU quota; 0: none
  int maximumWorkers = 1;  ///< all usable cores: what a command takes, and more than this never helps
  std::string maximumWhy;  ///< "4 of 4: all usable cores; this process may use 4 of 16 cores"
  int desktopWorkers = 1;  ///< what the window begins with: one less
  std::string desktopWhy;
  std::int64_t memoryTotalBytes = 0;
  std::int64_t memoryAvailableBytes = 0;  ///< to this process, cgroup limits respected
  std::int64_t memoryLimitBytes = 0;      ///< cgroup limit; 0: none
  std::int64_t defaultBudgetBytes = 0;    ///< 70 % of available
};

SystemFacts systemFacts();
std::int64_t processRssBytes();
/// The most since the process began, or since it was forgotten.
std::int64_t processPeakRssBytes();
void forgetPeakRss();
double processCpuSeconds();
/// Bytes really read and written through system calls (/proc/self/io).
struct ProcessIo {
  std::int64_t readBytes = 0, writtenBytes = 0;
};
ProcessIo processIo();
/// Monotonic clock.
std::int64_t nowNs();

}  // namespace cubeloom
