// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cluster/scheduler_port.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr const char* kRemedy = "is the scheduler running, and is the address right?";

/// 0: it answers; else the system's number for why it does not.
int connectTo(const addrinfo& place, double seconds) {
  const int end = ::socket(place.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (end < 0) return errno;
  int error = ::connect(end, place.ai_addr, place.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{end, POLLOUT, 0};
    socklen_t size = sizeof error;
    if (::poll(&waiting, 1, static_cast<int>(seconds * 1000)) <= 0)
      error = ETIMEDOUT;
    else if (::getsockopt(end, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = errno;
  }
  ::close(end);
  return error;
}

}  // namespace

Result<void> knockAt(const std::string& address, double seconds) {
  const bool isKnown = address.starts_with("tcp://") || address.starts_with("tls://");
  const std::size_t colon = address.rfind(':');
  const auto port = isKnown && colon > 5 ? parseInteger(address.substr(colon + 1)) : std::nullopt;
  if (!port || *port < 1 || *port > 65535)
    return fail(ErrorCode::InvalidParameter, address + " is no address of a Dask scheduler",
                "write tcp://HOST:PORT or tls://HOST:PORT, as the scheduler prints it");
  std::string host = address.substr(6, colon - 6);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  if (const int problem = ::getaddrinfo(host.c_str(), std::to_string(*port).c_str(), &wanted, &found); problem != 0)
    return fail(ErrorCode::OpenFailed, "nobody answers at " + address + ": there is no host " + host + " in this network",
                "is the name right, and is there a network? " + std::string(::gai_strerror(problem)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  int error = ENOENT;
  for (const addrinfo* one = found; one && error != 0; one = one->ai_next) error = connectTo(*one, seconds);
  if (error == 0) return {};
  std::string why = error == ETIMEDOUT ? "no answer within " + formatSignificant(seconds, 2) + " s" : std::string(std::strerror(error));
  why.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(why.front())));
  return fail(ErrorCode::OpenFailed, "nobody answers at " + address + ": " + why, kRemedy);
}

}  // namespace cubeloom
