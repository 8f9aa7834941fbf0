// SPDX-License-Identifier: GPL-3.0-or-later
// The file that a step opens, as other programs have to be told it.
#pragma once

#include <optional>
#include <string>

#include "engine/access/source.h"
#include "engine/chain/graph.h"

namespace cubeloom {

struct OpenedFile {
  std::string path;    ///< as the chain names it; of an ENVI header the file with the data
  std::string driver;  ///< DatasetInfo's
  std::string param;   ///< of the operation: the one that names it
};

/// Nothing where `node` opens none, or none that can be described by itself.
std::optional<OpenedFile> openedFile(const Graph& graph, int node, const Declaration& declaration, SourceProvider& sources);

/// Where a chain's relative paths begin: its folder, or that of the program for a chain that lies nowhere yet.
std::string folderOfPaths(const std::string& chainFolder);

}  // namespace cubeloom
