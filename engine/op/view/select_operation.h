// SPDX-License-Identifier: GPL-3.0-or-later
// A selection along named dims as a view; what isel and sel share.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/op/view/selection.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {

/// A view of `input` that keeps `selections` (by dim name). The summary lists them.
std::shared_ptr<const BoundOperation> makeSelection(const ArraySpec& input, const std::map<std::string, DimSelection>& selections,
                                                    std::string summary);
/// The entries of the `indexers` parameter, each read by `read`; an unknown dim is an error that lists the dims.
Result<std::map<std::string, DimSelection>> readSelections(const ArraySpec& input, const Json& indexers,
                                                           const std::function<Result<DimSelection>(const Dim&, const Json&)>& read);
/// The dims of those names. InvalidParameter on `dims` for one that is not there (it lists the dims) or stands twice.
Result<std::vector<int>> dimsNamed(const ArraySpec& input, const std::vector<std::string>& names);
/// "time 0 · wavelength 400:700".
std::string selectionSummary(const Json& indexers);

}  // namespace cubeloom
