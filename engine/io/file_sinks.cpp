// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the sink of a request and checks what all of them have in common.
#include "engine/io/file_sinks.h"

#include "engine/base/text.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

struct Format {
  const char* name;
  Result<SinkPlan> (*plan)(const SinkRequest&);
  Result<std::unique_ptr<Sink>> (*open)(const SinkRequest&, BufferPool);
};
constexpr Format kFormats[] = {
    {"MEM", planMemory, openMemory},    {"ENVI", planEnvi, openEnvi}, {"GTiff", planTiff, openTiff},    {"COG", planTiff, openTiff},
    {"netCDF", planNetcdf, openNetcdf}, {"PNG", planPng, openPng},    {"Zarr", planZarr, openZarrSink},
};

/// What only a TIFF has, asked of another format. What says no more than that format does anyway may stand.
Result<void> checkTiffOptions(const SinkRequest& request) {
  if (request.format == "GTiff" || request.format == "COG") return {};
  const std::string interleave = toLower(request.interleave), overviews = toLower(request.overviews);
  if (!interleave.empty() && interleave != "auto")
    return invalidParameter("interleave", "'" + request.interleave + "' is for GTiff and COG, not for " + request.format,
                            request.format == "ENVI" ? "leave it out: ENVI takes its interleave from the order of the dims, see transpose"
                                                     : "leave it out, or write GTiff or COG");
  if (!overviews.empty() && overviews != "auto" && overviews != "none")
    return invalidParameter("overviews", "'" + request.overviews + "' is for GTiff and COG, not for " + request.format,
                            "leave it out, or write GTiff or COG");
  return {};
}

/// The request with its format made out, and the functions for it.
struct Checked {
  SinkRequest request;
  const Format* format = nullptr;
  Leftover leftover;
};

Result<Checked> check(const SinkRequest& request) {
  Checked checked{request, nullptr, {}};
  auto name = sinkFormat(request);
  if (!name) return fail(std::move(name.error()));
  checked.request.format = *name;
  for (const Format& format : kFormats)
    if (*name == format.name) checked.format = &format;
  CUBELOOM_TRY(checkTiffOptions(checked.request));
  for (const Dim& dim : request.spec.dims)
    if (dim.size <= 0)
      return invalidParameter("input", "dim '" + dim.name + "' is empty: there is nothing to write", "select at least one element of it");
  if (*name == "MEM") return checked;
  bool isPublished = false;
  if (!request.identity.steps.empty()) checked.leftover = lookForLeftovers(checked.request, &isPublished);
  // What a run of the same chain published before it ended is neither foreign nor written again.
  checked.request.overwrite = request.overwrite || isPublished;
  if (*name == "Zarr") {
    CUBELOOM_TRY(checkZarrTarget(request.path, checked.request.overwrite));
  } else {
    CUBELOOM_TRY(checkTarget(request.path, checked.request.overwrite));
  }
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
    return checked->format->open(checked->request, std::move(pool));
  }
};

}  // namespace

std::shared_ptr<SinkProvider> makeSinkProvider() { return std::make_shared<FileSinkProvider>(); }

}  // namespace cubeloom
