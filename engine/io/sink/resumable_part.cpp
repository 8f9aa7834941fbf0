// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/resumable_part.h"

#include <sys/stat.h>

#include <chrono>
#include <numeric>

#include "engine/base/guard.h"

namespace cubeloom {
namespace {

constexpr std::chrono::seconds kSyncPeriod{1};
constexpr int kLockAttempts = 5;
constexpr std::chrono::milliseconds kLockPause{20};

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

}  // namespace

Leftover lookForLeftovers(const SinkRequest& request, bool* isPublished) {
  Leftover leftover;
  int busy = 0;
  std::string refused, forgotten;
  for (const PartFolder& folder : PartFolder::abandoned(request.path, &busy)) {
    if (!isOfTarget(folder, request.path)) continue;
    leftover.bytes += folder.bytes();
    if (!request.resume) {
      forgotten = folder.path();
      continue;
    }
    const auto content = journalOf(folder, request.path);
    if (!leftover.chunk.empty() || !content) continue;
    const std::string difference = identityDifference(content->header.identity, request.identity);
    if (difference.empty() && content->records.empty()) continue;  // it ended before its first piece was in its place
    if (difference.empty() && content->header.identity.chunk.size() == request.spec.dims.size()) {
      leftover.chunk = content->header.identity.chunk;
      *isPublished = isPublishedAs(*content, request.path);
      leftover.note = *isPublished ? "'" + request.path + "' is complete already" : "continues what lies in '" + folder.path() + "'";
    } else if (refused.empty()) {
      refused = "cannot continue '" + folder.path() + "': " + difference + "; it is removed and the run starts anew";
    }
  }
  if (!request.resume && !forgotten.empty())
    leftover.note = "an unfinished run lies in '" + forgotten + "'; it is removed when this one starts, unless resumed";
  if (!request.resume || !leftover.chunk.empty()) return leftover;
  leftover.note = !refused.empty() ? refused
                  : busy > 0       ? "another run is writing '" + request.path + "' now; this one starts anew"
                                   : "nothing of '" + request.path + "' is there to be resumed; the run starts anew";
  return leftover;
}

std::vector<std::int64_t> everyPosition(const ChunkGrid& runChunks) {
  std::vector<std::int64_t> positions(static_cast<std::size_t>(runChunks.count()));
  std::iota(positions.begin(), positions.end(), std::int64_t{0});
  return positions;
}

Result<std::unique_ptr<ResumablePart>> ResumablePart::open(const SinkRequest& request) {
  std::unique_ptr<ResumablePart> part(new ResumablePart);
  part->m_target = request.path;
  for (int attempt = 1; !part->m_isResumed; ++attempt) {
    int busy = 0;
    for (PartFolder& folder : PartFolder::abandoned(request.path, &busy)) {
      if (!isOfTarget(folder, request.path)) continue;
      if (request.resume && !part->m_isResumed && part->takeOver(folder, request)) continue;
      folder.adopt();  // and so removed
    }
    // Someone who only plans holds a lock for a moment.
    if (!request.resume || busy == 0 || attempt == kLockAttempts) break;
    std::this_thread::sleep_for(kLockPause);
  }
  if (!part->m_isResumed) CUBELOOM_TRY(part->begin(request));
  if (part->m_journal.isOpen()) part->m_syncer = std::thread([p = part.get()] { p->syncNowAndThen(); });
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
  while (!m_wake.wait_for(lock, kSyncPeriod, [this] { return m_isEnding; })) {
    const std::int64_t count = m_journal.count();
    if (count == synced) continue;
    lock.unlock();
    m_folder.sync();
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
