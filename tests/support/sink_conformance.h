// SPDX-License-Identifier: GPL-3.0-or-later
// What every sink must do: the same file whatever the chunks, their order and the threads; nothing at the final path before it is
// published or after it is discarded; and pixels that read back as they were given.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "engine/access/sink.h"

namespace cubeloom::test {

/// Pixels of any spec by a closed form: distinct between neighbours and bands, with nodata sprinkled in when declared.
Block closedFormPixels(const ArraySpec& spec);

/// How an array is cut and delivered.
struct Delivery {
  std::vector<std::int64_t> chunk;  ///< elements per dim
  bool shuffled = false;
  int threads = 1;
};

/// Chunks of `chunk` elements that tile `shape`, row-major.
std::vector<Region> chunksOf(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& chunk);

/// Opens, writes all chunks of `pixels` and publishes. Empty, or the first error's text.
QString writeArray(SinkProvider& provider, const SinkRequest& request, const BlockView& pixels, const Delivery& delivery);

/// Runs the whole suite for `request` (its path inside an empty folder). Empty when all holds, else what does not.
QString checkSink(SinkProvider& provider, const SinkRequest& request);

/// `pixels` laid out as [band, row, col] by the rule of interfaces.md: y, x last, all other dims flattened in their order.
std::vector<std::byte> asRaster(const ArraySpec& spec, const BlockView& pixels);

}  // namespace cubeloom::test
