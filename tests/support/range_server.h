// SPDX-License-Identifier: GPL-3.0-or-later
// A web server of one machine for tests: a few files, byte ranges, and a count of what it was asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

namespace cubeloom::test {

/// Listens on 127.0.0.1 at a free port until destroyed. HEAD and GET, with one range.
class RangeServer {
 public:
  /// `files`: "/a.tif" to its bytes. Others are 404.
  explicit RangeServer(std::map<std::string, std::string> files);
  ~RangeServer();
  RangeServer(const RangeServer&) = delete;
  RangeServer& operator=(const RangeServer&) = delete;

  /// "http://127.0.0.1:1234/a.tif"
  std::string url(const std::string& file) const;
  std::int64_t bytesServed() const { return m_bytes; }
  int requests() const { return m_requests; }

 private:
  void serve();
  void answer(int connection);

  std::map<std::string, std::string> m_files;
  int m_socket = -1;
  int m_port = 0;
  std::atomic<bool> m_stop{false};
  std::atomic<std::int64_t> m_bytes{0};
  std::atomic<int> m_requests{0};
  std::thread m_thread;
};

}  // namespace cubeloom::test
