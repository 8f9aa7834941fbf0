// SPDX-License-Identifier: GPL-3.0-or-later
// Foreign files are read by processes of ours that are confined to the folders of those files: what crashes, hangs or is taken over there
// is not this program. This is the side that asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "engine/base/cancel.h"
#include "engine/io/file/message.h"

namespace cubeloom {

/// What a channel's shared memory holds at once.
constexpr std::int64_t kChannelBytes = std::int64_t{4} << 20;

/// The answer, or words on why there is none.
template <class T = void>
using ReaderAnswer = tl::expected<T, std::string>;

/// `PROGRAM --reader VERB FOLDER...`
struct ReaderKind {
  std::string verb;
  std::string reads;  ///< the library that reads there, for errors
};

/// Seconds that opening a file may take: 30, and one more for every 20 MB, since some libraries go through all of it.
int secondsToOpen(const std::string& path);

/// Where a reader of `file` may read: its folder. Of a file in the root of the file system that would be everything: then the file alone.
std::string folderToRead(const std::string& file);

/// Whether a reader was ever started.
bool hasStartedReaders();

/// For the end of the program: all readers are ended, nobody waits for an answer any more, and none is started. Thread-safe.
void endReaders();

/// While it lives, this thread waits no longer for an answer once `cancel` is set: a process that hangs, or waits for a dead disk, keeps
/// nobody who has been told to stop. It is ended then, and another one started where it is needed again.
class GivesUpAsking {
 public:
  explicit GivesUpAsking(const CancelToken& cancel);
  ~GivesUpAsking();
  GivesUpAsking(const GivesUpAsking&) = delete;
  GivesUpAsking& operator=(const GivesUpAsking&) = delete;
  /// Of this thread, or all since endReaders().
  static bool hasGivenUp();

 private:
  const CancelToken m_cancel;
  const CancelToken* m_before;
};

/// One such process. Thread-safe.
class ReaderProcess {
 public:
  virtual ~ReaderProcess() = default;
  /// It has ended, or has given its folders to another.
  virtual bool isGone() const = 0;
  /// It has ended because it did not answer in time.
  virtual bool wasBusy() const = 0;

  /// What `take` makes of the answer, with the shared memory of the channel that it came through.
  template <class T, class Question>
  ReaderAnswer<T> ask(Question& question, int seconds, const std::function<T(Unpacker&, const std::byte*)>& take) {
    Packer pack;
    pack(question);
    ReaderAnswer<T> answer = tl::unexpected(std::string());
    auto asked = exchange(pack.bytes(), seconds, [&](Unpacker& unpack, const std::byte* shared) {
      bool isAnswered = false;
      unpack(isAnswered);
      if (isAnswered) {
        answer = take(unpack, shared);
      } else {
        unpack(answer.error());
      }
    });
    if (!asked) return tl::unexpected(std::move(asked.error()));
    return answer;
  }
  /// Where the answer is a message alone.
  template <class T, class Question>
  ReaderAnswer<T> ask(Question& question, int seconds) {
    return ask<T, Question>(question, seconds, [](Unpacker& unpack, const std::byte*) {
      T value{};
      unpack(value);
      return value;
    });
  }

 protected:
  using Take = std::function<void(Unpacker&, const std::byte*)>;
  /// No answer within `seconds`, one that is none, or a process that has gone: it is ended, and the error says which.
  virtual ReaderAnswer<> exchange(const std::string& question, int seconds, const Take& take) = 0;
};

/// The one that reads in `folder`, started where there is none. There are at most kMostReaders of a kind: one more takes over the folders
/// of the one that was not asked for longest. Four stay although none of their files is open. Thread-safe.
constexpr std::size_t kMostReaders = 8;
ReaderAnswer<std::shared_ptr<ReaderProcess>> readerOf(const ReaderKind& kind, const std::string& folder);

/// A file that a reader has open under a number; opened anew in another one when that has gone. Thread-safe.
class RemoteFile {
 public:
  using Open = std::function<ReaderAnswer<std::int64_t>(ReaderProcess&)>;
  using Close = std::function<void(ReaderProcess&, std::int64_t)>;
  RemoteFile(ReaderKind kind, std::string folder, Open open, Close close)
      : m_kind(std::move(kind)), m_folder(std::move(folder)), m_open(std::move(open)), m_close(std::move(close)) {}
  /// It is closed by a thread of its own: who drops it, a window perhaps, does not wait for a process that hangs. What cannot be closed
  /// ends with its process.
  ~RemoteFile();
  RemoteFile(const RemoteFile&) = delete;
  RemoteFile& operator=(const RemoteFile&) = delete;

  /// `ask(reader, number)`. The process may have ended over another file: only a second end speaks against this one. One that was kept busy
  /// is not waited for twice.
  template <class Ask>
  auto with(const Ask& ask) -> decltype(ask(std::declval<ReaderProcess&>(), std::int64_t{})) {
    for (int attempt = 0;; ++attempt) {
      auto place = opened();
      if (!place) return tl::unexpected(std::move(place.error()));
      auto answer = ask(*place->reader, place->number);
      if (answer || !place->reader->isGone() || place->reader->wasBusy() || attempt > 0 || GivesUpAsking::hasGivenUp()) return answer;
    }
  }
  struct Place {
    std::shared_ptr<ReaderProcess> reader;
    std::int64_t number = 0;
  };
  /// Where it is open; opened where it is not.
  ReaderAnswer<Place> opened();

 private:
  ReaderKind m_kind;
  std::string m_folder;
  Open m_open;
  Close m_close;
  std::mutex m_mutex;
  Place m_place;
};

}  // namespace cubeloom
