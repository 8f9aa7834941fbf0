// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/trap.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>

namespace cubeloom::test {

Trap::Trap(const std::string& path) : m_watch(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (inotify_add_watch(m_watch, path.c_str(), IN_OPEN) < 0) std::abort();
}

Trap::~Trap() { close(m_watch); }

bool Trap::isSprung() const {
  alignas(inotify_event) std::array<std::byte, 4096> events{};
  return read(m_watch, events.data(), events.size()) > 0;
}

}  // namespace cubeloom::test
