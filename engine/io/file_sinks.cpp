// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the sink of a request and checks what all of them have in common.
#include "engine/io/file_sinks.h"

#include <algorithm>
#include <numeric>

#include "engine/base/text.h"
#include "engine/io/formats.h"
#include "engine/io/output_sums.h"
#include "engine/io/sink/parts_of_run.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

/// An option by its lower-case word; empty where it asks for nothing that the format does not do anyway.
std::string asked(const std::string& option) {
  const std::string word = toLower(option);
  return word == "auto" ? "" : word;
}

bool isOneOf(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Failure unknown(const char* option, const std::string& value, const std::vector<std::string>& values) {
  return invalidParameter(option, "'" + value + "' is not known", "use " + join(values, ", "));
}

/// The options that the format takes, and their values.
Result<void> checkOptions(const SinkRequest& request, const FormatFacts& format) {
  const std::string compress = toLower(request.compress), overviews = asked(request.overviews), interleave = asked(request.interleave);
  if (!compress.empty() && !isOneOf(format.compressions, compress))
    return invalidParameter("compress", "compression '" + request.compress + "' is not for " + format.name,
                            "use " + join(format.compressions, ", ") + ", or leave it out");
  if (!interleave.empty() && !format.takesInterleave)
    return invalidParameter("interleave", "'" + request.interleave + "' is for GTiff and COG, not for " + format.name,
                            format.interleaveHint.empty() ? "leave it out, or write GTiff or COG" : format.interleaveHint);
  if (!interleave.empty() && !isOneOf({"band", "pixel"}, interleave))
    return unknown("interleave", request.interleave, {"auto", "band", "pixel"});
  if (!overviews.empty() && overviews != "none" && !format.takesOverviews)
    return invalidParameter("overviews", "'" + request.overviews + "' is for GTiff and COG, not for " + format.name,
                            "leave it out, or write GTiff or COG");
  const SinkOptions& options = request.options;
  if (!options.chunks.empty() && !format.takesChunks)
    return invalidParameter("chunks", "chunks are of netCDF and Zarr, not of " + format.name,
                            format.takesBlocks ? "say the side of its tiles with blocksize" : "leave it out");
  if (options.blockSize > 0 && !format.takesBlocks)
    return invalidParameter("blocksize", "tiles are of GTiff and COG, not of " + format.name,
                            format.takesChunks ? "say its chunks with chunks" : "leave it out");
  if (!options.layout.empty() && !format.takesLayout)
    return invalidParameter("layout", "'" + options.layout + "' is for CSV, not for " + format.name, "leave it out, or write CSV");
  if (!overviews.empty() && !isOneOf({"all", "none"}, overviews)) return unknown("overviews", request.overviews, {"auto", "all", "none"});
  return {};
}

/// Bands and dates are no rows or columns of a picture: they would become them where a row or column of the grid was picked alone.
Result<void> checkRowsAndColumns(const ArraySpec& spec, const FormatFacts& format) {
  if (format.keepsDims || spec.isSpatial() || spec.dims.size() < 2) return {};
  const RasterLayout layout = rasterLayout(spec);
  for (const int d : {layout.yDim, layout.xDim}) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(d)];
    if (d != spec.spectralDim() && dim.name != "time" && dim.coordinate.unit != "datetime") continue;
    return invalidParameter("format",
                            "an array of (" + join(spec.dimNames(), ", ") + ") has no rows and columns: in " + format.name + " '" +
                                dim.name + "' would become " + (d == layout.yDim ? "rows" : "columns") + " of a picture",
                            "keep both dims of the grid (isel y=5:6 is one row, y=5 none), or write NetCDF or Zarr, which keep every dim");
  }
  return {};
}

/// The request with its format made out and its words in lower case, and the functions for it.
struct Checked {
  SinkRequest request;
  const Format* format = nullptr;
  Leftover leftover;
};

/// Whether a run of the same identity has finished the output, and nobody has touched it since. Else `difference` says what is not the
/// same, where that is known.
bool isComplete(const SinkRequest& request, Leftover& leftover, std::string& difference) {
  const auto stored = storedOutput(request.path);
  if (!stored || stored->identity.chunk.size() != request.spec.dims.size()) return false;
  difference = identityDifference(stored->identity, request.identity);
  if (difference.empty() && !stored->isUntouched) difference = "it was written to since";
  if (!difference.empty()) return false;
  leftover.isComplete = true;
  leftover.chunk = stored->identity.chunk;
  leftover.chunksThere = ChunkGrid(request.spec.shape(), leftover.chunk).count();
  leftover.note = "'" + request.path + "' is already complete: the same steps, the same inputs";
  return true;
}

Result<Checked> check(const SinkRequest& request) {
  auto format = sinkFormat(request);
  if (!format) return fail(std::move(format.error()));
  const FormatFacts& facts = *(*format)->facts;
  Checked checked{request, *format, {}};
  checked.request.format = facts.name;
  CUBELOOM_TRY(checkOptions(request, facts));
  checked.request.compress = toLower(request.compress);
  checked.request.overviews = asked(request.overviews);
  checked.request.interleave = asked(request.interleave);
  for (const Dim& dim : request.spec.dims)
    if (dim.size <= 0)
      return invalidParameter("input", "dim '" + dim.name + "' is empty: there is nothing to write", "select at least one element of it");
  if (request.path.empty()) return checked;
  CUBELOOM_TRY(checkRowsAndColumns(request.spec, facts));
  bool isPublished = false;
  if (!request.identity.steps.empty() && request.making != SinkRequest::Making::Part) {
    auto leftover = lookForLeftovers(checked.request, &isPublished);
    if (!leftover) return fail(std::move(leftover.error()));
    checked.leftover = std::move(*leftover);
  }
  std::string difference;
  if (request.resume && checked.leftover.chunk.empty() && isComplete(checked.request, checked.leftover, difference)) return checked;
  // What a run of the same chain published before it ended is neither foreign nor written again.
  checked.request.overwrite = request.overwrite || isPublished;
  auto mayStand = (*format)->checkTarget(request.path, checked.request.overwrite);
  if (!mayStand && !difference.empty()) mayStand.error().hint += "; it is not what this chain makes: " + difference;
  if (!mayStand) return fail(std::move(mayStand.error()));
  return checked;
}

/// An output that is there already.
class CompleteSink : public Sink {
 public:
  explicit CompleteSink(std::int64_t chunks) : m_chunks(chunks) {}
  std::vector<std::int64_t> done(const CancelToken&) override {
    std::vector<std::int64_t> positions(static_cast<std::size_t>(m_chunks));
    std::iota(positions.begin(), positions.end(), std::int64_t{0});
    return positions;
  }
  Result<void> write(std::int64_t, const Region&, const BlockView&) override {
    return fail(ErrorCode::Internal, "a chunk of an output that is complete");
  }
  Result<void> publish(const CancelToken& /*cancel*/) override { return {}; }
  void discard() override {}
  std::int64_t bytesWritten() const override { return 0; }

 private:
  std::int64_t m_chunks;
};

/// Stores the checksums of what another sink has published.
class SummedSink : public Sink {
 public:
  SummedSink(std::unique_ptr<Sink> sink, SinkRequest request) : m_sink(std::move(sink)), m_request(std::move(request)) {}
  std::vector<std::int64_t> done(const CancelToken& cancel) override { return m_sink->done(cancel); }
  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    return m_sink->write(position, region, chunk);
  }
  void stopJournal() override {
    m_isToRelyOn = false;
    m_sink->stopJournal();
  }
  /// Who stops the run while the sums are computed gets the output without them.
  Result<void> publish(const CancelToken& cancel) override {
    // Those of a former output never stand beside this one.
    const FileFingerprint former = fingerprintOf(m_request.path);
    const std::string sums = takeSums(m_request.path);
    if (auto published = m_sink->publish(cancel); !published) {
      if (fingerprintDifference(former, fingerprintOf(m_request.path)).empty()) putSumsBack(m_request.path, sums);
      return published;
    }
    if (m_isToRelyOn) storeSums(m_request, *m_sink, cancel);
    return {};
  }
  void discard() override { m_sink->discard(); }
  std::string keep() override { return m_sink->keep(); }
  std::int64_t bytesWritten() const override { return m_sink->bytesWritten(); }
  BlockView memory() const override { return m_sink->memory(); }

 private:
  std::unique_ptr<Sink> m_sink;
  SinkRequest m_request;
  bool m_isToRelyOn = true;
};

class FileSinkProvider : public SinkProvider {
 public:
  Result<SinkPlan> plan(const SinkRequest& request) override {
    auto checked = check(request);
    if (!checked) return fail(std::move(checked.error()));
    const bool isForParts = request.making != SinkRequest::Making::All;  // whose chunks follow from the format, whatever is there
    if (checked->leftover.isComplete && isForParts) checked->request.overwrite = true;
    if (checked->leftover.isComplete && !isForParts) {
      SinkPlan nothing;
      nothing.format = checked->request.format;
      nothing.unit.assign(request.spec.dims.size(), 1);
      nothing.leftover = std::move(checked->leftover);
      return nothing;
    }
    auto plan = checked->format->plan(checked->request);
    if (!plan) return plan;
    plan->leftover = std::move(checked->leftover);
    if (checked->request.overwrite)
      for (std::string& file : staleSidecars(checked->request.path)) plan->besideIt.push_back(std::move(file));
    return plan;
  }

  Result<std::unique_ptr<Sink>> open(const SinkRequest& request, BufferPool pool) override {
    auto checked = check(request);
    if (!checked) return fail(std::move(checked.error()));
    if (checked->leftover.isComplete) return std::make_unique<CompleteSink>(checked->leftover.chunksThere);
    if (request.making == SinkRequest::Making::Part) return openUnitSink(checked->request, std::move(pool));
    auto plan = checked->format->plan(checked->request);
    if (!plan) return fail(std::move(plan.error()));
    auto sink = checked->format->openSink(checked->request, std::move(pool));
    if (!sink || request.path.empty() || request.identity.steps.empty()) return sink;
    return std::make_unique<SummedSink>(std::move(*sink), std::move(checked->request));
  }

  Result<std::shared_ptr<const MadeUnits>> madeUnits(const SinkRequest& request) override { return openMadeUnits(request); }
  bool isPartMade(const SinkRequest& request) override { return cubeloom::isPartMade(request); }
  std::shared_ptr<SharedStates> sharedStates(const SinkRequest& request) override { return openSharedStates(request); }
  void removeParts(const SinkRequest& request) override { removePartsOf(request); }
  bool hasLeftovers(const std::string& path) override { return hasLeftoversOf(path); }
  double discardLeftovers(const std::string& path) override { return discardLeftoversOf(path); }
};

}  // namespace

std::shared_ptr<SinkProvider> makeSinkProvider() { return std::make_shared<FileSinkProvider>(); }

}  // namespace cubeloom
