// SPDX-License-Identifier: GPL-3.0-or-later
// CF's own words for a CRS, for readers that know no WKT.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/geo/crs.h"

namespace cubeloom {

struct GridMappingWords {
  std::map<std::string, std::string> texts;            ///< grid_mapping_name
  std::map<std::string, std::vector<double>> numbers;  ///< false_easting, semi_major_axis, ...
};

/// For geographic systems and the common projections (those of WKT 1 that CF has a name for); empty for others. The WKT beside it is what
/// holds in any case.
GridMappingWords gridMappingWords(const Crs& crs);

}  // namespace cubeloom
