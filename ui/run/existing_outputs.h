// SPDX-License-Identifier: GPL-3.0-or-later
// Which outputs of a chain are there already, and which of those this program wrote itself: those may be replaced without asking.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ui/run/session.h"

namespace cubeloom {

/// Files as their runs left them.
class WrittenFiles {
 public:
  void remember(const std::string& path);
  /// True while the file at `path` has the size and time it was left with.
  bool isUntouched(const std::string& path) const;

 private:
  using Stamp = std::pair<std::int64_t, std::int64_t>;  ///< bytes, ns
  static Stamp stampOf(const std::string& path);
  std::map<std::string, Stamp> m_stamps;
};

/// Reads the file system: not on the GUI thread.
std::vector<ExistingOutput> existingOutputs(const Graph& graph, const WrittenFiles& written);

/// The name of `path` with "-2", "-3"... before its suffix, the first that is not taken in its folder.
std::string freeName(const std::string& path);

}  // namespace cubeloom
