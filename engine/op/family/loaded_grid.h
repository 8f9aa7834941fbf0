// SPDX-License-Identifier: GPL-3.0-or-later
// The one grid onto which many grids are brought, and where each of them lies on it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/geo/geobox.h"
#include "engine/op/family/loaded_source.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// A rectangle that is asked for.
struct AskedPlace {
  Bounds bounds;
  Crs crs;                ///< invalid: the output's
  std::string parameter;  ///< that says it
};
/// What `bounds`, `bbox` or `polygons` say: at most one of them.
Result<std::optional<AskedPlace>> askedPlace(const Params& params, const BindContext& context, std::vector<std::string>& files);

/// A rectangle in another CRS: that of its edges, divided. Longitudes may go on beyond 180.
Result<Bounds> movedBounds(const Bounds& bounds, const Crs& from, const Crs& to);

/// The CRS that all `grids` have; else InvalidParameter `crs` lists them.
Result<Crs> commonCrs(const std::vector<GeoBox>& grids);

/// The output's CRS: of the node that `like` names, or what `crs` says, or that of all `grids`.
Result<Crs> cubeCrs(const std::vector<GeoBox>& grids, const Params& params, const BindContext& context);

/// The output's grid by the parameters of gridParams(): by default the finest of `grids`, whose `outlines` are in `crs`, goes on over all
/// of them, or over the place that is asked for.
Result<GeoBox> cubeGrid(const std::vector<GeoBox>& grids, const std::vector<Bounds>& outlines, const Crs& crs,
                        const std::optional<AskedPlace>& place, const Params& params, const BindContext& context);

/// Where `box` lies on `cube`; an empty window where it does not. `bounds`: its outline in the cube's CRS.
Result<LoadedGrid> loadedGrid(const GeoBox& box, const Bounds& bounds, const GeoBox& cube);

/// The outlines of grids in one CRS, with one transformer for all of the same CRS. Longitudes may go on beyond 180.
class Outlines {
 public:
  explicit Outlines(Crs crs) : m_crs(std::move(crs)) {}
  Result<Bounds> of(const GeoBox& box);

 private:
  Crs m_crs;
  std::vector<std::pair<Crs, Transformer>> m_transformers;
};

}  // namespace cubeloom
