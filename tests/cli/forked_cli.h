// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli as a fork of the test: all of the program without the loading of a hundred libraries, which is most of a short run.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QByteArray>
#include <QStringList>
#include <csignal>
#include <cstdio>
#include <vector>

#include "app/cli/commands.h"

namespace cubeloom::test {

/// One run. The test itself must have no threads of the engine: what it does of the program it does in forks.
class ForkedCli {
 public:
  /// Loads in the test itself what forks would load again and again (drivers, coordinate systems), by planning the same chain: no threads.
  static void warmUp(const QString& folder, const QStringList& planning) {
    ::fflush(nullptr);
    const int out = ::dup(STDOUT_FILENO), nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    enter(folder, planning, nowhere, STDERR_FILENO);
    ::fflush(nullptr);
    ::dup2(out, STDOUT_FILENO);
    ::close(out);
    ::close(nowhere);
  }
  /// In the folder; returns when planning is over (its first line on stdout is there) or when it has ended.
  ForkedCli(const QString& folder, const QStringList& arguments) {
    if (::pipe2(m_out, O_CLOEXEC) != 0 || ::pipe2(m_error, O_CLOEXEC) != 0) qFatal("no pipe");
    ::fflush(nullptr);
    m_process = ::fork();
    if (m_process == 0) {
      const int code = enter(folder, arguments, m_out[1], m_error[1]);
      ::fflush(nullptr);
      ::_exit(code);  // not through the ends of what the test has made
    }
    ::close(m_out[1]);
    ::close(m_error[1]);
    while (!m_told.contains('\n') && readSome(m_out[0], m_told)) continue;
  }
  ~ForkedCli() {
    if (!m_isOver) stop(SIGKILL);
    ::close(m_out[0]);
    ::close(m_error[0]);
  }
  ForkedCli(const ForkedCli&) = delete;
  ForkedCli& operator=(const ForkedCli&) = delete;

  /// It may have ended by itself before the signal came. What it told is read to its end.
  void stop(int signal) {
    ::kill(m_process, signal);
    wait();
  }
  void wait() {
    while (readSome(m_out[0], m_told)) continue;
    while (readSome(m_error[0], m_complaint)) continue;
    ::waitpid(m_process, &m_status, 0);
    m_isOver = true;
  }
  bool wasKilled() const { return WIFSIGNALED(m_status); }
  int exitCode() const { return WIFEXITED(m_status) ? WEXITSTATUS(m_status) : -1; }
  const QByteArray& told() const { return m_told; }
  const QByteArray& complaint() const { return m_complaint; }

 private:
  static int enter(const QString& folder, const QStringList& arguments, int out, int error) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    if (::chdir(folder.toLocal8Bit().constData()) != 0) qFatal("no folder");
    std::vector<QByteArray> words{"cubeloom-cli"};
    for (const QString& argument : arguments) words.push_back(argument.toUtf8());
    std::vector<char*> argv;
    for (QByteArray& word : words) argv.push_back(word.data());
    return cli::runCommandLine(static_cast<int>(argv.size()), argv.data());
  }
  /// False at the end of the stream.
  static bool readSome(int descriptor, QByteArray& to) {
    char bytes[4096];
    const ssize_t got = ::read(descriptor, bytes, sizeof bytes);
    if (got > 0) to.append(bytes, got);
    return got > 0;
  }

  pid_t m_process = -1;
  int m_out[2] = {-1, -1}, m_error[2] = {-1, -1}, m_status = 0;
  bool m_isOver = false;
  QByteArray m_told, m_complaint;
};

}  // namespace cubeloom::test
