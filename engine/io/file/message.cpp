// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/message.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace cubeloom {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

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

bool receiveAll(int socket, char* to, std::size_t bytes, int seconds) {
  while (bytes > 0) {
    pollfd waiting{socket, POLLIN, 0};
    const int ready = seconds > 0 ? ::poll(&waiting, 1, seconds * 1000) : 1;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
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

bool receiveMessage(int socket, std::string& bytes, int seconds) {
  std::uint64_t size = 0;
  if (!receiveAll(socket, reinterpret_cast<char*>(&size), sizeof(size), seconds) || size > kMostBytes) return false;
  bytes.resize(size);
  return receiveAll(socket, bytes.data(), size, seconds);
}

}  // namespace cubeloom
