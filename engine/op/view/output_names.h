// SPDX-License-Identifier: GPL-3.0-or-later
// Several outputs of one array, named by a template: "out_{time:%Y%m%d}_{band}.tif", tiles "out_{row}_{col}.tif".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/op/view/selection.h"

namespace cubeloom {

/// One of the outputs: where it lies, and what of the array it holds.
struct NamedSlice {
  std::string path;
  std::map<std::string, DimSelection> selections;
  Json indexers = Json::object();  ///< the same as parameter of isel
};

/// Whether a path has a field in braces: {time}, {time:%Y%m%d}, {band:03d}, {row}. As in Python's format, {{ and }} are braces themselves.
bool isOutputTemplate(const std::string& path);
/// A path that is no template, as it is on the disk: "a_{{x}}.tif" is a_{x}.tif.
std::string withoutEscapes(const std::string& path);

/// An output for each entry of every dim that the template names, and for each tile of `tileRows` x `tileCols` pixels where it names row or
/// col; first to last in the order of the dims. InvalidParameter on `path`: a field is no dim, two outputs have one name (both are said),
/// or they are too many.
Result<std::vector<NamedSlice>> namedSlices(const ArraySpec& spec, const std::string& path, std::int64_t tileRows, std::int64_t tileCols);

}  // namespace cubeloom
