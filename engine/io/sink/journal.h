// SPDX-License-Identifier: GPL-3.0-or-later
// What of an unfinished output is on the disk: an append-only file in which every record carries its own checksum.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/base/result.h"

namespace cubeloom {

/// A piece of the output that is in its place. What number, a and b mean is the sink's business.
struct JournalRecord {
  /// Chunk: all pieces of chunk `number` of the run have been recorded; it only counts what is there.
  enum Kind : std::uint32_t { Part = 1, Block = 2, Publishing = 3, Chunk = 4 };
  std::uint32_t kind = Part;
  std::uint32_t checksum = 0;  ///< CRC-32 of the piece's bytes
  std::uint64_t number = 0;
  std::int64_t a = 0, b = 0;
};

/// What stands before the records.
struct JournalHeader {
  std::string target;  ///< name of the output
  OutputIdentity identity;
};

/// As bytes, and back; unset: not all of it is there.
std::vector<std::byte> packHeader(const JournalHeader& header);
std::optional<JournalHeader> unpackHeader(const std::vector<std::byte>& bytes);

/// How `now` differs from the run that wrote `then`, in words; empty when one can continue the other. Chunks are not compared.
std::string identityDifference(const OutputIdentity& then, const OutputIdentity& now);

/// What a journal says, as far as it is whole: the first torn or damaged record ends it.
struct JournalContent {
  JournalHeader header;
  std::vector<JournalRecord> records;
  std::int64_t bytes = 0;  ///< of what is whole
};
/// Unset: no header, or not all of it. Nothing of the file is believed before its checksum agrees.
std::optional<JournalContent> readJournal(int descriptor);
/// True for a file that is empty or begins as a journal does.
bool isJournalBegun(int descriptor);

/// Appends to a file that someone else owns. append() is thread-safe.
class Journal {
 public:
  /// Empties the file and writes the header. WriteFailed names the target.
  Result<void> begin(int descriptor, const std::string& targetPath, const JournalHeader& header);
  /// Goes on behind the whole records of `content`; what is torn is cut off.
  Result<void> continueFrom(int descriptor, const std::string& targetPath, const JournalContent& content);
  /// All or none of them. Nothing is written before begin() or after stop().
  Result<void> append(const std::vector<JournalRecord>& records);
  void stop() { m_isOpen = false; }
  bool isOpen() const { return m_isOpen; }
  std::int64_t count() const { return m_count; }

 private:
  Result<void> write(const std::vector<std::byte>& bytes);

  int m_descriptor = -1;
  std::string m_target;
  std::int64_t m_end = 0;
  std::atomic<std::int64_t> m_count{0};
  std::atomic<bool> m_isOpen{false};
  std::mutex m_mutex;
};

}  // namespace cubeloom
