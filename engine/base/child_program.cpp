// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "engine/base/guard.h"
#include "engine/base/spawn.h"

namespace cubeloom {
namespace {

constexpr int kLookMs = 200;
constexpr std::size_t kMostErrorBytes = std::size_t{64} << 10;

/// Takes what is there; false at the end.
bool takeFrom(int file, std::string& to) {
  std::array<char, 8192> bytes{};
  const ssize_t count = ::read(file, bytes.data(), bytes.size());
  if (count > 0) to.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

/// Hands over the whole lines at the beginning of `text`, and keeps the rest.
void giveLines(std::string& text, const ChildProgram::Line& onLine) {
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
    if (onLine) onLine(text.substr(from, end - from));
    from = end + 1;
  }
  text.erase(0, from);
}

}  // namespace

std::string commandLineProgram() {
  if (const char* named = std::getenv("CUBELOOM_CLI"); named && *named) return named;
  return programBeside();
}

ChildProgram::ChildProgram(std::vector<std::string> words, const std::vector<std::string>& environment, Line onLine, End onEnd) {
  start(std::move(words), environment);
  m_thread = std::thread([this, onLine = std::move(onLine), onEnd = std::move(onEnd)] { listen(onLine, onEnd); });
}

ChildProgram::~ChildProgram() {
  closeInput();
  kill(SIGKILL);
  if (m_thread.joinable()) m_thread.join();
}

void ChildProgram::start(std::vector<std::string> words, const std::vector<std::string>& environment) {
  int input[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1};
  // A socket: who writes to a program that is gone gets an error, and no signal.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0 || ::pipe2(output, O_CLOEXEC) != 0 ||
      ::pipe2(errors, O_CLOEXEC) != 0) {
    m_problem = std::strerror(errno);
  } else {
    const auto process = spawnProgram(std::move(words), {input[1], output[1], errors[1]}, environment);
    if (process)
      m_process = *process;
    else
      m_problem = process.error();
  }
  for (const int end : {input[1], output[1], errors[1]})
    if (end >= 0) ::close(end);
  m_input = input[0];
  m_output = output[0];
  m_errors = errors[0];
}

void ChildProgram::listen(const Line& onLine, const End& onEnd) {
  std::string out, said;
  std::array<pollfd, 2> ends{pollfd{m_output, POLLIN, 0}, pollfd{m_errors, POLLIN, 0}};
  const std::array<std::string*, 2> texts{&out, &said};
  // What it has started may hold its ends longer than it lives: then nobody waits for them.
  bool isGone = m_process < 0;
  while (!isGone && (ends[0].fd >= 0 || ends[1].fd >= 0)) {
    const int ready = ::poll(ends.data(), ends.size(), kLookMs);
    if (ready == 0) {
      siginfo_t ended{};
      isGone = ::waitid(P_PID, static_cast<id_t>(m_process), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0;
    }
    for (std::size_t i = 0; ready > 0 && i < ends.size(); ++i)
      if (ends[i].fd >= 0 && ends[i].revents != 0 && !takeFrom(ends[i].fd, *texts[i])) ends[i].fd = -1;
    (void)guarded([&] { giveLines(out, onLine); });
    if (said.size() > 2 * kMostErrorBytes) said.erase(0, said.size() - kMostErrorBytes);
  }
  if (!out.empty()) {
    out += '\n';
    (void)guarded([&] { giveLines(out, onLine); });
  }
  Ending ending{waitForEnd(), m_problem.empty() ? said : m_problem};
  (void)guarded([&] {
    if (onEnd) onEnd(ending);
  });
  const std::lock_guard lock(m_mutex);
  for (int* file : {&m_input, &m_output, &m_errors})
    if (const int end = std::exchange(*file, -1); end >= 0) ::close(end);
  m_isOver = true;
  m_ended.notify_all();
}

int ChildProgram::waitForEnd() {
  if (m_process < 0) return -1;
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(m_process), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  // From here on the number may become another's.
  const std::lock_guard lock(m_mutex);
  int status = 0;
  const pid_t process = std::exchange(m_process, -1);
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ChildProgram::say(const std::string& line) {
  const std::string text = line + "\n";
  const std::lock_guard lock(m_mutex);
  if (m_input >= 0) (void)!::send(m_input, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void ChildProgram::closeInput() {
  const std::lock_guard lock(m_mutex);
  if (m_input >= 0) ::shutdown(m_input, SHUT_WR);
}

void ChildProgram::kill(int signal) {
  const std::lock_guard lock(m_mutex);
  if (m_process > 0) ::kill(-m_process, signal);
}

bool ChildProgram::waitFor(std::chrono::milliseconds time) {
  std::unique_lock lock(m_mutex);
  return m_ended.wait_for(lock, time, [this] { return m_isOver.load(); });
}

}  // namespace cubeloom
