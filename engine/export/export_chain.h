// SPDX-License-Identifier: GPL-3.0-or-later
// Whole chains as code of other languages.
#pragma once

#include <string>
#include <vector>

#include "engine/access/source.h"
#include "engine/chain/chain.h"

namespace cubeloom {

struct ExportRequest {
  std::string language;   ///< one of exportLanguages()
  std::string node;       ///< up to this one; empty: to every output
  std::string chainFile;  ///< where the chain lies, for jobs that run it; empty: they bring it along
  int workers = 0;        ///< of what the code starts; 0: its own choice
  std::string memory;     ///< "12GiB"; empty: its own choice
};

/// A step that the language has no words for.
struct StepLeftOut {
  std::string node, reason;
};

struct ExportedChain {
  std::string text = {};
  std::string end = {};                   ///< the last lines of `text`, which show the result; of Python alone
  std::string variable = {};              ///< what holds the result, where it is one; of Python alone
  std::vector<StepLeftOut> leftOut = {};  ///< the text says at these steps what is missing
};

/// "python", "notebook", "gdal", ...
std::vector<std::string> exportLanguages();

/// InvalidParameter: an unknown language or node, naming those that there are. Errors of the chain as bindChain() finds them.
Result<ExportedChain> exportChain(const Chain& chain, const ExportRequest& request, const Registry& registry, SourceProvider& sources);

}  // namespace cubeloom
