// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/gdal_reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <list>
#include <map>
#include <mutex>

#include "engine/array/strided_copy.h"
#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/file/own_program.h"
#include "engine/io/file/probe_process.h"
#include "engine/io/gdal/gdal_wire.h"

extern char** environ;

namespace cubeloom {
namespace {

constexpr int kOpenSeconds = 30, kReadSeconds = 600;
/// Processes that stay although none of their files is open.
constexpr std::size_t kMostIdle = 4;

/// A socket and the memory that pixels come through. Used by one thread at a time.
struct Channel {
  int socket = -1;
  std::byte* shared = nullptr;
  ~Channel() {
    if (shared != nullptr) ::munmap(shared, kWireBytes);
    if (socket >= 0) ::close(socket);
  }
};

/// One process. Thread-safe.
class Reader {
 public:
  static GdalAnswer<std::shared_ptr<Reader>> start(const std::string& folder) {
    std::vector<char*> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
    environment.push_back(nullptr);
    auto started = startProgram({probeProgram(), "--reader", "gdal", folder}, std::move(environment));
    if (!started) return tl::unexpected(std::move(started.error()));
    std::shared_ptr<Reader> reader(new Reader(*started));
    const auto state = answerWithin(started->socket, kOpenSeconds);
    if (std::string why; state == 'n' && receiveMessage(started->socket, why, kOpenSeconds)) return tl::unexpected(why);
    if (state != 'r')
      return tl::unexpected(probeProgram() + " does not read: keep cubeloom-cli of this version and GDAL's library where they belong");
    return reader;
  }
  ~Reader() {
    m_free.clear();
    ::close(m_program.socket);
    ::kill(m_program.process, SIGKILL);
    int status = 0;
    while (::waitpid(m_program.process, &status, 0) < 0 && errno == EINTR) {
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool isGone() const {
    const std::lock_guard lock(m_mutex);
    return m_isGone;
  }

  /// What `take` makes of the answer, on the channel that it came through.
  template <class T, class Take>
  GdalAnswer<T> ask(GdalQuestion& question, int seconds, Take take) {
    auto channel = borrow();
    if (!channel) return tl::unexpected(lost());
    Packer pack;
    pack(question);
    std::string bytes;
    if (!sendMessage((*channel)->socket, pack.bytes()) || !receiveMessage((*channel)->socket, bytes, seconds)) return tl::unexpected(end());
    Unpacker unpack(bytes);
    bool isAnswered = false;
    unpack(isAnswered);
    GdalAnswer<T> answer = tl::unexpected(std::string());
    if (isAnswered) {
      answer = take(unpack, **channel);
    } else {
      unpack(answer.error());
    }
    if (!unpack.isWhole()) return tl::unexpected(end());
    const std::lock_guard lock(m_mutex);
    m_free.push_back(std::move(*channel));
    return answer;
  }

 private:
  explicit Reader(StartedProgram program) : m_program(program) {}

  static std::string lost() { return "the process that reads it has ended: the file is damaged, or too much memory was asked for"; }

  /// Ends a process that has gone, does not answer, or answers nonsense.
  std::string end() {
    const std::lock_guard lock(m_mutex);
    m_isGone = true;
    m_free.clear();
    // One that is still there was kept busy.
    siginfo_t info{};
    const bool isBusy = ::waitid(P_PID, static_cast<id_t>(m_program.process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
    ::kill(m_program.process, SIGKILL);
    return isBusy ? "it keeps GDAL busy for too long: it is damaged, or its disk is slow" : lost();
  }

  std::optional<std::unique_ptr<Channel>> borrow() {
    const std::lock_guard lock(m_mutex);
    if (m_isGone) return std::nullopt;
    if (!m_free.empty()) {
      auto channel = std::move(m_free.back());
      m_free.pop_back();
      return channel;
    }
    return make();
  }

  std::optional<std::unique_ptr<Channel>> make() const {
    auto channel = std::make_unique<Channel>();
    const int memory = ::memfd_create("cubeloom-pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int ends[2] = {-1, -1};
    // Sealed: were it cut short by the other side, touching it here would be SIGBUS.
    bool isMade = memory >= 0 && ::ftruncate(memory, kWireBytes) == 0 &&
                  ::fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 &&
                  ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
    if (isMade) {
      channel->socket = ends[0];
      void* shared = ::mmap(nullptr, kWireBytes, PROT_READ, MAP_SHARED, memory, 0);
      if (shared != MAP_FAILED) channel->shared = static_cast<std::byte*>(shared);
      isMade = channel->shared != nullptr && handOver(ends[1], memory);
    }
    if (ends[1] >= 0) ::close(ends[1]);
    if (memory >= 0) ::close(memory);
    if (!isMade) return std::nullopt;
    return channel;
  }

  bool handOver(int socket, int memory) const {
    char byte = 'c';
    iovec data{&byte, 1};
    alignas(cmsghdr) char room[CMSG_SPACE(2 * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof(room);
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(2 * sizeof(int));
    const int both[2] = {socket, memory};
    std::memcpy(CMSG_DATA(rights), both, sizeof(both));
    return ::sendmsg(m_program.socket, &message, MSG_NOSIGNAL) == 1;
  }

  StartedProgram m_program;
  mutable std::mutex m_mutex;
  bool m_isGone = false;
  std::vector<std::unique_ptr<Channel>> m_free;
};

/// What a handle stands for here. Used by one thread at a time.
struct RemoteFile {
  std::string path;
  std::vector<std::string> drivers;
  std::shared_ptr<Reader> reader;
  std::int64_t number;
};

/// A folder as it stands there now: the process is kept to this very one, not to what later has its name.
std::string placeOf(const std::string& folder) {
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) return folder;
  return folder + "\n" + std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

/// The readers by folder; the last used stay for a while.
class Readers {
 public:
  GdalAnswer<std::shared_ptr<Reader>> of(const std::string& folder) {
    const std::lock_guard lock(m_mutex);
    const std::string place = placeOf(folder);
    if (const auto found = m_all.find(place); found != m_all.end())
      if (auto reader = found->second.lock(); reader && !reader->isGone()) {
        keep(reader);
        return reader;
      }
    auto reader = Reader::start(folder);
    if (!reader) return reader;
    std::erase_if(m_all, [](const auto& item) { return item.second.expired(); });
    m_all[place] = *reader;
    keep(*reader);
    return reader;
  }

 private:
  void keep(const std::shared_ptr<Reader>& reader) {
    std::erase(m_kept, reader);
    m_kept.push_back(reader);
    if (m_kept.size() > kMostIdle) m_kept.erase(m_kept.begin());
  }

  std::mutex m_mutex;
  std::map<std::string, std::weak_ptr<Reader>> m_all;  ///< by the place of their folder
  std::vector<std::shared_ptr<Reader>> m_kept;
};

Readers& readers() {
  static Readers all;
  return all;
}

RemoteFile& remote(const GdalFile& file) { return *static_cast<RemoteFile*>(file.handle.get()); }

void closeRemote(void* handle) {
  const std::unique_ptr<RemoteFile> file(static_cast<RemoteFile*>(handle));
  GdalQuestion question{.verb = GdalVerb::Close, .file = file->number};
  // What cannot be closed ends with its process.
  static_cast<void>(guarded([&] {
    static_cast<void>(file->reader->ask<bool>(question, kOpenSeconds, [](Unpacker& unpack, const Channel&) {
      bool done = false;
      unpack(done);
      return done;
    }));
  }));
}

/// "/vsizip/{/data/x.zip}/a.tif", "HDF4_EOS:EOS_GRID:\"/data/x.hdf\":grid:field", "HDF4_SDS:UNKNOWN:/data/x.hdf:0" -> "/data"
std::string folderOf(const std::string& path) {
  std::string file = path;
  if (const std::size_t quote = path.find('"'), end = path.find('"', quote + 1); path.front() != '/' && end != std::string::npos)
    file = path.substr(quote + 1, end - quote - 1);
  else if (const std::size_t begin = path.find(":/"); path.front() != '/' && begin != std::string::npos)
    file = path.substr(begin + 1, path.find(':', begin + 1) - begin - 1);
  if (file.starts_with("/vsi")) {
    file = file.substr(file.find('/', 1) + 1);
    if (file.starts_with('{')) file = file.substr(1, file.find('}') - 1);
  }
  const std::size_t slash = file.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : file.substr(0, slash);
}

GdalAnswer<> admitDrivers(const GdalDriverRequest& /*request*/) { return {}; }  // the other process has its own

GdalAnswer<GdalWireFile> openIn(Reader& reader, const std::string& path, const std::vector<std::string>& drivers) {
  GdalQuestion question{.verb = GdalVerb::Open, .path = path, .drivers = drivers};
  return reader.ask<GdalWireFile>(question, kOpenSeconds, [](Unpacker& unpack, const Channel&) {
    GdalWireFile file;
    unpack(file);
    return file;
  });
}

GdalAnswer<GdalFile> open(const std::string& path, const std::vector<std::string>& drivers) {
  auto reader = readers().of(folderOf(path));
  if (!reader) return tl::unexpected(std::move(reader.error()));
  auto told = openIn(**reader, path, drivers);
  if (!told) return tl::unexpected(std::move(told.error()));
  return GdalFile{GdalHandle(new RemoteFile{path, drivers, *reader, told->file}, closeRemote),
                  path,
                  told->driver,
                  told->bands,
                  told->rows,
                  told->cols,
                  told->typeName};
}

GdalAnswer<GdalFacts> describe(const GdalFile& file) {
  GdalQuestion question{.verb = GdalVerb::Describe, .file = remote(file).number};
  return remote(file).reader->ask<GdalFacts>(question, kOpenSeconds, [](Unpacker& unpack, const Channel&) {
    GdalFacts facts;
    unpack(facts);
    if (facts.type && *facts.type > PixelType::Complex128) facts.type.reset();
    return facts;
  });
}

/// The windows in pieces that the shared memory holds, several small ones at once.
class Transfer {
 public:
  explicit Transfer(const GdalFile& file) : m_file(file) { m_question.file = remote(file).number; }

  GdalAnswer<> add(const GdalWindow& window) {
    const auto pixelBytes = static_cast<std::int64_t>(pixelTypeBytes(window.type));
    const std::int64_t colsAtOnce = std::min(window.cols, kWireBytes / pixelBytes);
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, kWireBytes / (colsAtOnce * pixelBytes));
    const std::int64_t colStep = window.colStep != 0 ? window.colStep : pixelBytes;
    const std::int64_t rowStep = window.rowStep != 0 ? window.rowStep : window.cols * colStep;
    for (std::int64_t row = 0; row < window.rows; row += rowsAtOnce)
      for (std::int64_t col = 0; col < window.cols; col += colsAtOnce) {
        const std::int64_t rows = std::min(rowsAtOnce, window.rows - row), cols = std::min(colsAtOnce, window.cols - col);
        if (m_bytes + rows * cols * pixelBytes > kWireBytes)
          if (auto done = flush(); !done) return done;
        m_question.parts.push_back({window.band, window.isOfMask, window.row + row, window.col + col, rows, cols, window.type});
        m_places.push_back({window.to + row * rowStep + col * colStep, rowStep, colStep});
        m_bytes += rows * cols * pixelBytes;
      }
    return {};
  }

  GdalAnswer<> flush() {
    if (m_question.parts.empty()) return {};
    m_question.verb = GdalVerb::Read;
    const auto done = remote(m_file).reader->ask<bool>(m_question, kReadSeconds, [this](Unpacker& unpack, const Channel& channel) {
      bool isRead = false;
      unpack(isRead);
      place(channel.shared);
      return isRead;
    });
    m_question.parts.clear();
    m_places.clear();
    m_bytes = 0;
    if (!done) return tl::unexpected(done.error());
    return {};
  }

 private:
  struct Place {
    std::byte* to;
    std::int64_t rowStep, colStep;
  };

  void place(const std::byte* from) const {
    for (std::size_t i = 0; i < m_places.size(); ++i) {
      const GdalWirePart& part = m_question.parts[i];
      const auto pixelBytes = static_cast<std::int64_t>(pixelTypeBytes(part.type));
      StridedCopy{pixelTypeBytes(part.type), 0}.plane(from, part.cols * pixelBytes, pixelBytes, m_places[i].to, m_places[i].rowStep,
                                                      m_places[i].colStep, part.rows, part.cols);
      from += part.rows * part.cols * pixelBytes;
    }
  }

  const GdalFile& m_file;
  GdalQuestion m_question;
  std::vector<Place> m_places;
  std::int64_t m_bytes = 0;
};

GdalAnswer<> readOnce(const GdalFile& file, const std::vector<GdalWindow>& windows) {
  Transfer transfer(file);
  for (const GdalWindow& window : windows)
    if (auto done = transfer.add(window); !done) return done;
  return transfer.flush();
}

/// Opens it in a process of its folder that lives.
GdalAnswer<> openAgain(RemoteFile& file) {
  auto reader = readers().of(folderOf(file.path));
  if (!reader) return tl::unexpected(std::move(reader.error()));
  auto told = openIn(**reader, file.path, file.drivers);
  if (!told) return tl::unexpected(std::move(told.error()));
  file.reader = *reader;
  file.number = told->file;
  return {};
}

/// The process may have ended over another file of the folder: only a second end speaks against this one.
GdalAnswer<> read(const GdalFile& file, const std::vector<GdalWindow>& windows) {
  RemoteFile& it = remote(file);
  if (!it.reader->isGone()) {
    auto done = readOnce(file, windows);
    if (done || !it.reader->isGone()) return done;
  }
  if (auto opened = openAgain(it); !opened) return opened;
  return readOnce(file, windows);
}

}  // namespace

const GdalService& gdalReaders() {
  static constexpr GdalService kService{.admitDrivers = admitDrivers,
                                        .admitSinkDrivers = nullptr,
                                        .open = open,
                                        .describe = describe,
                                        .read = read,
                                        .makeTransformer = nullptr,
                                        .suggestGrid = nullptr,
                                        .transform = nullptr,
                                        .makeHeader = nullptr,
                                        .writePng = nullptr};
  return kService;
}

}  // namespace cubeloom
