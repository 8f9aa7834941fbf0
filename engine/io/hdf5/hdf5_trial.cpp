// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_trial.h"

#include <hdf5.h>
#include <sys/stat.h>

#include <cstdlib>
#include <set>

#include "engine/io/file/probe_process.h"
#include "engine/io/hdf5/hdf5_library.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMostRemembered = 10000;

/// What changes when a file is replaced or written to.
std::string identityOf(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  std::string identity;
  for (const auto number :
       {static_cast<std::int64_t>(facts.st_dev), static_cast<std::int64_t>(facts.st_ino), static_cast<std::int64_t>(facts.st_size),
        static_cast<std::int64_t>(facts.st_mtim.tv_sec), static_cast<std::int64_t>(facts.st_mtim.tv_nsec),
        static_cast<std::int64_t>(facts.st_ctim.tv_sec), static_cast<std::int64_t>(facts.st_ctim.tv_nsec)})
    identity += std::to_string(number) + ",";
  return identity;
}

}  // namespace

Result<void> tryHdf5(const std::string& path) {
  // Both are guarded by the caller's lock.
  static std::set<std::string> passed;
  static ProbeProcess probe("hdf5");
  const std::string identity = identityOf(path);
  if (!identity.empty() && passed.contains(identity)) return {};
  CUBELOOM_TRY(probe.look(path, "HDF5"));
  if (passed.size() >= kMostRemembered) passed.clear();
  if (!identity.empty()) passed.insert(identity);
  return {};
}

int serveHdf5Trials() {
  ::setenv("HDF5_PLUGIN_PRELOAD", "::", 1);  // no plug-ins, however often the library is set up
  return serveProbe([](const std::string& path) {
    const Hdf5Lock lock;
    H5set_free_list_limits(0, 0, 0, 0, 0, 0);  // no memory is used again with what was in it
    lookIntoHdf5(path);
    // What a file has broken may show only when the library cleans up.
    H5close();
  });
}

}  // namespace cubeloom
