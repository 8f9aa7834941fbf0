// SPDX-License-Identifier: GPL-3.0-or-later
// A chain as a Python program: one cell for each step, from which scripts and notebooks are made.
#pragma once

#include <string>
#include <vector>

#include "engine/access/source.h"
#include "engine/chain/graph.h"

namespace cubeloom {

/// One step.
struct PythonCell {
  std::string node;     ///< of the chain
  std::string heading;  ///< "Reproject: 500 m · nearest"; one line
  std::string note;     ///< why the engine does it; one line, empty: it does not
  std::string code;
};

/// What the parts of a program share, and its steps in their order.
struct PythonProgram {
  std::string title;  ///< one line
  std::string setup;  ///< imports, the folder, functions
  std::vector<PythonCell> cells;
  std::string shown;                 ///< the variable that a picture would show; empty: none
  std::string shownY, shownX;        ///< its spatial dims
  std::vector<std::string> results;  ///< variables that nothing writes or takes
};

/// Resources of a local Dask cluster that the program is to start; none: it runs on Dask's threads.
struct PythonCluster {
  int workers = 0;
  std::string memory;
};

/// `graph` is `chain`, bound without an error.
Result<PythonProgram> pythonProgram(const Chain& chain, const Graph& graph, const Registry& registry, SourceProvider& sources,
                                    const PythonCluster& cluster);
/// One file that Python runs; its end prints what no step writes.
std::string pythonScript(const PythonProgram& program);
std::string pythonEnd(const PythonProgram& program);
/// The same as cells of a notebook, nbformat 4.
std::string pythonNotebook(const PythonProgram& program);

/// Definitions of the functions that `code` calls, and those that they call.
std::string pythonFunctions(const std::string& code);

}  // namespace cubeloom
