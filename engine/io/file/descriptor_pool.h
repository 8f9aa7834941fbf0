// SPDX-License-Identifier: GPL-3.0-or-later
// File descriptors when there are more files than the process may have open: the first keep theirs, the others take turns.
#pragma once

#include <cstdint>
#include <functional>

namespace cubeloom {

/// Lets the process have as many files open as its hard limit allows.
void raiseDescriptorLimit();

/// A quarter of the descriptors that readers may hold at once, by the limit of now; the rest is for libraries, outputs, pipes and the
/// desktop. So many files keep one as long as they are open, and may have a second past the system's cache; files beyond those take turns
/// with as many again; and so many rasters stay open in GDAL although nobody reads them just now.
std::int64_t descriptorShare();

/// The descriptor of a file that may be closed while nobody uses it and is opened anew when somebody does. Thread-safe.
class TurnDescriptor {
 public:
  /// `open` gives a descriptor, or -1 with errno. `descriptor` is open already.
  TurnDescriptor(int descriptor, std::function<int()> open);
  ~TurnDescriptor();
  TurnDescriptor(const TurnDescriptor&) = delete;
  TurnDescriptor& operator=(const TurnDescriptor&) = delete;

  /// Open until release(); -1 with errno where it cannot be opened.
  int acquire();
  void release();

 private:
  friend class TurnQueue;
  std::function<int()> m_open;
  int m_descriptor;
  int m_users = 0;
  TurnDescriptor *m_newer = nullptr, *m_older = nullptr;  ///< in the queue of those that are open
};

}  // namespace cubeloom
