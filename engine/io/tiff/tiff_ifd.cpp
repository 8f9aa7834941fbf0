// SPDX-License-Identifier: GPL-3.0-or-later
// TIFF directories to and from bytes, for little-endian machines as the engine requires.
#include "engine/io/tiff/tiff_ifd.h"

#include <bit>
#include <cstring>

namespace cubeloom {
namespace {

static_assert(std::endian::native == std::endian::little, "files are written in the machine's own byte order");

constexpr std::uint16_t kShort = 3, kLong = 4, kLong8 = 16;

std::size_t typeBytes(std::uint16_t type) {
  constexpr std::size_t kBytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < std::size(kBytes) ? kBytes[type] : 0;
}

template <class T>
T readAt(const std::vector<std::byte>& from, std::size_t offset) {
  T value{};
  if (offset + sizeof(T) <= from.size()) std::memcpy(&value, from.data() + offset, sizeof(T));
  return value;
}

template <class T>
void append(std::vector<std::byte>& to, T value) {
  const std::size_t at = to.size();
  to.resize(at + sizeof(T));
  std::memcpy(to.data() + at, &value, sizeof(T));
}

std::uint64_t roundUp8(std::uint64_t n) { return (n + 7) / 8 * 8; }
std::size_t inlineBytes(bool big) { return big ? 8 : 4; }
std::uint64_t directoryBytes(std::size_t entries, bool big) { return big ? 8 + 20 * entries + 8 : 2 + 12 * entries + 4; }

}  // namespace

Result<TiffIfd> TiffIfd::parseFirst(const std::vector<std::byte>& file) {
  TiffIfd ifd;
  if (file.size() < 8 || readAt<std::uint16_t>(file, 0) != 0x4949 || readAt<std::uint16_t>(file, 2) != 42)
    return fail(ErrorCode::Internal, "the GeoTIFF header that GDAL made is not a classic little-endian one");
  const std::size_t at = readAt<std::uint32_t>(file, 4);
  const std::size_t entries = readAt<std::uint16_t>(file, at);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = at + 2 + 12 * i;
    Entry value;
    const auto tag = readAt<std::uint16_t>(file, entry);
    value.type = readAt<std::uint16_t>(file, entry + 2);
    value.count = readAt<std::uint32_t>(file, entry + 4);
    const std::size_t bytes = typeBytes(value.type) * value.count;
    const std::size_t where = bytes <= 4 ? entry + 8 : readAt<std::uint32_t>(file, entry + 8);
    if (bytes == 0 || where + bytes > file.size())
      return fail(ErrorCode::Internal, "tag " + std::to_string(tag) + " of the GeoTIFF header that GDAL made points outside of it");
    value.bytes.assign(file.begin() + static_cast<std::ptrdiff_t>(where), file.begin() + static_cast<std::ptrdiff_t>(where + bytes));
    ifd.m_entries[tag] = std::move(value);
  }
  return ifd;
}

void TiffIfd::set(TiffTag tag, std::uint16_t type, std::uint64_t count, const void* values, std::size_t bytes) {
  const auto* first = static_cast<const std::byte*>(values);
  m_entries[static_cast<std::uint16_t>(tag)] = {type, count, {first, first + bytes}};
}

void TiffIfd::setShort(TiffTag tag, std::uint16_t value) { set(tag, kShort, 1, &value, sizeof value); }
void TiffIfd::setLong(TiffTag tag, std::uint32_t value) { set(tag, kLong, 1, &value, sizeof value); }
void TiffIfd::setLongs(TiffTag tag, const std::vector<std::uint32_t>& values) {
  set(tag, kLong, values.size(), values.data(), values.size() * sizeof(std::uint32_t));
}

void TiffIfd::setOffsets(TiffTag tag, const std::vector<std::uint64_t>& values, bool big) {
  if (big) {
    set(tag, kLong8, values.size(), values.data(), values.size() * sizeof(std::uint64_t));
  } else {
    setLongs(tag, {values.begin(), values.end()});
  }
}

void TiffIfd::remove(TiffTag tag) { m_entries.erase(static_cast<std::uint16_t>(tag)); }

TiffIfd TiffIfd::only(const std::vector<TiffTag>& tags) const {
  TiffIfd out;
  for (const TiffTag tag : tags)
    if (const auto found = m_entries.find(static_cast<std::uint16_t>(tag)); found != m_entries.end()) out.m_entries.insert(*found);
  return out;
}

std::uint64_t TiffIfd::sizeBytes(bool big) const {
  std::uint64_t bytes = roundUp8(directoryBytes(m_entries.size(), big));
  for (const auto& [tag, entry] : m_entries)
    if (entry.bytes.size() > inlineBytes(big)) bytes += roundUp8(entry.bytes.size());
  return bytes;
}

std::vector<std::byte> TiffIfd::serialize(std::uint64_t offset, std::uint64_t next, bool big) const {
  std::vector<std::byte> directory, values;
  const std::uint64_t valuesAt = offset + roundUp8(directoryBytes(m_entries.size(), big));
  const auto appendWord = [&directory, big](std::uint64_t value) {
    if (big) {
      append(directory, value);
    } else {
      append(directory, static_cast<std::uint32_t>(value));
    }
  };
  if (big) {
    append(directory, static_cast<std::uint64_t>(m_entries.size()));
  } else {
    append(directory, static_cast<std::uint16_t>(m_entries.size()));
  }
  for (const auto& [tag, entry] : m_entries) {
    append(directory, tag);
    append(directory, entry.type);
    appendWord(entry.count);
    if (entry.bytes.size() <= inlineBytes(big)) {
      directory.insert(directory.end(), entry.bytes.begin(), entry.bytes.end());
      directory.resize(directory.size() + inlineBytes(big) - entry.bytes.size());
    } else {
      appendWord(valuesAt + values.size());
      values.insert(values.end(), entry.bytes.begin(), entry.bytes.end());
      values.resize(roundUp8(values.size()));
    }
  }
  appendWord(next);
  directory.resize(roundUp8(directory.size()));
  directory.insert(directory.end(), values.begin(), values.end());
  return directory;
}

std::vector<std::byte> tiffHeader(std::uint64_t firstIfd, bool big) {
  std::vector<std::byte> header;
  append(header, std::uint16_t{0x4949});
  append(header, static_cast<std::uint16_t>(big ? 43 : 42));
  if (big) {
    append(header, std::uint16_t{8});
    append(header, std::uint16_t{0});
    append(header, firstIfd);
  } else {
    append(header, static_cast<std::uint32_t>(firstIfd));
  }
  return header;
}

}  // namespace cubeloom
