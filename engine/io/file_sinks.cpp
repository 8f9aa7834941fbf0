// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the sink of a request and checks what all of them have in common.
#include "engine/io/file_sinks.h"

#include <algorithm>
#include <iterator>

#include "engine/io/gdal_library.h"
#include "engine/io/resumable_part.h"
#include "engine/io/sink_formats.h"
#include "engine/io/sink_target.h"

namespace cubeloom {
namespace {

struct Format {
  const char* name;
  Result<SinkPlan> (*plan)(const SinkRequest&);
  Result<std::unique_ptr<Sink>> (*open)(const SinkRequest&, BufferPool);
  bool usesGdal;
};
constexpr Format kFormats[] = {
    {"MEM", planMemory, openMemory, false},  {"ENVI", planEnvi, openEnvi, true},        {"GTiff", planTiff, openTiff, true},
    {"COG", planTiff, openTiff, true},       {"netCDF", planNetcdf, openNetcdf, false}, {"PNG", planPng, openPng, true},
    {"Zarr", planZarr, openZarrSink, false},
};

/// Of a name that sinkFormat() gives.
const Format& formatNamed(const std::string& name) {
  return *std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& format) { return name == format.name; });
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
  checked.format = &formatNamed(*name);
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
  void expect(const SinkRequest& request) override {
    if (const auto name = sinkFormat(request); name && formatNamed(*name).usesGdal) loadGdalAhead();
  }

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
