// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/read_resources.h"

#include <algorithm>

#include "engine/base/guard.h"

namespace cubeloom {

namespace {

constexpr double kPoolBytes = 256.0 * 1024 * 1024;  // kept for the next read

}  // namespace

ReadResources::ReadResources(int workers, double budgetBytes) : m_workers(workers), m_memory(budgetBytes) {
  m_pool.setRoom(static_cast<std::int64_t>(std::min(kPoolBytes, budgetBytes / 4)));
}

Workers* ReadResources::helpers() {
  std::call_once(m_isGrown, [this] { m_hasHelpers = guarded([this] { return m_helpers.grow(m_workers); }).has_value(); });
  return m_hasHelpers ? &m_helpers : nullptr;
}

}  // namespace cubeloom
