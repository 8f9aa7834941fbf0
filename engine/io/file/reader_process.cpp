// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/reader_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/background.h"
#include "engine/base/guard.h"
#include "engine/io/file/confined_process.h"
#include "engine/io/file/own_program.h"

namespace cubeloom {
namespace {

constexpr int kStartSeconds = 30;
constexpr double kBytesPerSecond = 20e6;
constexpr std::size_t kMostIdle = 4;

thread_local const CancelToken* asksFor = nullptr;

/// A socket and the memory that pixels come through. Used by one thread at a time.
struct Channel {
  int socket = -1;
  std::byte* shared = nullptr;
  ~Channel() {
    if (shared != nullptr) ::munmap(shared, kChannelBytes);
    if (socket >= 0) ::close(socket);
  }
};

/// Ended processes whose end has not been taken note of: one that waits for a dead disk ends when it pleases.
class Ended {
 public:
  void add(pid_t process) {
    ::kill(process, SIGKILL);
    const std::lock_guard lock(m_mutex);
    m_processes.push_back(process);
    std::erase_if(m_processes, [](pid_t one) {
      int status = 0;
      return ::waitpid(one, &status, WNOHANG) != 0;
    });
  }

 private:
  std::mutex m_mutex;
  std::vector<pid_t> m_processes;
};

Ended& ended() {
  static Ended all;
  return all;
}

/// Processes that run, so that they can be ended while others wait for them.
class Running {
 public:
  /// False: the program ends, and with it `process`.
  bool add(pid_t process) {
    const std::lock_guard lock(m_mutex);
    if (isOver()) {
      ::kill(process, SIGKILL);
      return false;
    }
    m_processes.insert(process);
    return true;
  }
  void remove(pid_t process) {
    const std::lock_guard lock(m_mutex);
    m_processes.erase(process);
  }
  void endAll() {
    const std::lock_guard lock(m_mutex);
    m_end.cancel();
    for (const pid_t process : m_processes) ::kill(process, SIGKILL);
  }
  bool isOver() const { return m_end.isCanceled(); }
  const CancelToken& end() const { return m_end; }

 private:
  std::mutex m_mutex;
  std::set<pid_t> m_processes;
  CancelToken m_end;  ///< of the program
};

Running& running() {
  static Running all;
  return all;
}

std::atomic<bool>& hasStarted() {
  static std::atomic<bool> isSo{false};
  return isSo;
}

class Reader final : public ReaderProcess {
 public:
  static ReaderAnswer<std::shared_ptr<Reader>> start(const ReaderKind& kind, const std::set<std::string>& folders) {
    std::vector<std::string> words{ownProgram(), "--reader", kind.verb};
    words.insert(words.end(), folders.begin(), folders.end());
    hasStarted() = true;
    const auto started = startProgram(words);
    if (!started) return tl::unexpected(started.error());
    std::shared_ptr<Reader> reader(new Reader(kind.reads, *started));
    if (!running().add(started->process)) return tl::unexpected(std::string("canceled"));
    const auto state = answerWithin(started->socket, kStartSeconds);
    if (std::string why; state == 'n' && receiveMessage(started->socket, why, kStartSeconds)) return tl::unexpected(why);
    if (state != 'r')
      return tl::unexpected(words.front() + " does not read: keep cubeloom-cli of this version and the library of " + kind.reads +
                            " where they belong");
    return reader;
  }
  ~Reader() override {
    m_free.clear();
    ::close(m_program.socket);
    running().remove(m_program.process);
    if (!m_death) ended().add(m_program.process);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool isGone() const override {
    const std::lock_guard lock(m_mutex);
    return m_isGone;
  }

  bool wasBusy() const override {
    const std::lock_guard lock(m_mutex);
    return m_wasBusy;
  }

  /// It answers what it was asked and is asked no more.
  void retire() {
    const std::lock_guard lock(m_mutex);
    m_isGone = true;
    m_free.clear();
    if (m_borrowed == 0) end();
  }

 private:
  Reader(std::string library, StartedProgram program) : m_library(std::move(library)), m_program(program) {}

  /// Under the lock. Its number is another's once its end was taken note of.
  void end() const {
    if (!m_death) ::kill(m_program.process, SIGKILL);
  }

  /// Under the lock. The manner of its death, if it is dying or dead.
  void takeNoteOfDeath() {
    constexpr int kMostTries = 50;
    for (int i = 0; i < kMostTries && !m_death; ++i) {
      int status = 0;
      if (::waitpid(m_program.process, &status, WNOHANG) == m_program.process) {
        running().remove(m_program.process);
        m_death = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      } else {
        ::poll(nullptr, 0, 1);
      }
    }
  }

  /// Under the lock.
  std::string lost() const {
    if (running().isOver()) return "canceled";
    if (m_death == SIGXCPU)
      return "the process that reads it has ended: one answer took more than the " + std::to_string(kMostProcessorSeconds) +
             " s of processor time that it may (RLIMIT_CPU); the file is damaged, or its blocks are too large";
    return "the process that reads it has ended: the file is damaged, or it asked for more memory than the " + m_library +
           " reader may have (RLIMIT_AS)";
  }

  ReaderAnswer<> exchange(const std::string& question, int seconds, const Take& take) override {
    auto channel = borrow();
    if (!channel) {
      const std::lock_guard lock(m_mutex);
      return tl::unexpected(lost());
    }
    std::string bytes;
    const bool isAnswered = sendMessage(channel->socket, question) &&
                            receiveMessage(channel->socket, bytes, seconds, asksFor != nullptr ? asksFor : &running().end());
    bool isWhole = false;
    if (isAnswered) {
      Unpacker unpack(bytes);
      take(unpack, channel->shared);
      isWhole = unpack.isWhole();
    }
    // One that is still there was kept busy.
    pollfd other{channel->socket, 0, 0};
    const bool isThere = ::poll(&other, 1, 0) == 0;
    return giveBack(std::move(channel), isWhole, !isAnswered && isThere && !GivesUpAsking::hasGivenUp());
  }

  ReaderAnswer<> giveBack(std::unique_ptr<Channel> channel, bool isWhole, bool isBusy) {
    const std::lock_guard lock(m_mutex);
    --m_borrowed;
    if (isWhole) {
      if (!m_isGone) {
        m_free.push_back(std::move(channel));
      } else if (m_borrowed == 0) {
        end();
      }
      return {};
    }
    m_isGone = true;
    m_free.clear();
    if (!isBusy && !GivesUpAsking::hasGivenUp()) takeNoteOfDeath();
    // Once busy, always busy: the exchanges that were waiting find its end, which is our own doing.
    m_wasBusy = m_wasBusy || isBusy;
    end();
    return tl::unexpected(m_wasBusy ? "it keeps " + m_library + " busy for too long: it is damaged, or its disk is slow" : lost());
  }

  /// Null: there is none to be had.
  std::unique_ptr<Channel> borrow() {
    const std::lock_guard lock(m_mutex);
    if (m_isGone) return nullptr;
    std::unique_ptr<Channel> channel;
    if (m_free.empty()) {
      channel = make();
    } else {
      channel = std::move(m_free.back());
      m_free.pop_back();
    }
    if (channel) ++m_borrowed;
    return channel;
  }

  std::unique_ptr<Channel> make() const {
    auto channel = std::make_unique<Channel>();
    const int memory = ::memfd_create("cubeloom-pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int ends[2] = {-1, -1};
    // Sealed: were it cut short by the other side, touching it here would be SIGBUS.
    bool isMade = memory >= 0 && ::ftruncate(memory, kChannelBytes) == 0 &&
                  ::fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 &&
                  ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
    if (isMade) {
      channel->socket = ends[0];
      void* shared = ::mmap(nullptr, kChannelBytes, PROT_READ, MAP_SHARED, memory, 0);
      if (shared != MAP_FAILED) channel->shared = static_cast<std::byte*>(shared);
      isMade = channel->shared != nullptr && handOver(ends[1], memory);
    }
    if (ends[1] >= 0) ::close(ends[1]);
    if (memory >= 0) ::close(memory);
    return isMade ? std::move(channel) : nullptr;
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

  std::string m_library;
  StartedProgram m_program;
  mutable std::mutex m_mutex;
  bool m_isGone = false, m_wasBusy = false;
  std::optional<int> m_death;  ///< the signal that ended it, 0: none; set once its end was taken note of
  int m_borrowed = 0;
  std::vector<std::unique_ptr<Channel>> m_free;
};

/// A folder as it stands there now: the process is kept to this very one, not to what later has its name.
std::string placeOf(const std::string& folder) {
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) return folder;
  return folder + "\n" + std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

/// The readers of one kind.
class Readers {
 public:
  ReaderAnswer<std::shared_ptr<ReaderProcess>> of(const ReaderKind& kind, const std::string& folder) {
    const std::lock_guard lock(m_mutex);
    const std::string place = placeOf(folder);
    for (auto one = m_all.begin(); one != m_all.end(); ++one) {
      auto reader = one->places.contains(place) ? one->reader.lock() : nullptr;
      if (!reader || reader->isGone()) continue;
      m_all.splice(m_all.end(), m_all, one);
      keep(reader);
      return reader;
    }
    std::erase_if(m_all, [](const Entry& one) {
      const auto reader = one.reader.lock();
      return !reader || reader->isGone();
    });
    Entry entry{{}, {place}, {folder}};
    if (m_all.size() >= kMostReaders) takeOver(m_all.front(), entry);
    auto reader = Reader::start(kind, entry.folders);
    if (!reader) return tl::unexpected(std::move(reader.error()));
    if (m_all.size() >= kMostReaders) {
      if (const auto old = m_all.front().reader.lock()) old->retire();
      m_all.pop_front();
    }
    entry.reader = *reader;
    m_all.push_back(std::move(entry));
    keep(*reader);
    return *reader;
  }

 private:
  struct Entry {
    std::weak_ptr<Reader> reader;
    std::set<std::string> places, folders;
  };

  /// The folders that are still what they were.
  static void takeOver(const Entry& from, Entry& to) {
    for (const std::string& folder : from.folders) {
      const std::string place = placeOf(folder);
      if (!from.places.contains(place)) continue;
      to.places.insert(place);
      to.folders.insert(folder);
    }
  }

  void keep(const std::shared_ptr<Reader>& reader) {
    std::erase(m_kept, reader);
    m_kept.push_back(reader);
    if (m_kept.size() > kMostIdle) m_kept.erase(m_kept.begin());
  }

  std::mutex m_mutex;
  std::list<Entry> m_all;  ///< the one asked last at the end
  std::vector<std::shared_ptr<Reader>> m_kept;
};

Readers& readersOf(const std::string& verb) {
  ended();  // both outlive them
  running();
  static std::mutex mutex;
  static std::map<std::string, Readers> all;
  const std::lock_guard lock(mutex);
  return all[verb];
}

/// Closes files one after the other. At the end of the program it waits for no answer.
class Closing {
 public:
  Closing() = default;
  ~Closing() {
    ended = true;
    m_cancel.cancel();
  }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  /// Files of static storage go later than it.
  static bool isOver() { return ended; }

  void add(const std::function<void()>& close) {
    m_background.start([close, cancel = m_cancel] {
      const GivesUpAsking givesUp(cancel);
      close();
    });
  }

 private:
  static inline std::atomic<bool> ended{false};
  CancelToken m_cancel;
  Background m_background;
};

Closing& closing() {
  static Closing all;
  return all;
}

}  // namespace

GivesUpAsking::GivesUpAsking(const CancelToken& cancel) : m_cancel(cancel), m_before(asksFor) { asksFor = &m_cancel; }
GivesUpAsking::~GivesUpAsking() { asksFor = m_before; }
bool GivesUpAsking::hasGivenUp() { return running().isOver() || (asksFor != nullptr && asksFor->isCanceled()); }

int secondsToOpen(const std::string& path) {
  struct stat facts {};
  const double bytes = ::stat(path.c_str(), &facts) == 0 ? static_cast<double>(facts.st_size) : 0;
  return kStartSeconds + static_cast<int>(std::min(bytes / kBytesPerSecond, 1e6));
}

std::string folderToRead(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == 0 || slash == std::string::npos ? file : file.substr(0, slash);
}

bool hasStartedReaders() { return hasStarted(); }

void endReaders() { running().endAll(); }

ReaderAnswer<std::shared_ptr<ReaderProcess>> readerOf(const ReaderKind& kind, const std::string& folder) {
  return readersOf(kind.verb).of(kind, folder);
}

ReaderAnswer<RemoteFile::Place> RemoteFile::opened() {
  const std::lock_guard lock(m_mutex);
  if (m_place.reader && !m_place.reader->isGone()) return m_place;
  if (GivesUpAsking::hasGivenUp()) return tl::unexpected(std::string("canceled"));
  for (int attempt = 0;; ++attempt) {
    auto reader = readerOf(m_kind, m_folder);
    if (!reader) return tl::unexpected(std::move(reader.error()));
    const auto number = m_open(**reader);
    if (number) return m_place = {std::move(*reader), *number};
    if (!(*reader)->isGone() || (*reader)->wasBusy() || attempt > 0 || GivesUpAsking::hasGivenUp()) return tl::unexpected(number.error());
  }
}

RemoteFile::~RemoteFile() {
  if (!m_place.reader || m_place.reader->isGone() || Closing::isOver()) return;
  (void)guarded([this] { closing().add([close = m_close, place = m_place] { close(*place.reader, place.number); }); });
}

}  // namespace cubeloom
