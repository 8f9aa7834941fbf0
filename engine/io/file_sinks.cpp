// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the sink of a request and checks what all of them have in common.
#include "engine/io/file_sinks.h"

#include "engine/io/resumable_part.h"
#include "engine/io/sink_formats.h"
#include "engine/io/sink_target.h"

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
