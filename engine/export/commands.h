// SPDX-License-Identifier: GPL-3.0-or-later
// Chains as commands of a shell: one run, or the parts of one on many machines.
#pragma once

#include <string>

#include "engine/export/export_chain.h"

namespace cubeloom {

/// What a script has to type to run a chain.
struct RunCommand {
  std::string title;     ///< one line
  std::string folder;    ///< where the pipeline's paths are relative to; empty: nowhere
  std::string options;   ///< " --node 'a b'"
  std::string chain;     ///< a path, or a pipeline's words, quoted
  bool isFile = false;   ///< `chain` is a path: it may be run from anywhere
  std::string pipeline;  ///< always the words: " ! open a.tif ! ..."
  int workers = 0;
  std::string memory;
};

Result<RunCommand> runCommand(const Chain& chain, const ExportRequest& request, const Registry& registry);

/// The pipeline: it parses back to the same chain.
std::string shellScript(const RunCommand& command);
/// A job array of Slurm, a part of the run in each, and a job after them that puts the output together.
std::string slurmScript(const RunCommand& command);
/// The same by GNU parallel.
std::string parallelScript(const RunCommand& command);

}  // namespace cubeloom
