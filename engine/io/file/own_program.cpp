// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/own_program.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "engine/base/spawn.h"

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
  return programBeside();
}

tl::expected<StartedProgram, std::string> startProgram(std::vector<std::string> words) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return tl::unexpected(std::string(std::strerror(errno)));
  const auto process = spawnProgram(std::move(words), {.input = ends[1]});
  ::close(ends[1]);
  if (process) return StartedProgram{*process, ends[0]};
  ::close(ends[0]);
  return tl::unexpected(process.error());
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
