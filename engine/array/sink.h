// SPDX-License-Identifier: GPL-3.0-or-later
// What a run sees of an output: a place for chunks that is published only when complete. Implemented in io/, handed in by the app.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/base/result.h"

namespace cubeloom {

/// What to write and how. `path` empty: memory.
struct SinkRequest {
  std::string path;
  std::string format;     ///< GDAL's short name: "GTiff", "COG", "ENVI", "PNG"; "MEM" for memory; empty: from the suffix
  std::string compress;   ///< "none", "deflate", "zstd", "lzw"; empty: the format's default
  std::string overviews;  ///< "auto", "none"
  bool overwrite = false;
  ArraySpec spec;  ///< of the array as written
  std::map<std::string, std::string> metadata;
};

/// How a sink wants its chunks and what it costs.
struct SinkPlan {
  std::string format;
  /// Smallest unit that can be written on its own, in elements per dim of the spec (a dim's full size: the whole dim).
  std::vector<std::int64_t> unit;
  /// Chunks must arrive in row-major order of their place (a reorder window is then kept by the sink).
  bool ordered = false;
  double bytesToWrite = 0;       ///< on disk at the end, upper estimate
  double temporaryBytes = 0;     ///< on disk beside it while running
  double fixedMemoryBytes = 0;   ///< while the sink is open
  double chunkScratchBytes = 0;  ///< per byte-of-chunk-independent write call in flight
};

/// An output being written. write() is thread-safe for disjoint regions.
class Sink {
 public:
  virtual ~Sink() = default;
  /// `position` is the chunk's number in the run's canonical order (0-based, each exactly once); `region` contiguous ranges.
  virtual Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) = 0;
  /// All chunks are in: flush, check, reopen, verify, rename to the final path. `bytesWritten` is exact afterwards.
  virtual Result<void> publish() = 0;
  /// Removes what was written. Called by the destructor unless published.
  virtual void discard() = 0;
  virtual std::int64_t bytesWritten() const = 0;
  /// The result of a memory sink; an empty view otherwise.
  virtual BlockView memory() const { return {}; }
};

/// Plans and opens sinks. Thread-safe.
class SinkProvider {
 public:
  virtual ~SinkProvider() = default;
  /// Checks target, format and spec without touching the disk beyond looking. InvalidParameter names the parameter
  /// (path exists and overwrite is off, folder missing or read-only, dtype not in the format, ...).
  virtual Result<SinkPlan> plan(const SinkRequest& request) = 0;
  virtual Result<std::unique_ptr<Sink>> open(const SinkRequest& request, BufferPool pool) = 0;
};

}  // namespace cubeloom
