// SPDX-License-Identifier: GPL-3.0-or-later
// The sinks by format. plan*() check dtype and shape and cost the output; the path has been checked before.
#pragma once

#include <memory>
#include <string>

#include "engine/access/sink.h"

namespace cubeloom {

Result<SinkPlan> planMemory(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openMemory(const SinkRequest& request, BufferPool pool);

/// Raw, in the order of dims: (y, b, x) BIL, (y, x, b) BIP, all else BSQ. Any chunk is written where it belongs.
Result<SinkPlan> planEnvi(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openEnvi(const SinkRequest& request, BufferPool pool);

/// The header's path for the data's: "cube.hdr" for "cube.img" and for "cube".
std::string enviHeaderPath(const std::string& path);

/// GTiff and COG.
Result<SinkPlan> planTiff(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openTiff(const SinkRequest& request, BufferPool pool);

/// NetCDF-4 by the CF conventions; dims in the order they have.
Result<SinkPlan> planNetcdf(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openNetcdf(const SinkRequest& request, BufferPool pool);

/// 8 or 16 bit gray, gray + alpha, RGB, RGBA; the whole picture is held in memory.
Result<SinkPlan> planPng(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openPng(const SinkRequest& request, BufferPool pool);

/// Zarr v2: a folder with one array of all dims, its coordinates and a grid mapping.
Result<SinkPlan> planZarr(const SinkRequest& request);
Result<std::unique_ptr<Sink>> openZarrSink(const SinkRequest& request, BufferPool pool);

}  // namespace cubeloom
