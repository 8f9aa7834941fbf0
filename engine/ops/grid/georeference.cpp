// SPDX-License-Identifier: GPL-3.0-or-later
// georeference: a raster that no grid places, put on one by its control points, sensor model or location arrays. It stands for the steps
// behind it with another way to open the raster: what lies under an output pixel is known where the raster is read.
#include <algorithm>
#include <cmath>

#include "engine/op/family/composite.h"
#include "engine/op/family/warped.h"
#include "engine/op/param_kinds.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Georeference";
  d.summary = "Puts a raster without a grid on one, by its control points, its RPCs or its arrays of locations.";
  d.help =
      "The grid is the one that GDAL suggests, about as fine as the raster, in the CRS of the control points (longitudes and latitudes for "
      "RPCs). gcp is a polynomial of the order that GDAL chooses, gcp1 to gcp3 one of that order, tps thin plate splines; rpc the sensor "
      "model; geolocation the arrays of longitudes and latitudes that the file's GEOLOCATION metadata names, which GDAL inverts "
      "approximately. Each pixel is found exactly, as by gdalwarp -et 0. Stands behind open; only steps that choose, order or name bands "
      "and assign nodata may come between. Around the raster stands its nodata.";
  d.references = {"https://gdal.org/programs/gdalwarp.html", "https://gdal.org/user/raster_data_model.html#gcps"};
  d.example = "georeference method=gcp";
  d.noPython = "rasterio.warp.reproject takes gcps and rpcs from file to file; xarray has nothing of it";
  d.gdal =
      "gdalwarp -et 0{?method=gcp1: -order 1?}{?method=gcp2: -order 2?}{?method=gcp3: -order 3?}{?method=tps: -tps?}{?method=rpc: -rpc?}"
      "{?method=geolocation: -geoloc?}{? -to RPC_HEIGHT={rpc_height}?}{? -to RPC_DEM={rpc_dem}?} -r {resampling} {input} {output}";
  d.keywords = {"gcp", "rpc", "tps", "ground control points", "geolocation", "rectify", "warp"};
  Param method{.name = "method",
               .type = ParamType::Choice,
               .help = "What says where the raster's pixels lie.",
               .required = true,
               .choices = {"gcp", "gcp1", "gcp2", "gcp3", "tps", "rpc", "geolocation"}};
  Param height{.name = "rpc_height",
               .type = ParamType::Number,
               .help = "With method=rpc: the ground's height above the ellipsoid; 0 when left out.",
               .unit = "m",
               .advanced = true};
  Param dem{.name = "rpc_dem",
            .type = ParamType::Path,
            .help =
                "With method=rpc: a raster of heights, between whose pixels is interpolated; rpc_height is added to them. Where it has "
                "none, nothing is placed.",
            .advanced = true};
  d.params = {method, resamplingParam(), height, dem};
  return d;
}

bool takes(const ChainStep& step, const std::string& param) {
  const auto& params = step.operation->declaration().params;
  return std::any_of(params.begin(), params.end(), [&param](const Param& p) { return p.name == param; });
}

/// Whether a step says anything of rows and columns, which are others on the grid.
bool speaksOfPixels(const ChainStep& step, const ArraySpec& raster) {
  for (const Param& param : step.operation->declaration().params) {
    const auto value = step.values.find(param.name);
    if (value == step.values.end()) continue;
    if (param.type == ParamType::Bounds || param.type == ParamType::Node) return true;
    if (isPerDim(param.type) && value->is_object())
      for (const int dim : {raster.yDim, raster.xDim})
        if (value->contains(raster.dims[static_cast<std::size_t>(dim)].name)) return true;
  }
  return false;
}

Result<std::vector<ChainStep>> steps(const Params& params, const BindContext& context) {
  static constexpr const char* kRemedy = "put it directly behind open; steps that choose bands or assign nodata may come between";
  if (!context.stepsBehind) return fail(ErrorCode::InvalidChain, "no raster lies directly behind this step", kRemedy);
  auto steps = context.stepsBehind();
  if (!steps) return fail(ErrorCode::InvalidChain, "no raster lies directly behind this step: " + steps.error().message, kRemedy);
  ChainStep& open = steps->front();
  const ArraySpec &raster = open.bound->spec(), &array = steps->back().bound->spec();
  if (!takes(open, "georeference") || !raster.isSpatial())
    return fail(ErrorCode::InvalidChain, "'" + open.operation->declaration().id + "' opens no raster with rows and columns", kRemedy);
  if (open.values.value("georeference", "none") != "none")
    return fail(ErrorCode::InvalidChain,
                "the raster is on a grid already: open was told georeference=" + open.values.value("georeference", ""),
                "leave that out there");
  for (const ChainStep& step : *steps)
    if (speaksOfPixels(step, raster))
      return fail(ErrorCode::InvalidChain,
                  "'" + step.operation->declaration().id + "' takes a part of the raster's rows and columns before",
                  "put it behind georeference, or write that part to a file first");
  const bool isRpc = params.choice("method") == "rpc";
  for (const char* name : {"rpc_height", "rpc_dem"})
    if (!isRpc && params.has(name)) return invalidParameter(name, "only RPCs ask for heights", "set method=rpc, or leave it out");
  open.values["georeference"] = params.choice("method");
  open.values["resampling"] = params.choice("resampling");
  for (const char* name : {"rpc_height", "rpc_dem"})
    if (params.has(name)) open.values[name] = params.json(name);
  // What a step in between declares is what surrounds the raster.
  if (array.nodata && array.nodata != raster.nodata) open.values["nodata"] = std::isnan(*array.nodata) ? Json("nan") : Json(*array.nodata);
  return steps;
}

}  // namespace

CUBELOOM_OPERATION(georeference) { return composite(declaration(), steps); }

}  // namespace cubeloom
