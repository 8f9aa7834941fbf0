// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/commands.h"

#include <filesystem>

#include "engine/base/shell_words.h"
#include "engine/chain/chain_paths.h"
#include "engine/export/opened_file.h"
#include "engine/export/python_words.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

std::string beginning(const RunCommand& command, const std::string& shell, const std::string& about) {
  return "#!" + shell + "\n# SPDX-License-Identifier: CC0-1.0\n# " + command.title + "\n" + about;
}

std::string goThere(const RunCommand& command) { return command.folder.empty() ? "" : "cd -- " + shellQuoted(command.folder) + "\n"; }

std::string resources(const RunCommand& command) {
  return (command.workers > 0 ? " --workers " + std::to_string(command.workers) : std::string()) +
         (command.memory.empty() ? "" : " --memory " + shellQuoted(command.memory));
}

/// Into how many parts: PARTS, else what this program proposes where the script is started, for what it has seen of that computer.
std::string partsOf(const RunCommand& command, const std::string& there) {
  return "PARTS=${PARTS:-$(" + there + "cubeloom-cli plan --json --parts auto" + command.options + command.chain +
         " | sed -n 's/^ *\"count\": *\\([0-9]*\\).*/\\1/p')}\n";
}

/// A line that stands nowhere in `text`.
std::string endMark(const std::string& text) {
  std::string mark = "END_OF_JOB";
  while (text.find(mark) != std::string::npos) mark += "_";
  return mark;
}

/// A job's script, read from here.
std::string hereDocument(const std::string& text) {
  const std::string mark = endMark(text);
  return "<<'" + mark + "'\n" + text + mark + "\n";
}

}  // namespace

Result<RunCommand> runCommand(const Chain& chain, const ExportRequest& request, const Registry& registry) {
  RunCommand command;
  command.title = oneLine(chain.title.empty() ? "A chain" : chain.title);
  command.workers = request.workers;
  command.memory = request.memory;
  auto pipeline = chainToPipeline(chain, registry);
  if (!pipeline) return fail(pipeline.error());
  command.pipeline = pipeline->substr(std::min(pipeline->find(" !"), pipeline->size()));
  if (hasRelativePath(chain, registry)) command.folder = folderOfPaths(chain.folder);
  if (request.chainFile.empty()) {
    command.chain = command.pipeline;
  } else {
    command.chain = " " + shellQuoted(fs::absolute(request.chainFile).lexically_normal().string());
    command.isFile = true;
    if (!request.node.empty()) command.options = " --node " + shellQuoted(request.node);
  }
  return command;
}

std::string shellScript(const RunCommand& command) {
  return beginning(command, "/bin/sh", "") + "set -eu\n" + goThere(command) + "cubeloom-cli run" + resources(command) + command.pipeline +
         "\n";
}

std::string slurmScript(const RunCommand& command) {
  const std::string run = "cubeloom-cli run --progress none" + command.options;
  const std::string job = "#!/bin/bash\nset -eu\n" + (command.isFile ? std::string() : goThere(command));
  const std::string memory = command.memory.empty() ? "" : " --memory " + shellQuoted(command.memory);
  const std::string part = job + run + " --workers \"$SLURM_CPUS_PER_TASK\"" + memory +
                           " --part \"$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\"" + command.chain + "\n";
  const std::string last = job + run + memory + " --finalize" + command.chain + "\n";
  return beginning(
             command, "/bin/bash",
             "# Submits a job array to Slurm, each job a part of the run, and a last job that puts the output together once all have\n"
             "# succeeded. PARTS=200 CPUS=8 in front of it change their number and size; without PARTS parts take some minutes.\n"
             "# A part that failed may be run again.\n") +
         "set -euo pipefail\n" + partsOf(command, command.isFile ? "" : goThere(command)) +
         "array=$(sbatch --parsable --job-name=cubeloom --array=1-\"$PARTS\" --cpus-per-task=\"${CPUS:-" +
         std::to_string(command.workers > 0 ? command.workers : 4) + "}\" " + hereDocument(part) + ")\n" +
         "sbatch --job-name=cubeloom-finalize --dependency=afterok:\"${array%%;*}\" " + hereDocument(last);
}

std::string parallelScript(const RunCommand& command) {
  const std::string there = command.isFile ? std::string() : goThere(command);
  const std::string run = "cubeloom-cli run --progress none" + command.options + resources(command);
  return beginning(
             command, "/bin/bash",
             "# Runs the parts of a run by GNU parallel and puts the output together once all have succeeded. PARTS=200 in front of it\n"
             "# changes their number, JOBS how many run at once; with PARALLEL='--sshlogin ...' they run on other machines, too.\n") +
         "set -euo pipefail\n" + partsOf(command, there) + "export parts=$PARTS\npart() {\n" + there + "  " + run +
         " --part \"$1/$parts\"" + command.chain +
         "\n}\nexport -f part\nseq \"$parts\" | parallel --env part --env parts --jobs \"${JOBS:-1}\" --halt soon,fail=1 part\n" + there +
         run + " --finalize" + command.chain + "\n";
}

}  // namespace cubeloom
