// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/answer_stream.h"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "engine/base/json_text.h"

namespace cubeloom {

void AnswerStream::write(Json header, const std::byte* bytes, std::size_t count) {
  header["nbytes"] = count;
  std::string line = jsonText(header) + "\n";
  std::array<iovec, 2> rest{iovec{line.data(), line.size()}, iovec{const_cast<std::byte*>(bytes), count}};
  const std::lock_guard lock(m_mutex);
  while (rest[0].iov_len + rest[1].iov_len > 0) {
    const ssize_t written = ::writev(m_descriptor, rest.data(), 2);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd ready{m_descriptor, POLLOUT, 0};
      ::poll(&ready, 1, -1);
      continue;
    }
    if (written < 0) ::_exit(0);
    auto taken = static_cast<std::size_t>(written);
    for (iovec& part : rest) {
      const std::size_t of = std::min(taken, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + of;
      part.iov_len -= of;
      taken -= of;
    }
  }
}

}  // namespace cubeloom
