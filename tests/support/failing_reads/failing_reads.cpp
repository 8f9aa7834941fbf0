// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded before a program (LD_PRELOAD): of all reads of files below CUBELOOM_FAIL_BELOW, the one with the number CUBELOOM_FAIL_AT (from 1)
// or, with 0, every second one, fails as CUBELOOM_FAIL_HOW says: "eio", "eintr", or "short": one byte comes of those asked for. It then
// writes to the file CUBELOOM_FAIL_DONE, so that the caller knows when all reads have had their turn.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<int> reads{0};

/// Opened before the program confines itself.
const int kDone =
    std::getenv("CUBELOOM_FAIL_DONE") != nullptr ? open(std::getenv("CUBELOOM_FAIL_DONE"), O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool isBelow(int descriptor) {
  static const char* const folder = std::getenv("CUBELOOM_FAIL_BELOW");
  if (folder == nullptr) return false;
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof(path));
  return length > 0 && std::strlen(folder) <= static_cast<std::size_t>(length) && std::memcmp(path, folder, std::strlen(folder)) == 0;
}

enum class Fault { None, Eio, Eintr, Short };

Fault faultOf(int descriptor) {
  if (!isBelow(descriptor)) return Fault::None;
  static const int at = std::atoi(std::getenv("CUBELOOM_FAIL_AT"));
  const int number = ++reads;
  if (at == 0 ? number % 2 != 0 : number != at) return Fault::None;
  if (write(kDone, "x", 1) != 1) std::abort();
  const char* how = std::getenv("CUBELOOM_FAIL_HOW");
  return std::strcmp(how, "eio") == 0 ? Fault::Eio : std::strcmp(how, "eintr") == 0 ? Fault::Eintr : Fault::Short;
}

/// Reads through `call`, which takes how many bytes.
template <class Call>
ssize_t faulty(int descriptor, std::size_t count, Call&& call) {
  const Fault fault = faultOf(descriptor);
  if (fault == Fault::None || (fault == Fault::Short && count < 2)) return call(count);
  if (fault == Fault::Short) return call(1);
  errno = fault == Fault::Eio ? EIO : EINTR;
  return -1;
}

}  // namespace

extern "C" {

ssize_t read(int descriptor, void* to, std::size_t count) {
  static const auto real = next<ssize_t (*)(int, void*, std::size_t)>("read");
  return faulty(descriptor, count, [&](std::size_t n) { return real(descriptor, to, n); });
}

ssize_t pread(int descriptor, void* to, std::size_t count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, void*, std::size_t, off_t)>("pread");
  return faulty(descriptor, count, [&](std::size_t n) { return real(descriptor, to, n, offset); });
}

ssize_t pread64(int descriptor, void* to, std::size_t count, off64_t offset) {
  static const auto real = next<ssize_t (*)(int, void*, std::size_t, off64_t)>("pread64");
  return faulty(descriptor, count, [&](std::size_t n) { return real(descriptor, to, n, offset); });
}

ssize_t preadv(int descriptor, const iovec* to, int count, off_t offset) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int, off_t)>("preadv");
  return faulty(descriptor, to->iov_len, [&](std::size_t n) {
    const iovec first{to->iov_base, n};
    return real(descriptor, n == to->iov_len ? to : &first, n == to->iov_len ? count : 1, offset);
  });
}

/// One that only looks whether pages are in memory may always say no.
ssize_t preadv2(int descriptor, const iovec* to, int count, off_t offset, int flags) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int, off_t, int)>("preadv2");
  if ((flags & RWF_NOWAIT) != 0 && isBelow(descriptor)) {
    errno = EAGAIN;
    return -1;
  }
  return real(descriptor, to, count, offset, flags);
}

/// stdio reads for itself, out of reach; it goes on where the system stops short or is interrupted, so that only an error comes through.
std::size_t fread(void* to, std::size_t size, std::size_t count, FILE* file) {
  static const auto real = next<std::size_t (*)(void*, std::size_t, std::size_t, FILE*)>("fread");
  if (faultOf(fileno(file)) != Fault::Eio) return real(to, size, count, file);
  errno = EIO;
  return 0;
}

}  // extern "C"
