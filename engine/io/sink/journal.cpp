// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/base/text.h"
#include "engine/io/file/crc32.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr std::array<char, 8> kMagic{'C', 'L', 'J', 'R', 'N', 'L', '0', '1'};
constexpr std::int64_t kMostHeaderBytes = std::int64_t{64} << 20;
constexpr std::int64_t kReadBytes = std::int64_t{1} << 20;
constexpr std::size_t kRecordBytes = 40;

/// Little-endian numbers and texts, one after the other.
class Packer {
 public:
  template <class T>
  void number(T value) {
    const auto* p = reinterpret_cast<const std::byte*>(&value);
    m_bytes.insert(m_bytes.end(), p, p + sizeof value);
  }
  void text(const std::string& value) {
    number(static_cast<std::uint64_t>(value.size()));
    const auto* p = reinterpret_cast<const std::byte*>(value.data());
    m_bytes.insert(m_bytes.end(), p, p + value.size());
  }
  std::vector<std::byte>& bytes() { return m_bytes; }

 private:
  std::vector<std::byte> m_bytes;
};

/// Reads what a Packer packed; anything that does not fit makes it bad, and then it gives zeros.
class Unpacker {
 public:
  explicit Unpacker(const std::vector<std::byte>& bytes) : m_bytes(bytes) {}
  bool isBad() const { return m_isBad; }
  template <class T>
  T number() {
    T value{};
    if (m_isBad || m_bytes.size() - m_at < sizeof value) {
      m_isBad = true;
      return value;
    }
    std::memcpy(&value, m_bytes.data() + m_at, sizeof value);
    m_at += sizeof value;
    return value;
  }
  std::string text() {
    const auto size = number<std::uint64_t>();
    if (m_isBad || m_bytes.size() - m_at < size) {
      m_isBad = true;
      return {};
    }
    std::string value(reinterpret_cast<const char*>(m_bytes.data() + m_at), size);
    m_at += size;
    return value;
  }
  /// How many items follow; each takes a byte at least.
  std::size_t count() {
    const auto n = number<std::uint64_t>();
    if (n > m_bytes.size() - m_at) m_isBad = true;
    return m_isBad ? 0 : static_cast<std::size_t>(n);
  }

 private:
  const std::vector<std::byte>& m_bytes;
  std::size_t m_at = 0;
  bool m_isBad = false;
};

void packRecord(Packer& p, const JournalRecord& record) {
  const std::size_t start = p.bytes().size();
  p.number(record.kind);
  p.number(record.checksum);
  p.number(record.number);
  p.number(record.a);
  p.number(record.b);
  p.number(crc32(0, p.bytes().data() + start, p.bytes().size() - start));
  p.number(std::uint32_t{0});
}

/// As many of `bytes` as the file has from `offset`.
std::vector<std::byte> readAt(int descriptor, std::int64_t offset, std::int64_t bytes) {
  std::vector<std::byte> data(static_cast<std::size_t>(bytes));
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t n = ::pread(descriptor, data.data() + done, data.size() - done, offset + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  data.resize(done);
  return data;
}

/// False at the first record that is not what its checksum says.
bool unpackRecords(const std::vector<std::byte>& bytes, std::vector<JournalRecord>& records) {
  for (std::size_t at = 0; at + kRecordBytes <= bytes.size(); at += kRecordBytes) {
    const std::vector<std::byte> one(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(at + kRecordBytes));
    Unpacker p(one);
    JournalRecord record;
    record.kind = p.number<std::uint32_t>();
    record.checksum = p.number<std::uint32_t>();
    record.number = p.number<std::uint64_t>();
    record.a = p.number<std::int64_t>();
    record.b = p.number<std::int64_t>();
    if (p.number<std::uint32_t>() != crc32(0, one.data(), kRecordBytes - 2 * sizeof(std::uint32_t))) return false;
    records.push_back(record);
  }
  return bytes.size() % kRecordBytes == 0;
}

}  // namespace

std::vector<std::byte> packHeader(const JournalHeader& header) {
  Packer p;
  p.text(header.target);
  p.number(static_cast<std::uint64_t>(header.identity.chunk.size()));
  for (const std::int64_t n : header.identity.chunk) p.number(n);
  p.number(static_cast<std::uint64_t>(header.identity.steps.size()));
  for (const std::string& step : header.identity.steps) p.text(step);
  p.number(static_cast<std::uint64_t>(header.identity.inputs.size()));
  for (const FileFingerprint& input : header.identity.inputs) {
    p.text(input.path);
    p.number(input.sizeBytes);
    p.number(input.modifiedNs);
    p.number(input.changedNs);
    p.number(input.inode);
  }
  return std::move(p.bytes());
}

std::optional<JournalHeader> unpackHeader(const std::vector<std::byte>& bytes) {
  Unpacker p(bytes);
  JournalHeader header;
  header.target = p.text();
  for (std::size_t n = p.count(); n > 0 && !p.isBad(); --n) header.identity.chunk.push_back(p.number<std::int64_t>());
  for (std::size_t n = p.count(); n > 0 && !p.isBad(); --n) header.identity.steps.push_back(p.text());
  for (std::size_t n = p.count(); n > 0 && !p.isBad(); --n) {
    FileFingerprint input;
    input.path = p.text();
    input.sizeBytes = p.number<std::int64_t>();
    input.modifiedNs = p.number<std::int64_t>();
    input.changedNs = p.number<std::int64_t>();
    input.inode = p.number<std::uint64_t>();
    header.identity.inputs.push_back(std::move(input));
  }
  if (p.isBad()) return std::nullopt;
  return header;
}

std::string identityDifference(const OutputIdentity& then, const OutputIdentity& now) {
  const std::size_t steps = std::max(then.steps.size(), now.steps.size());
  for (std::size_t i = 0; i < steps; ++i) {
    const std::string was = i < then.steps.size() ? then.steps[i] : "nothing", is = i < now.steps.size() ? now.steps[i] : "nothing";
    if (was != is) return "it was made by '" + was + "' where this run has '" + is + "'";
  }
  const std::size_t inputs = std::max(then.inputs.size(), now.inputs.size());
  for (std::size_t i = 0; i < inputs; ++i) {
    const FileFingerprint was = i < then.inputs.size() ? then.inputs[i] : FileFingerprint{};
    const FileFingerprint is = i < now.inputs.size() ? now.inputs[i] : FileFingerprint{};
    if (was != is) return "its input " + fingerprintDifference(was, is);
  }
  return {};
}

std::optional<JournalContent> readJournal(int descriptor) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) return std::nullopt;
  constexpr std::int64_t kFixedBytes = kMagic.size() + sizeof(std::uint64_t) + sizeof(std::uint32_t);
  const std::vector<std::byte> fixed = readAt(descriptor, 0, std::min<std::int64_t>(facts.st_size, kFixedBytes));
  if (static_cast<std::int64_t>(fixed.size()) < kFixedBytes || std::memcmp(fixed.data(), kMagic.data(), kMagic.size()) != 0)
    return std::nullopt;
  std::uint64_t headerBytes = 0;
  std::uint32_t checksum = 0;
  std::memcpy(&headerBytes, fixed.data() + kMagic.size(), sizeof headerBytes);
  std::memcpy(&checksum, fixed.data() + kMagic.size() + sizeof headerBytes, sizeof checksum);
  if (headerBytes > static_cast<std::uint64_t>(std::min(kMostHeaderBytes, facts.st_size - kFixedBytes))) return std::nullopt;
  const std::vector<std::byte> packed = readAt(descriptor, kFixedBytes, static_cast<std::int64_t>(headerBytes));
  if (packed.size() != headerBytes || crc32(0, packed.data(), packed.size()) != checksum) return std::nullopt;
  auto header = unpackHeader(packed);
  if (!header) return std::nullopt;

  JournalContent content{std::move(*header), {}, kFixedBytes + static_cast<std::int64_t>(headerBytes)};
  const std::int64_t first = content.bytes;
  constexpr std::int64_t kStep = kReadBytes / static_cast<std::int64_t>(kRecordBytes) * static_cast<std::int64_t>(kRecordBytes);
  for (std::int64_t at = first; at < facts.st_size; at += kStep)
    if (!unpackRecords(readAt(descriptor, at, std::min(kStep, facts.st_size - at)), content.records)) break;
  content.bytes = first + static_cast<std::int64_t>(content.records.size() * kRecordBytes);
  return content;
}

bool isJournalBegun(int descriptor) {
  const std::vector<std::byte> begin = readAt(descriptor, 0, kMagic.size());
  return begin.empty() || std::memcmp(begin.data(), kMagic.data(), begin.size()) == 0;  // a kill may have cut it off anywhere
}

Result<void> Journal::write(const std::vector<std::byte>& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pwrite(m_descriptor, bytes.data() + done, bytes.size() - done, m_end + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return failAt(ErrorCode::WriteFailed, m_target,
                    "'" + m_target + "': writing its journal stopped " + formatCount(static_cast<std::int64_t>(bytes.size() - done)) +
                        " bytes short: " + std::generic_category().message(n < 0 ? errno : ENOSPC));
    done += static_cast<std::size_t>(n);
  }
  m_end += static_cast<std::int64_t>(bytes.size());
  return {};
}

Result<void> Journal::begin(int descriptor, const std::string& targetPath, const JournalHeader& header) {
  JournalContent nothing;
  CUBELOOM_TRY(continueFrom(descriptor, targetPath, nothing));
  const std::vector<std::byte> packed = packHeader(header);
  Packer p;
  for (const char c : kMagic) p.number(c);
  p.number(static_cast<std::uint64_t>(packed.size()));
  p.number(crc32(0, packed.data(), packed.size()));
  p.bytes().insert(p.bytes().end(), packed.begin(), packed.end());
  return write(p.bytes());
}

Result<void> Journal::continueFrom(int descriptor, const std::string& targetPath, const JournalContent& content) {
  m_descriptor = descriptor;
  m_target = targetPath;
  m_end = content.bytes;
  m_count = static_cast<std::int64_t>(content.records.size());
  if (::ftruncate(descriptor, m_end) != 0)
    return failAt(ErrorCode::WriteFailed, m_target,
                  "'" + m_target + "': cannot cut its journal: " + std::generic_category().message(errno));
  m_isOpen = true;
  return {};
}

Result<void> Journal::append(const std::vector<JournalRecord>& records) {
  if (!m_isOpen || records.empty()) return {};
  Packer p;
  for (const JournalRecord& record : records) packRecord(p, record);
  const std::lock_guard lock(m_mutex);
  CUBELOOM_TRY(write(p.bytes()));
  m_count += static_cast<std::int64_t>(records.size());
  return {};
}

}  // namespace cubeloom
