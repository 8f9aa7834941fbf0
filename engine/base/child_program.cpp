// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "engine/base/guard.h"

extern char** environ;

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

std::string commandLineProgram() {
  if (const char* named = std::getenv("CUBELOOM_CLI"); named && *named) return named;
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).replace_filename("cubeloom-cli").string();
}

ChildProgram::ChildProgram(std::vector<std::string> words, const std::vector<std::string>& environment, Line onLine, End onEnd) {
  start(words, environment);
  m_thread = std::thread([this, onLine = std::move(onLine), onEnd = std::move(onEnd)] { listen(onLine, onEnd); });
}

ChildProgram::~ChildProgram() {
  closeInput();
  kill(SIGKILL);
  if (m_thread.joinable()) m_thread.join();
}

void ChildProgram::start(std::vector<std::string>& words, const std::vector<std::string>& environment) {
  int input[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1};
  // A socket: who writes to a program that is gone gets an error, and no signal.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0 || ::pipe2(output, O_CLOEXEC) != 0 ||
      ::pipe2(errors, O_CLOEXEC) != 0) {
    m_problem = std::strerror(errno);
  } else {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t nothing, everything;
    sigemptyset(&nothing);
    sigfillset(&everything);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors[1], STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &nothing);
    posix_spawnattr_setsigdefault(&attributes, &everything);
    std::vector<std::string> variables = joinedEnvironment(environment);
    pid_t process = -1;
    const int error =
        ::posix_spawnp(&process, words.front().c_str(), &files, &attributes, pointersTo(words).data(), pointersTo(variables).data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) m_problem = "cannot start " + words.front() + ": " + std::strerror(error);
    if (error == 0) m_process = process;
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
