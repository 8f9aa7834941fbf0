// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_trial.h"

#include <hdf5.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <set>

#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr rlim_t kMostCpuSeconds = 10;
/// A slow disk may take its time, but not for ever.
constexpr unsigned kMostSeconds = 60;
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

[[noreturn]] void lookAndEnd(const std::function<void()>& look) {
  // No core files, no stack traces, no handlers of the program: only the manner of death matters.
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU, SIGALRM, SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
  const rlimit none{0, 0}, seconds{kMostCpuSeconds, kMostCpuSeconds};
  ::setrlimit(RLIMIT_CORE, &none);
  ::setrlimit(RLIMIT_CPU, &seconds);
  ::alarm(kMostSeconds);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::close(stream);
  look();
  // What a file has broken may show only when the library cleans up.
  H5close();
  ::_exit(0);
}

}  // namespace

Result<void> tryHdf5(const std::string& path, const std::function<void()>& look) {
  static std::set<std::string> passed;  // guarded by the caller's lock
  const std::string identity = identityOf(path);
  if (!identity.empty() && passed.contains(identity)) return {};
  const pid_t child = ::fork();
  if (child < 0) return {};
  if (child == 0) lookAndEnd(look);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return {};
  if (WIFEXITED(status)) {
    if (passed.size() >= kMostRemembered) passed.clear();
    if (!identity.empty()) passed.insert(identity);
    return {};
  }
  const bool wasSlow = WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGKILL);
  return failAt(ErrorCode::OpenFailed, path,
                wasSlow ? path + " keeps the HDF5 library busy for more than " + std::to_string(kMostCpuSeconds) +
                              " s: it is damaged, or its disk is slow"
                        : path + " makes the HDF5 library crash: it is damaged",
                "fetch it again");
}

}  // namespace cubeloom
