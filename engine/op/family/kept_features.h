// SPDX-License-Identifier: GPL-3.0-or-later
// Zones and points remember the file that they are of, so that what is written of them can have their geometry.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// The attribute of an array that says which features its entries are; outputs leave names with '_' out.
inline constexpr const char* kFeaturesKey = "_features";

/// What stands there: dim `dim` has an entry for each polygon, or for each point, of the file that parameter `name` names.
std::string originOf(const Params& params, const std::string& name, const BindContext& context, const std::string& dim, bool isOfPoints);

/// GeoJSON geometries in longitude and latitude, one per entry of a dim.
struct EntryGeometries {
  int dim = -1;
  std::shared_ptr<std::vector<std::string>> texts;
};
/// Of the features that the array remembers, found by their ids, or by their order where ids repeat. Unset: it remembers none, they cannot
/// be read any more, or an entry is not among them.
std::optional<EntryGeometries> geometriesAlong(const ArraySpec& spec, const BindContext& context);

}  // namespace cubeloom
