// SPDX-License-Identifier: GPL-3.0-or-later
// The other process: answers for GDAL about the files of one folder, confined to it.
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "engine/base/guard.h"
#include "engine/base/system.h"
#include "engine/io/file/confined_process.h"
#include "engine/io/file/descriptor_pool.h"
#include "engine/io/gdal/gdal_drivers.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/gdal_wire.h"

namespace cubeloom {
namespace {

constexpr double kMostMemory = 16.0 * 1024 * 1024 * 1024;

class Server {
 public:
  explicit Server(const GdalService& gdal) : m_gdal(gdal) {}

  /// Until the other side lets go.
  void serve(int socket, std::byte* shared) {
    std::string bytes;
    while (receiveMessage(socket, bytes)) {
      GdalQuestion question;
      Unpacker unpack(bytes);
      unpack(question);
      Packer pack;
      if (unpack.isWhole()) {
        // Memory that cannot be had is an answer, too.
        if (const auto done = guarded([&] { answer(question, shared, pack); }); !done) refuse(pack, done.error().message);
      }
      if (!sendMessage(socket, pack.bytes())) break;
    }
    ::munmap(shared, kWireBytes);
    ::close(socket);
  }

 private:
  static void refuse(Packer& pack, std::string words) {
    pack = Packer();
    bool isAnswered = false;
    pack(isAnswered, words);
  }
  template <class T>
  static void give(Packer& pack, T& value) {
    bool isAnswered = true;
    pack(isAnswered, value);
  }

  void answer(const GdalQuestion& question, std::byte* shared, Packer& pack) {
    if (question.verb == GdalVerb::Open) return open(question, pack);
    const std::shared_ptr<GdalFile> file = known(question.file);
    if (file == nullptr) return refuse(pack, "there is no such file");
    bool done = true;
    if (question.verb == GdalVerb::Close) {
      const std::lock_guard lock(m_mutex);
      m_files.erase(question.file);
      return give(pack, done);
    }
    if (question.verb == GdalVerb::Describe) {
      auto facts = m_gdal.describe(*file);
      return facts ? give(pack, *facts) : refuse(pack, facts.error());
    }
    std::byte* to = shared;
    std::vector<GdalWindow> windows;
    for (const GdalWirePart& part : question.parts) {
      const std::int64_t bytes = part.rows * part.cols * static_cast<std::int64_t>(pixelTypeBytes(part.type));
      if (to + bytes > shared + kWireBytes) return refuse(pack, "too much at once");
      windows.push_back({part.band, part.isOfMask, part.row, part.col, part.rows, part.cols, part.type, to, 0, 0});
      to += bytes;
    }
    if (const auto read = m_gdal.read(*file, windows); !read) return refuse(pack, read.error());
    give(pack, done);
  }

  void open(const GdalQuestion& question, Packer& pack) {
    const std::vector<std::string> always = rasterDrivers();
    if (auto admitted = allowedDrivers(m_gdal, {}); !admitted) return refuse(pack, admitted.error().message);
    for (const std::string& driver : question.drivers)
      if (std::find(always.begin(), always.end(), driver) == always.end())
        if (auto admitted = allowedDrivers(m_gdal, driver); !admitted) return refuse(pack, admitted.error().message);
    auto file = m_gdal.open(question.path, question.drivers);
    if (!file) return refuse(pack, file.error());
    GdalWireFile told{0, file->driver, file->typeName, file->bands, file->rows, file->cols};
    {
      const std::lock_guard lock(m_mutex);
      told.file = ++m_last;
      m_files[told.file] = std::make_shared<GdalFile>(std::move(*file));
    }
    give(pack, told);
  }

  std::shared_ptr<GdalFile> known(std::int64_t number) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_files.find(number);
    return found != m_files.end() ? found->second : nullptr;
  }

  const GdalService& m_gdal;
  std::mutex m_mutex;
  std::map<std::int64_t, std::shared_ptr<GdalFile>> m_files;
  std::int64_t m_last = 0;
};

/// A channel: a socket and memory to share. False: nobody asks any more.
bool nextChannel(int& socket, int& memory) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char room[CMSG_SPACE(2 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof(room);
  ssize_t got = 0;
  while ((got = ::recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* rights = CMSG_FIRSTHDR(&message);
  if (got != 1 || rights == nullptr || rights->cmsg_len != CMSG_LEN(2 * sizeof(int))) return false;
  int both[2];
  std::memcpy(both, CMSG_DATA(rights), sizeof(both));
  socket = both[0];
  memory = both[1];
  return true;
}

}  // namespace

int serveGdalReader(const std::string& folder) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  raiseDescriptorLimit();
  const auto gdal = gdalService(ErrorCode::OpenFailed);
  if (!gdal) {
    const char cannot = 'n';
    ::send(STDIN_FILENO, &cannot, 1, MSG_NOSIGNAL);
    sendMessage(STDIN_FILENO, gdal.error().message + " (" + gdal.error().hint + ")");
    return 2;
  }
  if (!allowedDrivers(**gdal, {})) return 2;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr double kMemory = 0;  // a sanitizer's shadow is all of it
#else
  constexpr double kMemory = kMostMemory;
#endif
  confineThisProcess({folder}, kMemory);
  const char ready = 'r';
  if (::send(STDIN_FILENO, &ready, 1, MSG_NOSIGNAL) != 1) return 2;
  static Server server(**gdal);
  for (int socket = -1, memory = -1; nextChannel(socket, memory);) {
    void* shared = ::mmap(nullptr, kWireBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    ::close(memory);
    if (shared == MAP_FAILED) break;
    std::thread([socket, shared] { server.serve(socket, static_cast<std::byte*>(shared)); }).detach();
  }
  ::_exit(0);
}

}  // namespace cubeloom
