// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/resumable_part.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include "engine/base/guard.h"

namespace cubeloom {
namespace {

constexpr std::chrono::seconds kSyncPeriod{1};
constexpr int kPartLockAttempts = 5;
constexpr int kLookAttempts = 500;
constexpr std::chrono::milliseconds kPartLockPause{20};

/// The journal of a folder, when it is about `target`.
std::optional<JournalContent> journalOf(const PartFolder& folder, const std::string& target) {
  auto content = readJournal(folder.journalDescriptor());
  if (content && content->header.target != nameOf(target)) return std::nullopt;
  return content;
}

/// True: ours to remove. A folder's name is cut where the target's is too long, and others may name theirs alike: only the journal tells.
bool isOfTarget(const PartFolder& folder, const std::string& target) {
  if (const auto content = readJournal(folder.journalDescriptor())) return content->header.target == nameOf(target);
  return nameOf(folder.path()).starts_with(nameOf(target) + ".part-") && isJournalBegun(folder.journalDescriptor());
}

bool isPublishedAs(const JournalContent& content, const std::string& target) {
  if (content.records.empty() || content.records.back().kind != JournalRecord::Publishing) return false;
  struct stat facts {};
  return ::stat(target.c_str(), &facts) == 0 && facts.st_ino == content.records.back().number && facts.st_size == content.records.back().b;
}

/// The same of one that another process holds: its journal may be read all the same.
bool isWrittenTo(const std::string& folder, const std::string& target) {
  const int descriptor = ::open((folder + "/journal").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  const auto content = readJournal(descriptor);
  const bool isTargets = content ? content->header.target == nameOf(target)
                                 : nameOf(folder).starts_with(nameOf(target) + ".part-") && isJournalBegun(descriptor);
  ::close(descriptor);
  return isTargets;
}

/// The first of the folders that is a part of `target`; empty: none is.
std::string firstOf(const std::vector<std::string>& folders, const std::string& target) {
  const auto found = std::find_if(folders.begin(), folders.end(), [&](const std::string& folder) { return isWrittenTo(folder, target); });
  return found == folders.end() ? std::string() : *found;
}

/// Abandoned parts of the target. A run that is just removing its part, or somebody who looks, holds one for a moment: it counts as
/// written to when it stays so.
Result<std::vector<PartFolder>> partsOf(const std::string& target, PartFolder::Purpose purpose,
                                        ResumablePart::Others others = ResumablePart::Others::Refuse) {
  for (int attempt = 1;; ++attempt) {
    PartFolder::Found found = PartFolder::find(target, purpose);
    std::string busy = firstOf(found.written, target);
    const bool isWritten = !busy.empty();
    if (busy.empty()) busy = firstOf(found.lookedInto, target);
    if (busy.empty() || others == ResumablePart::Others::Beside) {
      std::erase_if(found.abandoned, [&](const PartFolder& folder) { return !isOfTarget(folder, target); });
      return std::move(found.abandoned);
    }
    if (attempt >= (isWritten ? kPartLockAttempts : kLookAttempts)) {
      Failure failure = invalidParameter("path", "'" + target + "' is being written by another run (in '" + busy + "')",
                                         "wait for that run, stop it, or write to another path");
      failure.value().path = target;
      return failure;
    }
    found = {};
    std::this_thread::sleep_for(kPartLockPause);
  }
}

std::int64_t chunksOf(const std::vector<JournalRecord>& records) {
  std::set<std::uint64_t> chunks;
  for (const JournalRecord& record : records)
    if (record.kind == JournalRecord::Chunk) chunks.insert(record.number);
  return static_cast<std::int64_t>(chunks.size());
}

}  // namespace

Result<Leftover> lookForLeftovers(const SinkRequest& request, bool* isPublished) {
  Leftover leftover;
  std::string refused;
  auto folders = partsOf(request.path, PartFolder::Purpose::Look);
  if (!folders) return fail(std::move(folders.error()));
  for (const PartFolder& folder : *folders) {
    leftover.bytes += folder.bytes();
    const auto content = journalOf(folder, request.path);
    if (!content || content->records.empty()) continue;  // it ended before its first piece was in its place: nothing of it can be lost
    if (!request.resume || !leftover.chunk.empty()) {
      leftover.discarded.push_back(folder.path());
      continue;
    }
    const std::string difference = identityDifference(content->header.identity, request.identity);
    if (difference.empty() && content->header.identity.chunk.size() == request.spec.dims.size()) {
      leftover.chunk = content->header.identity.chunk;
      leftover.chunksThere = chunksOf(content->records);
      *isPublished = isPublishedAs(*content, request.path);
      leftover.note = *isPublished ? "'" + request.path + "' is complete already" : "continues what lies in '" + folder.path() + "'";
      continue;
    }
    leftover.discarded.push_back(folder.path());
    if (!difference.empty() && refused.empty())
      refused = "cannot continue '" + folder.path() + "': " + difference + "; it is removed and the run starts anew";
  }
  if (!request.resume && !leftover.discarded.empty())
    leftover.note = "an unfinished run lies in '" + leftover.discarded.front() + "'; it is removed when this one starts, unless resumed";
  if (!request.resume || !leftover.chunk.empty()) return leftover;
  leftover.note = !refused.empty() ? refused : "nothing of '" + request.path + "' is there to be resumed; the run starts anew";
  return leftover;
}

bool hasLeftoversOf(const std::string& target) {
  const auto folders = partsOf(target, PartFolder::Purpose::Look);
  return folders && std::any_of(folders->begin(), folders->end(), [&](const PartFolder& folder) {
           const auto content = journalOf(folder, target);
           return content && !content->records.empty();
         });
}

double discardLeftoversOf(const std::string& target) {
  double bytes = 0;
  const PartsLock lock(target);
  auto folders = partsOf(target, PartFolder::Purpose::Take);
  if (!folders) return 0;
  for (PartFolder& folder : *folders) {
    bytes += folder.bytes();
    folder.remove();
  }
  return bytes;
}

std::vector<std::int64_t> everyPosition(const ChunkGrid& runChunks) {
  std::vector<std::int64_t> positions(static_cast<std::size_t>(runChunks.count()));
  std::iota(positions.begin(), positions.end(), std::int64_t{0});
  return positions;
}

Result<std::unique_ptr<ResumablePart>> ResumablePart::open(const SinkRequest& request, Others others) {
  std::unique_ptr<ResumablePart> part(new ResumablePart);
  part->m_target = request.path;
  {
    const PartsLock lock(request.path);
    auto folders = partsOf(request.path, PartFolder::Purpose::Take, others);
    if (!folders) return fail(std::move(folders.error()));
    for (PartFolder& folder : *folders) {
      if (request.resume && !part->m_isResumed && part->takeOver(folder, request)) continue;
      folder.adopt();  // and so removed
    }
    if (!part->m_isResumed) CUBELOOM_TRY(part->begin(request));
  }
  // A head start for the last flush; a system without another thread does without.
  if (part->m_journal.isOpen()) (void)guarded([&] { part->m_syncer = std::thread([p = part.get()] { p->syncNowAndThen(); }); });
  return part;
}

ResumablePart::~ResumablePart() { stopSyncing(); }

bool ResumablePart::takeOver(PartFolder& folder, const SinkRequest& request) {
  auto content = journalOf(folder, request.path);
  if (!content || !identityDifference(content->header.identity, request.identity).empty()) return false;
  if (content->header.identity.chunk != request.identity.chunk) return false;
  if (!m_journal.continueFrom(folder.journalDescriptor(), m_target, *content)) return false;
  m_isPublished = isPublishedAs(*content, request.path);
  m_header = std::move(content->header);
  m_records = std::move(content->records);
  m_folder = std::move(folder);
  m_folder.adopt();
  m_isResumed = true;
  return true;
}

Result<void> ResumablePart::begin(const SinkRequest& request) {
  auto folder = PartFolder::create(request.path);
  if (!folder) return fail(std::move(folder.error()));
  m_folder = std::move(*folder);
  m_header = {nameOf(request.path), request.identity};
  if (request.identity.steps.empty()) return {};
  return m_journal.begin(m_folder.journalDescriptor(), m_target, m_header);
}

Result<void> ResumablePart::startOver() {
  m_records = {};
  m_isResumed = m_isPublished = false;
  m_folder.empty();
  return m_journal.begin(m_folder.journalDescriptor(), m_target, m_header);
}

Result<PartFile> ResumablePart::file(const std::string& name) const {
  PartFile file = PartFile::inside(m_folder.file(name), m_target);
  CUBELOOM_TRY(m_isResumed ? file.openOrCreate() : file.open());
  return file;
}

bool ResumablePart::hasFile(const std::string& name) const {
  struct stat facts {};
  return ::lstat(m_folder.file(name).c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

Result<void> ResumablePart::recordPublishing(const std::string& path) {
  stopSyncing();
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};  // moving it will fail and say so
  return m_journal.append({{JournalRecord::Publishing, 0, facts.st_ino, 0, facts.st_size}});
}

std::string ResumablePart::keep() {
  stopSyncing();
  std::string path = m_folder.path();
  if (m_journal.count() == 0) {
    m_folder.remove();
    return {};
  }
  m_folder.leave();
  return path;
}

void ResumablePart::remove() {
  stopSyncing();
  m_folder.remove();
}

void ResumablePart::syncNowAndThen() {
  // A head start only: the flush before publishing finds what this one has missed.
  (void)guarded([this] { syncUntilTheEnd(); });
}

void ResumablePart::syncUntilTheEnd() {
  std::unique_lock lock(m_mutex);
  std::int64_t synced = m_journal.count();
  while (!m_wake.wait_for(lock, kSyncPeriod, [this] { return m_isEnding.load(); })) {
    const std::int64_t count = m_journal.count();
    if (count == synced) continue;
    lock.unlock();
    m_folder.sync([this] { return m_isEnding.load(); });
    lock.lock();
    synced = count;
  }
}

void ResumablePart::stopSyncing() {
  if (!m_syncer.joinable()) return;
  {
    const std::lock_guard lock(m_mutex);
    m_isEnding = true;
  }
  m_wake.notify_all();
  m_syncer.join();
}

}  // namespace cubeloom
