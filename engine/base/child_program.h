// SPDX-License-Identifier: GPL-3.0-or-later
// A program that works for this one: it is told and tells lines, and nobody waits for it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cubeloom {

/// The cubeloom-cli that lies beside the running program, unless CUBELOOM_CLI names another.
std::string commandLineProgram();

/// Thread-safe. It has a group of its own, which ends with this object at the latest.
class ChildProgram {
 public:
  struct Ending {
    int code = -1;      ///< its exit status; -1: it was killed, or never began
    std::string error;  ///< what it wrote to stderr, the last 64 KiB; of one that never began: why
  };
  using Line = std::function<void(const std::string& line)>;
  using End = std::function<void(const Ending& ending)>;

  /// Starts it at once: `words` are the program and its arguments, `environment` ("NAME=value") comes before what is inherited. `onLine`
  /// gets each line of its stdout, then `onEnd` is called once; both on a thread of this object.
  ChildProgram(std::vector<std::string> words, const std::vector<std::string>& environment, Line onLine, End onEnd);
  /// Kills what still runs.
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  /// A line for its stdin. Nothing happens when it is gone.
  void say(const std::string& line);
  /// Its stdin ends.
  void closeInput();
  /// To the whole group.
  void kill(int signal);
  bool isOver() const { return m_isOver; }
  /// Whether it was over within the time.
  bool waitFor(std::chrono::milliseconds time);

 private:
  void start(std::vector<std::string> words, const std::vector<std::string>& environment);
  void listen(const Line& onLine, const End& onEnd);
  int waitForEnd();

  mutable std::mutex m_mutex;
  std::condition_variable m_ended;
  int m_process = -1;  ///< under the mutex; -1 once its number may be another's
  int m_input = -1;    ///< likewise
  int m_output = -1, m_errors = -1;
  std::string m_problem;
  std::atomic<bool> m_isOver = false;
  std::thread m_thread;
};

}  // namespace cubeloom
