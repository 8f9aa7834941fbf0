// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/grid_params.h"

#include "engine/geo/pixel_grid.h"
#include "engine/op/view/selection.h"

namespace cubeloom {

Result<GridRequest> gridRequestOf(const Params& params, const Crs& sourceCrs) {
  GridRequest request;
  request.crs = sourceCrs;
  if (params.has("crs")) {
    auto crs = params.crs("crs");
    if (!crs) return fail(crs.error());
    request.crs = *crs;
  }
  const Json& resolution = params.json("resolution");
  if (resolution.is_string()) {
    const auto mode = resolution.get<std::string>();
    request.mode = mode == "fit" ? ResolutionMode::Fit : mode == "same" ? ResolutionMode::Same : ResolutionMode::Auto;
  } else {
    const auto size = params.numbers("resolution");
    request.mode = ResolutionMode::Given;
    request.resolutionX = size[0];
    request.resolutionY = size.back();
  }
  if (params.has("shape")) {
    const auto shape = params.numbers("shape");
    if (shape.size() == 1) {
      request.shapeLongest = static_cast<std::int64_t>(shape[0]);
    } else {
      request.shapeRows = static_cast<std::int64_t>(shape[0]);
      request.shapeCols = static_cast<std::int64_t>(shape[1]);
    }
  }
  if (params.has("bounds")) {
    const auto b = params.numbers("bounds");
    request.bounds = Bounds{b[0], b[1], b[2], b[3]};
  }
  request.tight = params.flag("tight");
  const std::string anchor = params.choice("anchor");
  request.anchor = anchor == "edge"       ? Anchor::Edge
                   : anchor == "center"   ? Anchor::Center
                   : anchor == "floating" ? Anchor::Floating
                                          : Anchor::Default;
  return request;
}

std::vector<Param> gridParams() {
  return {
      {.name = "crs", .type = ParamType::Crs, .help = "Of the output; by default the input's.", .label = "coordinate system"},
      {.name = "resolution",
       .type = ParamType::Resolution,
       .help = "Pixel size, [x, y], or auto, fit, same.",
       .unit = "units of the CRS",
       .defaultTo = "auto"},
      {.name = "anchor",
       .type = ParamType::Choice,
       .help = "What the grid snaps to.",
       .defaultTo = "default",
       .choices = {"default", "edge", {"center", "", {"centre"}}, "floating"},
       .label = "grid"},
      {.name = "like", .type = ParamType::Node, .help = "Node or file whose grid is taken as it is.", .advanced = true},
      {.name = "shape", .type = ParamType::Shape, .help = "Rows and columns instead of a resolution.", .unit = "pixels", .advanced = true},
      {.name = "bounds",
       .type = ParamType::Bounds,
       .help = "Extent of the output in its CRS; by default what covers the source.",
       .unit = "units of the CRS",
       .advanced = true},
      {.name = "tight",
       .type = ParamType::Bool,
       .help = "Fit the extent instead of snapping; with shape exactly, without odc-geo's margin, as gdalwarp -ts does.",
       .defaultTo = false,
       .advanced = true}};
}

Result<std::optional<GeoBox>> gridLike(const Params& params, const BindContext& context) {
  if (!params.has("like") || params.text("like").empty()) return std::nullopt;
  if (!context.specOf) return invalidParameter("like", "there is no other node to take the grid from");
  auto other = context.specOf(params.text("like"));
  if (!other) return invalidParameter("like", other.error().message, other.error().hint);
  if (!other->geobox) return invalidParameter("like", "'" + params.text("like") + "' has no grid on the ground");
  return other->geobox;
}

Result<GeoBox> gridOf(const Params& params, const GeoBox& source, const BindContext& context) {
  auto like = gridLike(params, context);
  if (!like) return fail(like.error());
  if (*like) return **like;
  auto request = gridRequestOf(params, source.crs());
  if (!request) return fail(request.error());
  if (!source.crs().isValid() && params.has("crs"))
    return invalidParameter(
        "crs", "the input's own CRS is unknown",
        countsPixels(source) ? "add assign_grid before, which says where its pixels lie" : "add assign_crs before, or set 'crs' of open");
  return outputGeobox(source, *request);
}

}  // namespace cubeloom
