// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/own_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <mutex>

extern char** environ;

namespace cubeloom {
namespace {

struct Program {
  std::mutex mutex;
  std::string path;
};
Program& program() {
  static Program chosen;
  return chosen;
}

}  // namespace

void setOwnProgram(const std::string& path) {
  const std::lock_guard lock(program().mutex);
  program().path = path;
}

std::string ownProgram() {
  const std::lock_guard lock(program().mutex);
  if (!program().path.empty()) return program().path;
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).replace_filename("cubeloom-cli").string();
}

tl::expected<StartedProgram, std::string> startProgram(std::vector<std::string> words) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return tl::unexpected(std::string(std::strerror(errno)));
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t nothing, everything;
  sigemptyset(&nothing);
  sigfillset(&everything);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask(&attributes, &nothing);
  posix_spawnattr_setsigdefault(&attributes, &everything);
  std::vector<char*> arguments;
  std::transform(words.begin(), words.end(), std::back_inserter(arguments), [](std::string& word) { return word.data(); });
  arguments.push_back(nullptr);
  StartedProgram started;
  const int error = ::posix_spawn(&started.process, words.front().c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  started.socket = ends[0];
  if (error == 0) return started;
  ::close(ends[0]);
  return tl::unexpected("cannot start " + words.front() + ": " + std::strerror(error));
}

std::optional<char> answerWithin(int socket, int seconds) {
  pollfd waiting{socket, POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waiting, 1, seconds * 1000)) < 0 && errno == EINTR) {
  }
  if (ready == 0) return std::nullopt;
  char answer = 0;
  return ::recv(socket, &answer, 1, 0) == 1 ? answer : '\0';
}

}  // namespace cubeloom
