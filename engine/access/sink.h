// SPDX-License-Identifier: GPL-3.0-or-later
// What a run sees of an output: a place for chunks that is published only when complete. Implemented in io/, handed in by the app.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/run_parts.h"
#include "engine/access/sink_options.h"
#include "engine/array/array_spec.h"
#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/base/cancel.h"
#include "engine/base/file_fingerprint.h"
#include "engine/base/result.h"

namespace cubeloom {

/// What an output is made from: two runs of equal steps and inputs give the same bytes, so one can continue what the other began. Workers
/// and memory are no part of it.
struct OutputIdentity {
  std::vector<std::string> steps;       ///< one line per step of the chain and one for the output; empty: nothing can be continued
  std::vector<FileFingerprint> inputs;  ///< as they were when the run was planned
  std::vector<std::int64_t> chunk;      ///< elements per dim: what the positions of Sink::write() count in
};

/// What a sink has worked out for a request while it was planned; each sink knows its own.
struct SinkPreparation {
  virtual ~SinkPreparation() = default;
};

/// What to write and how. `path` empty: memory.
struct SinkRequest {
  std::string path;
  std::string format;      ///< GDAL's short name: "GTiff", "COG", "ENVI", "PNG"; "MEM" for memory; empty: from the suffix
  std::string compress;    ///< "none", "deflate", "zstd", "lzw"; empty: the format's default
  std::string overviews;   ///< "all", "none"; "auto" or empty: as the format's users expect
  std::string interleave;  ///< "pixel", "band"; "auto" or empty: what the sink takes for the smaller
  bool overwrite = false;
  SinkOptions options;
  ArraySpec spec;  ///< of the array as written
  std::map<std::string, std::string> metadata;
  OutputIdentity identity;  ///< filled in by the plan
  bool resume = false;      ///< continue what an earlier run of the same identity left beside the target
  /// Parts of a run: how much of the output is made. A part goes to the folder of its run beside the output, as `place` says; the end of
  /// the run takes the parts' units from there.
  enum class Making { All, Part, FromParts };
  Making making = Making::All;
  PartPlace place;
  /// Of this very request, by its plan; empty: open() works it out again.
  std::shared_ptr<const SinkPreparation> prepared;
};

/// What earlier runs of the same target left beside it. The default says: nothing.
struct Leftover {
  /// Chunks of the run that can be continued; the new run has to take them. Empty: it starts anew.
  std::vector<std::int64_t> chunk;
  /// For people: what is continued, or why it cannot be ("the step reproject has changed").
  std::string note;
  double bytes = 0;  ///< on disk, used again or given back when the sink opens
  /// Of the chunks that can be continued: how many are there by the journal; what is damaged among them shows when the sink opens.
  std::int64_t chunksThere = 0;
  /// The output stands at its path, finished by a run of the same identity: there is nothing to do.
  bool isComplete = false;
  /// Unfinished outputs of the target that go when the sink opens, since they are not continued.
  std::vector<std::string> discarded;
};

/// How a sink wants its chunks and what it costs.
struct SinkPlan {
  std::string format;
  /// Smallest unit that can be written on its own, in elements per dim of the spec (a dim's full size: the whole dim).
  std::vector<std::int64_t> unit;
  /// Dims that every chunk has to bring whole, however little memory there is: what shares a block cannot be put together from pieces.
  std::vector<int> wholeDims;
  /// Chunks must arrive in row-major order of their place (a reorder window is then kept by the sink).
  bool ordered = false;
  double bytesToWrite = 0;       ///< on disk at the end, upper estimate
  double temporaryBytes = 0;     ///< on disk beside it while running
  double fixedMemoryBytes = 0;   ///< while the sink is open
  double chunkScratchBytes = 0;  ///< per byte-of-chunk-independent write call in flight
  /// Further files that are written or removed with the output: its header, side files of the one before.
  std::vector<std::string> besideIt;
  Leftover leftover;
  std::vector<std::string> warnings;                ///< what readers of this format will not learn of the array
  std::shared_ptr<const SinkPreparation> prepared;  ///< for SinkRequest::prepared
};

/// An output being written. write() is thread-safe for disjoint regions. A sink that keeps a journal of its units can be continued after
/// any end of its process: it overrides done() and keep(). One that does not (all in memory, or a library that writes in its own order)
/// leaves the defaults, which mean that every run starts anew.
inline constexpr std::int64_t kSumSegmentBytes = std::int64_t{16} << 20;  ///< of a finished output; each has a checksum of its own

class Sink {
 public:
  virtual ~Sink() = default;
  /// Positions that an earlier run has left complete and intact, ascending; they are not written again. Called once, before the first
  /// write; reads what is there to check it, so it may take a while and ends early (with whatever it has) when canceled.
  virtual std::vector<std::int64_t> done(const CancelToken& cancel) {
    (void)cancel;
    return {};
  }
  /// `position` is the chunk's number in the run's canonical order (0-based, each exactly once); `region` contiguous ranges.
  virtual Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) = 0;
  /// Of a sink for a part of a reduction, instead of write(): what was gathered from one part of its input.
  virtual Result<void> writeState(std::int64_t unit, const std::vector<std::byte>& state) {
    (void)unit;
    (void)state;
    return fail(ErrorCode::Internal, "a state for an output that takes none");
  }
  /// What is written from now on is no result to rely on (a stand-in for pixels that could not be read): do not journal it.
  virtual void stopJournal() {}
  /// All chunks are in: flush, check, reopen, verify, rename to the final path. `bytesWritten` is exact afterwards. After a failure the
  /// caller keeps or discards. Putting a large output together takes minutes: Canceled, soon after `cancel` was set, with nothing at the
  /// final path that was not there before and all of the work still in the part.
  virtual Result<void> publish(const CancelToken& cancel) = 0;
  /// Removes what was written. Called by the destructor unless published or kept.
  virtual void discard() = 0;
  /// Instead of discard(), when the run was canceled or failed: leaves what is finished beside the target, for a run with `resume`, and
  /// names it. Empty: nothing was worth keeping, and nothing is left. After publish(): leaves a note that this output is complete, so that
  /// a run of several outputs can be continued.
  virtual std::string keep() {
    discard();
    return {};
  }
  virtual std::int64_t bytesWritten() const = 0;
  /// CRC-32 of the bytes `segment` * kSumSegmentBytes and following of the file at the request's path, which has `fileBytes`, where that is
  /// known from writing them. Called after publish().
  virtual std::optional<std::uint32_t> writtenSum(std::int64_t segment, std::int64_t fileBytes) const {
    (void)segment;
    (void)fileBytes;
    return std::nullopt;
  }
  /// The result of a memory sink; an empty view otherwise.
  virtual BlockView memory() const { return {}; }
};

/// Plans and opens sinks. Thread-safe.
class SinkProvider {
 public:
  virtual ~SinkProvider() = default;
  /// Checks target, format and spec without touching the disk beyond looking. InvalidParameter names the parameter
  /// (path exists and overwrite is off, another run writes it now, folder missing or read-only, dtype not in the format, ...). Looks for
  /// what earlier runs left.
  virtual Result<SinkPlan> plan(const SinkRequest& request) = 0;
  virtual Result<std::unique_ptr<Sink>> open(const SinkRequest& request, BufferPool pool) = 0;
  /// What parts have made of the request's output. PartsMissing: none is there; says why where that is known.
  virtual Result<std::shared_ptr<const MadeUnits>> madeUnits(const SinkRequest& request) {
    return fail(ErrorCode::Internal, "'" + request.path + "' is not made in parts");
  }
  /// The request's part is there already, whole.
  virtual bool isPartMade(const SinkRequest& request) {
    (void)request;
    return false;
  }
  /// What the parts of the request's run have learned for each other; null: nothing can be shared.
  virtual std::shared_ptr<SharedStates> sharedStates(const SinkRequest& request) {
    (void)request;
    return nullptr;
  }
  /// Removes the parts of the request's run, once its output is published.
  virtual void removeParts(const SinkRequest& request) { (void)request; }
  /// Whether runs that are over have left something finished of `path`, beside it. Opens no input.
  virtual bool hasLeftovers(const std::string& path) {
    (void)path;
    return false;
  }
  /// Removes what runs that are over have left unfinished of `path`; gives the bytes that this frees. What a living run writes stays.
  virtual double discardLeftovers(const std::string& path) {
    (void)path;
    return 0;
  }
};

}  // namespace cubeloom
