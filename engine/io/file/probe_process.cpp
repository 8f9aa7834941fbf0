// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/probe_process.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/io/file/io_error.h"
#include "engine/io/file/own_program.h"

extern char** environ;

namespace cubeloom {
namespace {

constexpr int kIdleSeconds = 10;
constexpr unsigned kOrphanSeconds = 60;  // longer than anybody waits for an answer
constexpr char kReady = 'r', kLooked = 'l';

/// Memory that was never set holds zeros in a young process, and anything in the program: here it is filled with what crashes when it is
/// taken for a pointer, and every piece of it anew.
constexpr const char* kGarbage = "GLIBC_TUNABLES=glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";

std::vector<char*> garbageEnvironment() {
  std::vector<char*> all{const_cast<char*>(kGarbage)};
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("GLIBC_TUNABLES=")) all.push_back(*variable);
  all.push_back(nullptr);
  return all;
}

struct Program {
  std::mutex mutex;
  std::string path;
};
Program& program() {
  static Program chosen;
  return chosen;
}

/// A path and its closing zero byte from the standard input; unset: nobody asks any more.
std::optional<std::string> nextQuestion() {
  std::string path;
  pollfd waiting{STDIN_FILENO, POLLIN, 0};
  if (::poll(&waiting, 1, kIdleSeconds * 1000) <= 0) return std::nullopt;
  for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1; path += c)
    if (c == '\0') return path;
  return std::nullopt;
}

}  // namespace

void setProbeProgram(const std::string& path) {
  const std::lock_guard lock(program().mutex);
  program().path = path;
}

std::string probeProgram() {
  const std::lock_guard lock(program().mutex);
  if (!program().path.empty()) return program().path;
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).replace_filename("cubeloom-cli").string();
}

int serveProbe(const std::function<void(const std::string& path)>& look) {
  // No core files, no stack traces, no handlers of the program: only the manner of death matters.
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM}) std::signal(signal, SIG_DFL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const auto answer = [](char word) { return ::send(STDIN_FILENO, &word, 1, MSG_NOSIGNAL) == 1; };
  if (!answer(kReady)) return 2;
  while (const auto path = nextQuestion()) {
    ::alarm(kOrphanSeconds);  // should nobody be left to end it
    look(*path);
    ::alarm(0);
    if (!answer(kLooked)) break;
  }
  ::_exit(0);
}

/// A forked copy of the program must not talk to the process of the original.
bool ProbeProcess::isRunning() const { return m_process > 0 && m_owner == ::getpid(); }

Result<void> ProbeProcess::start(const std::string& path) {
  end();
  const std::string name = probeProgram();
  const auto refuse = [&](const std::string& why) {
    return failAt(ErrorCode::OpenFailed, path, "cannot look into " + path + " in a process of its own: " + why,
                  "keep the program cubeloom-cli of this version beside the program that runs");
  };
  auto started = startProgram({name, "--probe", m_kind}, garbageEnvironment());
  if (!started) return refuse(started.error());
  m_process = started->process;
  m_socket = started->socket;
  m_owner = ::getpid();
  if (answerWithin(m_socket, m_seconds) == kReady) return {};
  end();
  return refuse(name + " does not answer");
}

ProbeProcess::Fate ProbeProcess::ask(const std::string& path) const {
  const std::size_t bytes = path.size() + 1;
  if (::send(m_socket, path.c_str(), bytes, MSG_NOSIGNAL) != static_cast<ssize_t>(bytes)) return Fate::Died;
  const auto answer = answerWithin(m_socket, m_seconds);
  if (!answer) return Fate::Busy;
  return *answer == kLooked ? Fate::Passed : Fate::Died;
}

void ProbeProcess::end() {
  if (m_socket >= 0) ::close(m_socket);
  m_socket = -1;
  if (isRunning()) {
    ::kill(m_process, SIGKILL);
    int status = 0;
    while (::waitpid(m_process, &status, 0) < 0 && errno == EINTR) {
    }
  }
  m_process = -1;
}

Result<void> ProbeProcess::look(const std::string& path, const std::string& library) {
  // A process that has looked before may have ended while idle, or be broken by another file: only a fresh one speaks against this file.
  if (isRunning()) {
    if (ask(path) == Fate::Passed) return {};
  }
  CUBELOOM_TRY(start(path));
  const Fate fate = ask(path);
  if (fate == Fate::Passed) return {};
  end();
  return failAt(ErrorCode::OpenFailed, path,
                fate == Fate::Busy ? path + " keeps the " + library + " library busy for more than " + std::to_string(m_seconds) +
                                         " s: it is damaged, or its disk is slow"
                                   : path + " makes the " + library + " library crash: it is damaged",
                "fetch it again");
}

}  // namespace cubeloom
