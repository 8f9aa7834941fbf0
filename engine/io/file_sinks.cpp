// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the sink of a request and checks what all of them have in common.
#include "engine/io/file_sinks.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/io/formats.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_layout.h"

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
  if (!request.identity.steps.empty()) checked.leftover = lookForLeftovers(checked.request, &isPublished);
  // What a run of the same chain published before it ended is neither foreign nor written again.
  checked.request.overwrite = request.overwrite || isPublished;
  CUBELOOM_TRY((*format)->checkTarget(request.path, checked.request.overwrite));
  return checked;
}

class FileSinkProvider : public SinkProvider {
 public:
  Result<SinkPlan> plan(const SinkRequest& request) override {
    auto checked = check(request);
    if (!checked) return fail(std::move(checked.error()));
    auto plan = checked->format->plan(checked->request);
    if (plan) plan->leftover = std::move(checked->leftover);
    return plan;
  }

  Result<std::unique_ptr<Sink>> open(const SinkRequest& request, BufferPool pool) override {
    auto checked = check(request);
    if (!checked) return fail(std::move(checked.error()));
    auto plan = checked->format->plan(checked->request);
    if (!plan) return fail(std::move(plan.error()));
    return checked->format->openSink(checked->request, std::move(pool));
  }
};

}  // namespace

std::shared_ptr<SinkProvider> makeSinkProvider() { return std::make_shared<FileSinkProvider>(); }

}  // namespace cubeloom
