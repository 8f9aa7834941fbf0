// SPDX-License-Identifier: GPL-3.0-or-later
// From a list of items to the cube that they make: which of them, which bands, which grid, what the values are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/datetime.h"
#include "engine/op/family/loaded_source.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// How bands of a name, or all others ("*"), are resampled.
struct BandMethod {
  std::string band;
  Resampling method = Resampling::Nearest;
};

struct LoadRequest {
  ItemsRequest items;
  std::vector<std::string> bands;  ///< empty: those of one kind
  std::optional<TimeSpan> time;
  std::vector<BandMethod> methods;
  Overlap overlap = Overlap::First;
  std::string groupBy, sortBy;  ///< see groupItems()
  std::string decode;           ///< "auto", "true", "false"
  std::optional<double> nodata;
  bool plainKernel = false;
};

struct LoadedItems {
  LoadedCube cube;
  std::vector<std::string> notes, warnings;
  std::string summary;
};

/// The grid and the place are those of `params`: gridParams(), `bbox`, `polygons`. InvalidParameter, OpenFailed, GridMismatch; errors about
/// a file name its item.
Result<LoadedItems> loadItems(const LoadRequest& request, const Params& params, const BindContext& context);

}  // namespace cubeloom
