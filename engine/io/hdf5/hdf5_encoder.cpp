// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/hdf5/hdf5_encoder.h"

#include <libdeflate.h>

#include <memory>

namespace cubeloom {
namespace {

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

libdeflate_compressor* threadCompressor() {
  thread_local const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(kDeflateLevel));
  return compressor.get();
}

template <std::size_t kBytes>
void shuffle(const std::byte* from, std::byte* to, std::size_t count) {
  for (std::size_t k = 0; k < kBytes; ++k)
    for (std::size_t i = 0; i < count; ++i) to[k * count + i] = from[i * kBytes + k];
}

}  // namespace

std::size_t hdf5EncodedBound(std::size_t rawBytes) { return libdeflate_zlib_compress_bound(nullptr, rawBytes); }

std::size_t hdf5EncoderBytes() { return std::size_t{1} << 20; }

Result<std::size_t> hdf5Encode(const std::byte* raw, std::size_t rawBytes, std::size_t elementBytes, std::byte* shuffled, std::byte* to) {
  const std::byte* from = raw;
  if (elementBytes > 1) from = shuffled;
  const std::size_t count = rawBytes / elementBytes;
  switch (elementBytes) {
    case 2: shuffle<2>(raw, shuffled, count); break;
    case 4: shuffle<4>(raw, shuffled, count); break;
    case 8: shuffle<8>(raw, shuffled, count); break;
    default: break;
  }
  libdeflate_compressor* compressor = threadCompressor();
  const std::size_t bytes =
      compressor == nullptr ? 0 : libdeflate_zlib_compress(compressor, from, rawBytes, to, hdf5EncodedBound(rawBytes));
  if (bytes == 0) return fail(ErrorCode::Internal, "a chunk of " + std::to_string(rawBytes) + " bytes could not be compressed");
  return bytes;
}

}  // namespace cubeloom
