// SPDX-License-Identifier: GPL-3.0-or-later
// A file that nobody may open, and that knows when somebody has.
#pragma once

#include <string>

namespace cubeloom::test {

class Trap {
 public:
  /// Set on an existing file or pipe.
  explicit Trap(const std::string& path);
  ~Trap();
  Trap(const Trap&) = delete;
  Trap& operator=(const Trap&) = delete;

  /// Whether any process has opened it since the last call.
  bool isSprung() const;

 private:
  int m_watch = -1;
};

}  // namespace cubeloom::test
