// SPDX-License-Identifier: GPL-3.0-or-later
// One line on the terminal: how far the run is, how fast, how long it will take.
#pragma once

#include "engine/run/events.h"

namespace cubeloom::cli {

/// Draws to stderr while enabled.
class ProgressBar {
 public:
  explicit ProgressBar(bool enabled) : m_enabled(enabled) {}
  void show(const Snapshot& snapshot);
  /// Draws the last state and ends the line.
  void finish(const Snapshot& snapshot);

 private:
  bool m_enabled;
  bool m_drawn = false;
};

}  // namespace cubeloom::cli
