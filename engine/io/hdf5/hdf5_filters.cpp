// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_filters.h"

#include <libdeflate.h>

#include <cstring>
#include <memory>

namespace cubeloom {
namespace {

constexpr std::size_t kChecksumBytes = 4;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

/// One a thread: making one is expensive.
libdeflate_decompressor* threadDecompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
  return decompressor.get();
}

/// HDF5's Fletcher checksum: over 16-bit words, the first byte of each the high one.
std::uint32_t fletcher32(const std::byte* data, std::size_t bytes) {
  std::uint32_t sum1 = 0, sum2 = 0;
  std::size_t words = bytes / 2;
  while (words > 0) {
    // As many words as cannot overflow 32 bits before the sums are folded.
    for (std::size_t run = std::min<std::size_t>(words, 360); run > 0; --run, --words, data += 2) {
      sum1 += (std::to_integer<std::uint32_t>(data[0]) << 8) | std::to_integer<std::uint32_t>(data[1]);
      sum2 += sum1;
    }
    sum1 = (sum1 & 0xFFFF) + (sum1 >> 16);
    sum2 = (sum2 & 0xFFFF) + (sum2 >> 16);
  }
  if (bytes % 2 != 0) {
    sum1 += std::to_integer<std::uint32_t>(*data) << 8;
    sum2 += sum1;
    sum1 = (sum1 & 0xFFFF) + (sum1 >> 16);
    sum2 = (sum2 & 0xFFFF) + (sum2 >> 16);
  }
  sum1 = (sum1 & 0xFFFF) + (sum1 >> 16);
  sum2 = (sum2 & 0xFFFF) + (sum2 >> 16);
  return (sum2 << 16) | sum1;
}

bool checksumHolds(const std::byte* data, std::size_t bytes) {
  std::uint32_t stored = 0;
  std::memcpy(&stored, data + bytes, kChecksumBytes);
  const std::uint32_t computed = fletcher32(data, bytes);
  // Files before HDF5 1.6.3 have the bytes of each half the other way round.
  const std::uint32_t old = ((computed & 0x00FF00FF) << 8) | ((computed >> 8) & 0x00FF00FF);
  return stored == computed || stored == old;
}

template <std::size_t kBytes>
void unshuffleElements(const std::byte* from, std::byte* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < kBytes; ++k) to[i * kBytes + k] = from[k * count + i];
}

void unshuffle(const std::byte* from, std::byte* to, std::size_t bytes, std::size_t elementBytes) {
  const std::size_t count = bytes / elementBytes;
  switch (elementBytes) {
    case 2: unshuffleElements<2>(from, to, count); break;
    case 4: unshuffleElements<4>(from, to, count); break;
    case 8: unshuffleElements<8>(from, to, count); break;
    default:
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t k = 0; k < elementBytes; ++k) to[i * elementBytes + k] = from[k * count + i];
  }
  std::memcpy(to + count * elementBytes, from + count * elementBytes, bytes - count * elementBytes);
}

}  // namespace

Result<std::byte*> Hdf5Filters::undo(std::byte* a, std::byte* b, std::size_t storedBytes, std::size_t chunkBytes,
                                     std::uint32_t skipped) const {
  const auto isApplied = [skipped](std::size_t i) { return (skipped >> i & 1U) == 0; };
  // What the data measured before filter i was applied: checksums of earlier filters add to the chunk.
  std::vector<std::size_t> before;
  std::size_t bytes = chunkBytes;
  for (std::size_t i = 0; i < m_filters.size(); ++i) {
    before.push_back(bytes);
    if (m_filters[i] == Kind::Fletcher32 && isApplied(i)) bytes += kChecksumBytes;
  }
  std::size_t held = storedBytes;
  for (std::size_t i = m_filters.size(); i-- > 0;) {
    if (!isApplied(i)) continue;
    switch (m_filters[i]) {
      case Kind::Fletcher32:
        if (held < kChecksumBytes) return fail(ErrorCode::ReadFailed, "is too short for its checksum");
        held -= kChecksumBytes;
        if (!checksumHolds(a, held)) return fail(ErrorCode::ReadFailed, "does not match its checksum");
        break;
      case Kind::Deflate: {
        std::size_t got = 0;
        if (libdeflate_zlib_decompress(threadDecompressor(), a, held, b, before[i], &got) != LIBDEFLATE_SUCCESS || got != before[i])
          return fail(ErrorCode::ReadFailed, "cannot be decompressed to its " + std::to_string(before[i]) + " bytes");
        held = got;
        std::swap(a, b);
        break;
      }
      case Kind::Shuffle:
        unshuffle(a, b, held, m_elementBytes);
        std::swap(a, b);
        break;
    }
  }
  if (held != chunkBytes)
    return fail(ErrorCode::ReadFailed, "has " + std::to_string(held) + " bytes instead of " + std::to_string(chunkBytes));
  return a;
}

}  // namespace cubeloom
