// SPDX-License-Identifier: GPL-3.0-or-later
// The bands of items by their names, and those of them that make a cube.
#pragma once

#include <string>
#include <vector>

#include "engine/op/family/item_headers.h"

namespace cubeloom {

/// A band of a cube in one item.
struct PlacedBand {
  std::size_t asset = 0, band = 0;
};

/// What a cube's band is called, and where each item has it; -1 as asset where one has it not.
struct CubeBand {
  std::string name;
  std::vector<std::optional<PlacedBand>> places;  ///< one per item
};

/// The bands that `wanted` names: an asset ("B04"; of several bands all of them), a band of one ("red", "visual.1"), or a common name of
/// STAC ("nir08"), which becomes the band's name. Nothing wanted: those with the role "data", else all that are no pictures; of these the
/// ones of the pixel type and size that most of them have, which `notes` says. Headers are read where items do not list their bands.
/// InvalidParameter `bands`: no item has one of them.
Result<std::vector<CubeBand>> chooseBands(std::vector<Item>& items, const std::vector<std::string>& wanted, ItemHeaders& headers,
                                          std::vector<std::string>& notes);

}  // namespace cubeloom
