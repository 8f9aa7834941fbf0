// SPDX-License-Identifier: GPL-3.0-or-later
// Reads cores and memory from /proc, /sys and the control groups (v1 and v2), because a container's limits show nowhere else.
#include "engine/base/system.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "engine/base/system_probe.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnlimited = std::int64_t{1} << 60;  // v1 says "no limit" with a number near 2^63
constexpr double kBudgetShare = 0.7;

std::string readFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<std::int64_t> readInteger(const fs::path& path) { return parseInteger(readFile(path)); }

/// The number after `key` in a file of "key value" or "key: value kB" lines.
std::optional<std::int64_t> fieldOf(const std::string& text, std::string_view key) {
  for (const std::string& line : split(text, '\n')) {
    if (line.compare(0, key.size(), key) != 0) continue;
    std::istringstream rest(line.substr(key.size()));
    rest.imbue(std::locale::classic());
    if (rest.peek() == ':') rest.get();
    std::string number, unit;
    if (!(rest >> number)) return std::nullopt;
    rest >> unit;
    const auto value = parseInteger(number);
    return value && unit == "kB" ? *value * 1024 : value;
  }
  return std::nullopt;
}

/// "0-3,8" as the cores it names.
std::vector<int> parseCoreList(std::string_view text) {
  std::vector<int> cores;
  for (const std::string& part : split(trim(text), ',')) {
    const auto ends = split(part, '-');
    const auto first = parseInteger(ends.front()), last = parseInteger(ends.back());
    if (!first || !last) continue;
    for (auto core = *first; core <= *last; ++core) cores.push_back(static_cast<int>(core));
  }
  return cores;
}

/// One control group hierarchy as this process sees it: where it is mounted and the process's own directory in it.
struct Hierarchy {
  fs::path top, own;
  bool isV2 = false;
};

/// The directory of control group `path` below a mount that shows the tree from `mountRoot` on. A container often sees its own
/// group as the mount itself while /proc/self/cgroup still tells the host's path.
fs::path groupDirectory(const fs::path& mountPoint, const std::string& mountRoot, std::string path) {
  if (mountRoot != "/" && path.compare(0, mountRoot.size(), mountRoot) == 0) path.erase(0, mountRoot.size());
  const fs::path directory = (mountPoint / fs::path(path).relative_path()).lexically_normal();
  std::error_code ignored;
  return fs::is_directory(directory, ignored) ? directory : mountPoint;
}

bool hasWord(const std::string& list, std::string_view word) {
  const auto words = split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The hierarchies that can limit `controller` ("cpu" or "memory"): the v1 one that carries it, and the v2 one.
std::vector<Hierarchy> hierarchiesOf(const std::string& root, const std::string& controller) {
  const auto groups = split(readFile(root + "/proc/self/cgroup"), '\n');
  const auto pathOf = [&](bool v2) -> std::optional<std::string> {
    for (const std::string& line : groups) {
      const auto first = line.find(':'), second = line.find(':', first + 1);
      if (first == std::string::npos || second == std::string::npos) continue;
      const std::string controllers = line.substr(first + 1, second - first - 1);
      if (v2 ? controllers.empty() : hasWord(controllers, controller)) return line.substr(second + 1);
    }
    return std::nullopt;
  };
  std::vector<Hierarchy> found;
  for (const std::string& line : split(readFile(root + "/proc/self/mountinfo"), '\n')) {
    // "36 35 98:0 /root /mount/point options… - type source super,options"
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto left = split(line.substr(0, dash), ' '), right = split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    const bool v2 = right[0] == "cgroup2";
    if (!v2 && !(right[0] == "cgroup" && hasWord(right[2], controller))) continue;
    const auto path = pathOf(v2);
    if (!path) continue;
    const fs::path top = root + left[4];
    found.push_back({top, groupDirectory(top, left[3], *path), v2});
  }
  return found;
}

/// Calls `visit` for the process's group and every group above it: the tightest limit on the way counts.
template <class Visit>
void walkUp(const Hierarchy& hierarchy, Visit&& visit) {
  for (fs::path directory = hierarchy.own;; directory = directory.parent_path()) {
    visit(directory);
    if (directory == hierarchy.top || directory == directory.parent_path()) return;
  }
}

/// Cores allowed by the CPU quotas; 0: none set.
double quotaCores(const std::string& root) {
  double cores = 0;
  const auto limit = [&](std::optional<double> quota, std::optional<double> period) {
    if (!quota || !period || *quota <= 0 || *period <= 0) return;
    cores = cores == 0 ? *quota / *period : std::min(cores, *quota / *period);
  };
  for (const Hierarchy& hierarchy : hierarchiesOf(root, "cpu")) {
    walkUp(hierarchy, [&](const fs::path& directory) {
      if (hierarchy.isV2) {
        const auto words = split(trim(readFile(directory / "cpu.max")), ' ');  // "max 100000" or "200000 100000"
        if (words.size() == 2) limit(parseNumber(words[0]), parseNumber(words[1]));
      } else {
        limit(parseNumber(readFile(directory / "cpu.cfs_quota_us")), parseNumber(readFile(directory / "cpu.cfs_period_us")));
      }
    });
  }
  return cores;
}

struct MemoryLimit {
  std::int64_t limitBytes = kUnlimited, availableBytes = kUnlimited;
};

MemoryLimit memoryLimit(const std::string& root) {
  MemoryLimit tightest;
  for (const Hierarchy& hierarchy : hierarchiesOf(root, "memory")) {
    walkUp(hierarchy, [&](const fs::path& directory) {
      const bool v2 = hierarchy.isV2;
      std::int64_t limit = readInteger(directory / (v2 ? "memory.max" : "memory.limit_in_bytes")).value_or(kUnlimited);
      if (v2) limit = std::min(limit, readInteger(directory / "memory.high").value_or(kUnlimited));
      if (limit >= kUnlimited) return;
      const std::int64_t used = readInteger(directory / (v2 ? "memory.current" : "memory.usage_in_bytes")).value_or(0);
      // The page cache counts as used but goes when memory is asked for.
      const std::int64_t reclaimable =
          fieldOf(readFile(directory / "memory.stat"), v2 ? "inactive_file" : "total_inactive_file").value_or(0);
      tightest.limitBytes = std::min(tightest.limitBytes, limit);
      tightest.availableBytes =
          std::min(tightest.availableBytes, std::clamp<std::int64_t>(limit - std::max<std::int64_t>(used - reclaimable, 0), 0, limit));
    });
  }
  return tightest;
}

void countCores(const std::string& root, SystemFacts& facts) {
  const fs::path cpus = root + "/sys/devices/system/cpu";
  const auto online = parseCoreList(readFile(cpus / "online"));
  const long configured = root.empty() ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
  facts.logicalCores = std::max(1, online.empty() ? static_cast<int>(configured) : static_cast<int>(online.size()));
  std::set<std::string> siblings;  // threads of one core name the same list
  for (const int core : online) {
    const fs::path topology = cpus / ("cpu" + std::to_string(core)) / "topology";
    std::string list = readFile(topology / "core_cpus_list");
    if (list.empty()) list = readFile(topology / "thread_siblings_list");
    siblings.insert(list.empty() ? std::to_string(core) : list);
  }
  facts.physicalCores = siblings.empty() ? facts.logicalCores : static_cast<int>(siblings.size());
}

void chooseWorkers(SystemFacts& facts) {
  const int allowed = facts.quotaCores > 0 ? static_cast<int>(std::ceil(facts.quotaCores - 1e-6)) : facts.affinityCores;
  const int usable = std::max(1, std::min(facts.affinityCores, allowed));
  facts.maximumWorkers = usable;
  facts.desktopWorkers = std::max(1, usable - 1);
  std::string limit;
  if (usable < facts.logicalCores) {
    const bool byQuota = facts.quotaCores > 0 && facts.quotaCores < facts.affinityCores;
    limit = (byQuota ? "; the control group's quota is " + formatSignificant(facts.quotaCores, 3)
                     : "; this process may use " + std::to_string(facts.affinityCores)) +
            " of " + std::to_string(facts.logicalCores) + " cores";
  }
  const auto why = [&](int workers, const char* reason) {
    return std::to_string(workers) + " of " + std::to_string(usable) + ": " + (usable == 1 ? "only one core is usable" : reason) + limit;
  };
  facts.maximumWhy = why(usable, "all usable cores");
  facts.desktopWhy = why(facts.desktopWorkers, "keeps one core for the desktop");
}

int affinityCores() {
  // A machine may have more cores than the fixed cpu_set_t holds; the kernel says EINVAL until the set is large enough.
  for (int size = 1024; size <= 1 << 18; size *= 4) {
    cpu_set_t* set = CPU_ALLOC(size);
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(size);
    CPU_ZERO_S(bytes, set);
    const int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
  return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

double secondsOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

SystemFacts probeSystem(const std::string& root, int affinityCores) {
  SystemFacts facts;
  countCores(root, facts);
  facts.affinityCores = std::clamp(affinityCores, 1, facts.logicalCores);
  facts.quotaCores = quotaCores(root);
  chooseWorkers(facts);

  const std::string memory = readFile(root + "/proc/meminfo");
  facts.memoryTotalBytes = fieldOf(memory, "MemTotal").value_or(0);
  // Kernels before 3.14 have no MemAvailable.
  facts.memoryAvailableBytes =
      fieldOf(memory, "MemAvailable").value_or(fieldOf(memory, "MemFree").value_or(0) + fieldOf(memory, "Cached").value_or(0));
  const MemoryLimit limit = memoryLimit(root);
  if (limit.limitBytes < std::min(kUnlimited, facts.memoryTotalBytes)) facts.memoryLimitBytes = limit.limitBytes;
  facts.memoryAvailableBytes = std::min(facts.memoryAvailableBytes, limit.availableBytes);
  facts.defaultBudgetBytes = static_cast<std::int64_t>(static_cast<double>(facts.memoryAvailableBytes) * kBudgetShare);
  return facts;
}

SystemFacts systemFacts() { return probeSystem("", affinityCores()); }

std::int64_t processRssBytes() {
  const auto words = split(readFile("/proc/self/statm"), ' ');
  return words.size() > 1 ? parseInteger(words[1]).value_or(0) * sysconf(_SC_PAGESIZE) : 0;
}

std::int64_t processPeakRssBytes() { return fieldOf(readFile("/proc/self/status"), "VmHWM").value_or(0); }

void forgetPeakRss() { std::ofstream("/proc/self/clear_refs") << "5"; }

double processCpuSeconds() { return secondsOf(CLOCK_PROCESS_CPUTIME_ID); }

ProcessIo processIo() {
  const std::string io = readFile("/proc/self/io");
  return {fieldOf(io, "rchar").value_or(0), fieldOf(io, "wchar").value_or(0)};
}

std::int64_t nowNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace cubeloom
