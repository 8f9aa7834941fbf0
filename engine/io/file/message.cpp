// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/message.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>

namespace cubeloom {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;
constexpr std::chrono::milliseconds kLookForCancel{20}, kGrace{150};

bool sendAll(int socket, const char* from, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t sent = ::send(socket, from, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    from += sent;
    bytes -= static_cast<std::size_t>(sent);
  }
  return true;
}

using Clock = std::chrono::steady_clock;

/// Whether something comes within `seconds`. Who cancels does not wait for them; what is nearly there is taken all the same, since an
/// answer that is not taken costs the process that gives it.
bool comesWithin(int socket, int seconds, const CancelToken* cancel) {
  const Clock::time_point start = Clock::now();
  std::optional<Clock::time_point> canceled;
  while (true) {
    if (cancel != nullptr && !canceled && cancel->isCanceled()) canceled = Clock::now();
    const Clock::time_point end = canceled ? *canceled + kGrace : start + std::chrono::seconds(seconds);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    const auto step = cancel == nullptr ? left : std::min(left, kLookForCancel);
    pollfd waiting{socket, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(step.count(), 0)));
    if (ready > 0) return true;
    if ((ready < 0 && errno != EINTR) || left.count() <= 0) return false;
  }
}

bool receiveAll(int socket, char* to, std::size_t bytes, int seconds, const CancelToken* cancel) {
  while (bytes > 0) {
    if (seconds > 0 && !comesWithin(socket, seconds, cancel)) return false;
    const ssize_t got = ::recv(socket, to, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool sendMessage(int socket, const std::string& bytes) {
  const std::uint64_t size = bytes.size();
  std::string whole(reinterpret_cast<const char*>(&size), sizeof(size));
  whole += bytes;
  return size <= kMostBytes && sendAll(socket, whole.data(), whole.size());
}

bool receiveMessage(int socket, std::string& bytes, int seconds, const CancelToken* cancel) {
  std::uint64_t size = 0;
  if (!receiveAll(socket, reinterpret_cast<char*>(&size), sizeof(size), seconds, cancel) || size > kMostBytes) return false;
  bytes.resize(size);
  return receiveAll(socket, bytes.data(), size, seconds, cancel);
}

}  // namespace cubeloom
