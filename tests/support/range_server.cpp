// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/range_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace cubeloom::test {
namespace {

void sendAll(int connection, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace

RangeServer::RangeServer(std::map<std::string, std::string> files) : m_files(std::move(files)) {
  m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(m_socket, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(m_socket, 64) != 0) return;
  ::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &size);
  m_port = ntohs(address.sin_port);
  m_thread = std::thread([this] { serve(); });
}

RangeServer::~RangeServer() {
  m_stop = true;
  if (m_thread.joinable()) m_thread.join();
  ::close(m_socket);
}

std::string RangeServer::url(const std::string& file) const { return "http://127.0.0.1:" + std::to_string(m_port) + file; }

void RangeServer::serve() {
  while (!m_stop) {
    pollfd waiting{m_socket, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int connection = ::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void RangeServer::answer(int connection) {
  std::string request(8192, '\0');
  std::size_t length = 0;
  while (length < request.size() && request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, request.data() + length, request.size() - length, 0);
    if (count <= 0) return;
    length += static_cast<std::size_t>(count);
  }
  ++m_requests;
  const bool isHead = request.starts_with("HEAD ");
  const std::size_t begin = request.find(' ') + 1;
  const std::string file = request.substr(begin, request.find_first_of(" ?", begin) - begin);
  const auto found = m_files.find(file);
  if (found == m_files.end()) return sendAll(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const std::string& bytes = found->second;
  std::string head = "HTTP/1.1 200 OK\r\n", body = bytes;
  if (const std::size_t range = request.find("Range: bytes="); range != std::string::npos) {
    char* end = nullptr;
    const std::size_t first = std::strtoull(request.c_str() + range + 13, &end, 10);
    const std::size_t last = std::min<std::size_t>(std::strtoull(end + 1, nullptr, 10), bytes.size() - 1);
    if (first > last) return sendAll(connection, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    body = bytes.substr(first, last - first + 1);
    head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
           std::to_string(bytes.size()) + "\r\n";
  }
  head += "Accept-Ranges: bytes\r\nContent-Type: image/tiff\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n\r\n";
  if (!isHead) m_bytes += static_cast<std::int64_t>(body.size());
  sendAll(connection, isHead ? head : head + body);
}

}  // namespace cubeloom::test
