// SPDX-License-Identifier: GPL-3.0-or-later
// An unfinished output that outlives its process: its folder, its journal, and what an earlier run has left of it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/access/sink.h"
#include "engine/array/chunk_grid.h"
#include "engine/io/sink/journal.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/part_folder.h"

namespace cubeloom {

/// What earlier runs of the request's target left; touches nothing. `isPublished`: the target itself is what a run of the same identity
/// has published before the rest of its chain was done, so that it may stand there. InvalidParameter on `path`: another run is writing it.
Result<Leftover> lookForLeftovers(const SinkRequest& request, bool* isPublished);

/// Whether there is an abandoned part of `target` with a finished piece in it.
bool hasLeftoversOf(const std::string& target);

/// Removes the abandoned parts of `target`; gives their bytes on disk.
double discardLeftoversOf(const std::string& target);

/// All chunks of a run: what is there of an output that is published already.
std::vector<std::int64_t> everyPosition(const ChunkGrid& runChunks);

/// For sinks that write files by position. A record says that a piece is in its place; it may reach the disk before the piece does, so
/// the piece's checksum, not the record, decides what a later run keeps. Every second all of it is sent to the disk, so that a power cut
/// costs seconds. record() is thread-safe.
class ResumablePart {
 public:
  /// Continues what fits the request (with `resume`), else begins anew; other abandoned parts of the target are removed. InvalidParameter
  /// on `path`: another run is writing the target.
  /// With Others::Beside a run that writes the same is left alone: this one has a folder of its own.
  enum class Others { Refuse, Beside };
  static Result<std::unique_ptr<ResumablePart>> open(const SinkRequest& request, Others others = Others::Refuse);
  ~ResumablePart();
  ResumablePart(const ResumablePart&) = delete;
  ResumablePart& operator=(const ResumablePart&) = delete;

  /// Of the earlier run, in the order in which they were written; none for a new part.
  const std::vector<JournalRecord>& records() const { return m_records; }
  bool isResumed() const { return m_isResumed; }
  /// The earlier run had moved its file to the target already.
  bool isPublished() const { return m_isPublished; }
  /// The files of the earlier run are not what they should be: forget them.
  Result<void> startOver();
  void forgetRecords() { m_records = {}; }

  /// A file of the part: the earlier run's when it is there, else a new one.
  Result<PartFile> file(const std::string& name) const;
  bool hasFile(const std::string& name) const;
  std::string pathOf(const std::string& name) const { return m_folder.file(name); }

  Result<void> record(const std::vector<JournalRecord>& records) { return m_journal.append(records); }
  /// After all pieces of the run's chunk `position` have been recorded.
  Result<void> recordChunk(std::int64_t position) {
    return m_journal.append({{JournalRecord::Chunk, 0, static_cast<std::uint64_t>(position), 0, 0}});
  }
  /// Before the file or folder at `path` is moved to the target: should the process end then, a resume knows the target for its own.
  Result<void> recordPublishing(const std::string& path);
  void stopJournal() { m_journal.stop(); }

  /// Lets the part lie and names it; empty, and removed, when its journal holds nothing.
  std::string keep();
  void remove();

 private:
  ResumablePart() = default;
  Result<void> begin(const SinkRequest& request);
  bool takeOver(PartFolder& folder, const SinkRequest& request);
  void syncNowAndThen();
  void syncUntilTheEnd();
  void stopSyncing();

  std::string m_target;
  JournalHeader m_header;
  PartFolder m_folder;
  Journal m_journal;
  std::vector<JournalRecord> m_records;
  bool m_isResumed = false, m_isPublished = false;
  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::atomic<bool> m_isEnding{false};
  std::thread m_syncer;
};

}  // namespace cubeloom
