// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/unit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/io/file/crc32.h"

namespace cubeloom {
namespace {

constexpr std::array<char, 8> kUnitMagic{'C', 'L', 'U', 'N', 'I', 'T', '0', '1'};
constexpr std::int64_t kMostUnits = std::int64_t{1} << 32;
constexpr std::int64_t kMostIdentityBytes = std::int64_t{64} << 20;

/// The last bytes of the file.
struct UnitTrailer {
  std::int64_t part = 0, count = 0, first = 0, end = 0;
  std::int64_t indexOffset = 0, units = 0, headerBytes = 0;
  std::uint32_t checksum = 0;  ///< of units and header
  std::uint32_t own = 0;       ///< of all before
  std::array<char, 8> magic = kUnitMagic;
};
static_assert(sizeof(UnitTrailer) == 72);

std::uint32_t sumOf(const UnitTrailer& trailer) {
  return crc32(0, reinterpret_cast<const std::byte*>(&trailer), offsetof(UnitTrailer, own));
}

bool readWhole(int descriptor, std::int64_t offset, std::byte* to, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n = ::pread(descriptor, to + done, bytes - done, offset + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<UnitIndex> readIndexOf(int descriptor) {
  struct stat facts {};
  UnitTrailer trailer;
  constexpr auto kTrailerBytes = static_cast<std::int64_t>(sizeof trailer);
  if (::fstat(descriptor, &facts) != 0 || facts.st_size < kTrailerBytes) return std::nullopt;
  if (!readWhole(descriptor, facts.st_size - kTrailerBytes, reinterpret_cast<std::byte*>(&trailer), sizeof trailer)) return std::nullopt;
  if (trailer.magic != kUnitMagic || trailer.own != sumOf(trailer)) return std::nullopt;
  if (trailer.units < 0 || trailer.units > kMostUnits || trailer.headerBytes < 0 || trailer.headerBytes > kMostIdentityBytes)
    return std::nullopt;
  const std::int64_t indexBytes = trailer.units * static_cast<std::int64_t>(sizeof(PlacedUnit));
  if (trailer.indexOffset < 0 || trailer.indexOffset + indexBytes + trailer.headerBytes + kTrailerBytes != facts.st_size)
    return std::nullopt;
  UnitIndex index;
  index.part = {trailer.part, trailer.count};
  index.range = {trailer.first, trailer.end};
  index.units.resize(static_cast<std::size_t>(trailer.units));
  std::vector<std::byte> header(static_cast<std::size_t>(trailer.headerBytes));
  auto* units = reinterpret_cast<std::byte*>(index.units.data());
  if (!readWhole(descriptor, trailer.indexOffset, units, static_cast<std::size_t>(indexBytes))) return std::nullopt;
  if (!readWhole(descriptor, trailer.indexOffset + indexBytes, header.data(), header.size())) return std::nullopt;
  if (crc32(crc32(0, units, static_cast<std::size_t>(indexBytes)), header.data(), header.size()) != trailer.checksum) return std::nullopt;
  auto unpacked = unpackHeader(header);
  if (!unpacked) return std::nullopt;
  index.header = std::move(*unpacked);
  for (const PlacedUnit& unit : index.units)
    if (unit.offset < 0 || unit.bytes < 0 || unit.offset > trailer.indexOffset - unit.bytes) return std::nullopt;
  return index;
}

}  // namespace

Result<void> writeUnitIndex(const PartFile& file, std::int64_t offset, const UnitIndex& index) {
  const std::vector<std::byte> header = packHeader(index.header);
  const auto* units = reinterpret_cast<const std::byte*>(index.units.data());
  const std::size_t unitBytes = index.units.size() * sizeof(PlacedUnit);
  UnitTrailer trailer;
  trailer.part = index.part.number;
  trailer.count = index.part.count;
  trailer.first = index.range.first;
  trailer.end = index.range.end;
  trailer.indexOffset = offset;
  trailer.units = static_cast<std::int64_t>(index.units.size());
  trailer.headerBytes = static_cast<std::int64_t>(header.size());
  trailer.checksum = crc32(crc32(0, units, unitBytes), header.data(), header.size());
  trailer.own = sumOf(trailer);
  CUBELOOM_TRY(file.write(offset, units, unitBytes));
  offset += static_cast<std::int64_t>(unitBytes);
  CUBELOOM_TRY(file.write(offset, header.data(), header.size()));
  offset += static_cast<std::int64_t>(header.size());
  return file.write(offset, reinterpret_cast<const std::byte*>(&trailer), sizeof trailer);
}

std::optional<UnitIndex> readUnitIndex(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return std::nullopt;
  auto index = readIndexOf(descriptor);
  ::close(descriptor);
  return index;
}

}  // namespace cubeloom
