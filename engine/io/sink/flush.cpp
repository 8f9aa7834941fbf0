// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/flush.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>

namespace cubeloom {
namespace {

/// A disk takes it in less time than people notice.
constexpr std::int64_t kPieceBytes = std::int64_t{4} << 20;

int sendRange(int descriptor, std::int64_t offset, unsigned int flags) {
  while (::sync_file_range(descriptor, offset, kPieceBytes, flags) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

bool cannot(int code) { return code == EINVAL || code == ENOSYS || code == ESPIPE || code == EOPNOTSUPP; }

std::int64_t regularBytes(int descriptor) {
  struct stat facts {};
  return ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) ? facts.st_size : -1;
}

}  // namespace

int flushInPieces(int descriptor, const std::function<bool()>& givesUp) {
  constexpr unsigned int kBegin = SYNC_FILE_RANGE_WRITE, kWait = SYNC_FILE_RANGE_WAIT_BEFORE | kBegin | SYNC_FILE_RANGE_WAIT_AFTER;
  const std::int64_t end = regularBytes(descriptor);
  if (end < 0) return 0;
  // One is under way while the one before is waited for.
  for (std::int64_t at = 0; at < end + kPieceBytes; at += kPieceBytes) {
    if (givesUp()) return ECANCELED;
    int code = at < end ? sendRange(descriptor, at, kBegin) : 0;
    if (code == 0 && at > 0) code = sendRange(descriptor, at - kPieceBytes, kWait);
    if (code != 0) return cannot(code) ? 0 : code;
  }
  return 0;
}

void beginFlushInPieces(int descriptor, const std::function<bool()>& givesUp) {
  const std::int64_t end = regularBytes(descriptor);
  for (std::int64_t at = 0; at < end && !givesUp() && sendRange(descriptor, at, SYNC_FILE_RANGE_WRITE) == 0; at += kPieceBytes) {
  }
}

}  // namespace cubeloom
