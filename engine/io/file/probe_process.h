// SPDX-License-Identifier: GPL-3.0-or-later
// Looks into a file in another process first, where a library trusts what a damaged or hostile file says: then that process ends, not the
// program. It is a program of ours that is started anew, never a copy of this process, whose other threads may hold any lock.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// The program to start as `PROGRAM --probe KIND`. Unless it is set: the cubeloom-cli that lies beside the running program. Thread-safe.
void setProbeProgram(const std::string& path);
std::string probeProgram();

/// The other side of ProbeProcess: the whole of `PROGRAM --probe KIND`. Asked on its standard input, it looks into one file after the
/// other and answers each, until nobody has asked for a while or can ask any more. Does not return to what was before: an exit code.
int serveProbe(const std::function<void(const std::string& path)>& look);

/// Asks one process for one file after the other; starts it when there is none. One thread at a time.
class ProbeProcess {
 public:
  /// `seconds`: how long one file may take; a slow disk may take its time, but not for ever.
  explicit ProbeProcess(std::string kind, int seconds = 30) : m_kind(std::move(kind)), m_seconds(seconds) {}
  ~ProbeProcess() { end(); }
  ProbeProcess(const ProbeProcess&) = delete;
  ProbeProcess& operator=(const ProbeProcess&) = delete;

  /// `library` is named in errors. OpenFailed: looking into the file ended the process or took too long; there is no probe program,
  /// or it is none.
  Result<void> look(const std::string& path, const std::string& library);

 private:
  enum class Fate { Passed, Died, Busy };
  bool isRunning() const;
  Result<void> start(const std::string& path);
  Fate ask(const std::string& path) const;
  void end();

  std::string m_kind;
  int m_seconds;
  pid_t m_process = -1, m_owner = -1;
  int m_socket = -1;
};

}  // namespace cubeloom
