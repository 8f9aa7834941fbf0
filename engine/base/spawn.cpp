// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>

extern char** environ;

namespace cubeloom {
namespace {

std::vector<std::string> joinedEnvironment(const std::vector<std::string>& own) {
  std::vector<std::string> all = own;
  for (char** one = environ; *one; ++one) {
    const std::string entry = *one, name = entry.substr(0, entry.find('=') + 1);
    const bool isSet = std::any_of(own.begin(), own.end(), [&name](const std::string& other) { return other.starts_with(name); });
    if (!isSet) all.push_back(entry);
  }
  return all;
}

std::vector<char*> pointersTo(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string programBeside() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).replace_filename("cubeloom-cli").string();
}

tl::expected<pid_t, std::string> spawnProgram(std::vector<std::string> words, const ProgramFiles& files,
                                              const std::vector<std::string>& environment) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::array<int, 3> given{files.input, files.output, files.errors};
  for (int i = 0; i < 3; ++i) {
    const int file = given[static_cast<std::size_t>(i)];
    if (file >= 0)
      posix_spawn_file_actions_adddup2(&actions, file, i);
    else
      posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t nothing, everything;
  sigemptyset(&nothing);
  sigfillset(&everything);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask(&attributes, &nothing);
  posix_spawnattr_setsigdefault(&attributes, &everything);
  std::vector<std::string> variables = joinedEnvironment(environment);
  pid_t process = -1;
  const int error =
      ::posix_spawnp(&process, words.front().c_str(), &actions, &attributes, pointersTo(words).data(), pointersTo(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return tl::unexpected("cannot start " + words.front() + ": " + std::strerror(error));
  return process;
}

}  // namespace cubeloom
