// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/raw_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kAheadBytes = std::int64_t{8} << 20;
/// What reading past the cache is aligned to: pages, which every disk's blocks divide.
constexpr std::int64_t kPageBytes = 4096;

std::string reason(int number) { return std::generic_category().message(number); }

std::atomic<std::int64_t> keptDescriptors{0};

/// The planner knows what is needed next; the system's own guess reads across the lines that are skipped.
int openPlain(const char* path) {
  const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor >= 0) ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM);
  return descriptor;
}

/// As openPlain(), unless the path leads to another file by now. Its numbers may change where a network drive has come back.
int openAgain(const std::string& path, const struct stat& first) {
  const int descriptor = openPlain(path.c_str());
  struct stat facts {};
  if (descriptor < 0) return -1;
  const bool isSame = ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == first.st_size &&
                      facts.st_mtim.tv_sec == first.st_mtim.tv_sec && facts.st_mtim.tv_nsec == first.st_mtim.tv_nsec;
  if (isSame) return descriptor;
  ::close(descriptor);
  errno = ESTALE;
  return -1;
}

}  // namespace

/// The file's descriptor, open as long as this lives.
class RawFile::Use {
 public:
  explicit Use(const RawFile& file) : m_turns(file.m_turns.get()), m_number(m_turns != nullptr ? m_turns->acquire() : file.m_descriptor) {}
  ~Use() {
    if (m_turns != nullptr && m_number >= 0) m_turns->release();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  int number() const { return m_number; }

 private:
  TurnDescriptor* m_turns;
  int m_number;
};

RawFile::RawFile(std::string path, int descriptor, std::int64_t sizeBytes)
    : m_path(std::move(path)), m_descriptor(descriptor), m_sizeBytes(sizeBytes) {
  static std::atomic<std::uint64_t> next{0};
  m_serial = ++next;
}

RawFile::~RawFile() {
  if (m_descriptor >= 0) {
    ::close(m_descriptor);
    --keptDescriptors;
  }
  if (m_pastCache >= 0) ::close(m_pastCache);
}

Result<std::shared_ptr<RawFile>> RawFile::open(const std::string& path) {
  const int descriptor = openPlain(path.c_str());
  if (descriptor < 0)
    return failAt(ErrorCode::OpenFailed, path, "cannot open " + path + ": " + reason(errno), "check that it exists and may be read");
  struct stat facts {};
  const bool regular = ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
  if (!regular) {
    ::close(descriptor);
    return failAt(ErrorCode::OpenFailed, path, path + " is not a regular file");
  }
  auto file = std::shared_ptr<RawFile>(new RawFile(path, descriptor, facts.st_size));
  if (++keptDescriptors > descriptorShare()) {
    --keptDescriptors;
    file->m_descriptor = -1;
    file->m_canPassCache = false;
    file->m_turns = std::make_unique<TurnDescriptor>(descriptor, [path, facts] { return openAgain(path, facts); });
  }
  file->m_isSparse = facts.st_blocks * 512 < facts.st_size;
  return file;
}

/// Whether nothing was ever written to [offset, offset + bytes). Each thread remembers the hole it saw last: reads come close together.
bool RawFile::isHole(int descriptor, std::int64_t offset, std::int64_t bytes) const {
  struct Hole {
    std::uint64_t serial = 0;
    std::int64_t begin = 0, end = 0;
  };
  thread_local Hole last;
  if (last.serial == m_serial && offset >= last.begin && offset + bytes <= last.end) return true;
  const off_t data = ::lseek(descriptor, offset, SEEK_DATA);
  const std::int64_t end = data >= 0 ? data : errno == ENXIO ? m_sizeBytes : offset;
  if (offset + bytes > end) return false;
  last = {m_serial, offset, end};
  return true;
}

/// What is in memory already of [offset, offset + bytes), from its start; 0 when that cannot be told.
std::int64_t RawFile::readCached(int descriptor, std::byte* to, std::int64_t bytes, std::int64_t offset) const {
  if (!m_canProbe.load(std::memory_order_relaxed)) return 0;
  iovec part{to, static_cast<std::size_t>(bytes)};
  const ssize_t got = ::preadv2(descriptor, &part, 1, offset, RWF_NOWAIT);
  if (got < 0 && errno != EAGAIN && errno != EINTR) m_canProbe.store(false, std::memory_order_relaxed);
  return std::max<std::int64_t>(got, 0);
}

bool RawFile::isAtHand(std::int64_t offset) const {
  const Use use(*this);
  std::byte one{};
  return (m_isSparse && isHole(use.number(), offset, 1)) || readCached(use.number(), &one, 1, offset) > 0 ||
         !m_canProbe.load(std::memory_order_relaxed);
}

void RawFile::fetch(std::int64_t offset, std::int64_t bytes) const {
  const Use use(*this);
  ::posix_fadvise(use.number(), offset, bytes, POSIX_FADV_WILLNEED);
}

int RawFile::openPastCache() const {
  std::call_once(m_opensPastCache, [this] {
    struct stat here {
    }, there{};
    const int descriptor = ::open(m_path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return;
    const bool isSame =
        ::fstat(m_descriptor, &here) == 0 && ::fstat(descriptor, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
    if (isSame)
      m_pastCache = descriptor;
    else
      ::close(descriptor);
  });
  return m_pastCache;
}

std::optional<RawFile::Held> RawFile::readPastCache(std::byte* window, std::int64_t offset, std::int64_t end) const {
  if (end <= offset || !m_canPassCache.load(std::memory_order_relaxed)) return std::nullopt;
  if (readCached(m_descriptor, window, 1, offset) > 0 || !m_canProbe.load(std::memory_order_relaxed)) return std::nullopt;
  if (m_isSparse && isHole(m_descriptor, offset, std::min(end - offset, kWindowBytes))) return std::nullopt;
  const int descriptor = openPastCache();
  const std::int64_t begin = offset / kPageBytes * kPageBytes;
  const std::int64_t wanted = std::min((end - begin + kPageBytes - 1) / kPageBytes * kPageBytes, kWindowBytes);
  const ssize_t got = descriptor < 0 ? -1 : ::pread(descriptor, window, static_cast<std::size_t>(wanted), begin);
  const std::int64_t reached = std::min(begin + std::max<std::int64_t>(got, 0), end);
  if (got > 0 && reached > offset) return Held{window + (offset - begin), reached - offset};
  if (got >= 0 || errno != EINTR) m_canPassCache = false;
  return std::nullopt;
}

/// Puts a fresh descriptor in the place of the old one, for all threads at once; unless the path leads to a file of another size by now.
void RawFile::reopen(int descriptor) const {
  const int fresh = openPlain(m_path.c_str());
  if (fresh < 0) return;
  struct stat facts {};
  if (::fstat(fresh, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == m_sizeBytes) ::dup3(fresh, descriptor, O_CLOEXEC);
  ::close(fresh);
}

Result<void> RawFile::read(std::byte* to, std::int64_t bytes, std::int64_t offset, std::int64_t expectedEnd) const {
  const Use use(*this);
  const int descriptor = use.number();
  if (descriptor < 0) return failAt(ErrorCode::ReadFailed, m_path, "cannot open " + m_path + " again: " + reason(errno));
  if (m_isSparse && offset + bytes <= m_sizeBytes && isHole(descriptor, offset, bytes)) {
    std::memset(to, 0, static_cast<std::size_t>(bytes));
    return {};
  }
  std::int64_t done = readCached(descriptor, to, bytes, offset);
  if (done < bytes) {
    const std::int64_t ahead = std::min(expectedEnd - (offset + done), kAheadBytes);
    if (ahead > bytes - done) ::posix_fadvise(descriptor, offset + done, ahead, POSIX_FADV_WILLNEED);
  }
  while (done < bytes) {
    const ssize_t got = ::pread(descriptor, to + done, static_cast<std::size_t>(bytes - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int code = errno;
      reopen(descriptor);
      return failAt(ErrorCode::ReadFailed, m_path,
                    "reading " + m_path + " at byte " + std::to_string(offset + done) + " failed: " + reason(code));
    }
    if (got == 0) {
      reopen(descriptor);
      return failAt(ErrorCode::ReadFailed, m_path,
                    m_path + " ends at byte " + std::to_string(offset + done) + ", but " + std::to_string(bytes - done) +
                        " more bytes are needed there",
                    "the file was changed after it was opened: open it again");
    }
    done += got;
  }
  return {};
}

}  // namespace cubeloom
