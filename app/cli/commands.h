// SPDX-License-Identifier: GPL-3.0-or-later
// The subcommands of cubeloom-cli: each takes its parsed options and returns an exit code (interfaces.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/chain/chain.h"
#include "engine/chain/services.h"

namespace cubeloom::cli {

// Exit codes.
constexpr int kDone = 0;
constexpr int kRunFailed = 1;
constexpr int kInvalid = 2;
constexpr int kInputFailed = 3;
constexpr int kRefused = 4;
constexpr int kCanceled = 130;

/// A chain file's path, or the words of a `!` pipeline.
struct ChainArgument {
  std::string path;
  std::vector<std::string> pipeline;
  std::vector<std::string> sets;  ///< NODE.PARAM=VALUE
};

struct RunArguments {
  ChainArgument chain;
  int workers = 0;
  std::string memory;
  std::string progress = "auto";
  std::string events, report, node;
  bool overwrite = false, json = false, resume = false;
  std::string part;   ///< of `run`: "3/7"
  std::string parts;  ///< of `plan`: "auto" or a number
  bool finalize = false;
  std::string cluster;  ///< of `run`: address of a Dask scheduler; empty: this computer
  struct Tls {
    std::string caFile, certificate, key;
  } tls;                 ///< of a run on a cluster at tls://; empty: as Dask's configuration says
  bool listens = false;  ///< of a run on a cluster: stdin may say "pause", "resume", "cancel"
};

struct PreviewArguments {
  ChainArgument chain;
  std::string node, size, bounds, bands, output;
};

struct ExportArguments {
  ChainArgument chain;
  std::string node, language, memory, output;
  int workers = 0;
  bool strict = false;
};

struct ProveArguments {
  ChainArgument chain;
  std::string with = "python";
  int samples = 8;
  bool json = false;
};

int runInfo(const Services& services, const std::string& path, bool json, bool checksum);
int runCatalog(const Services& services, const std::string& path, bool json);
int runTrust(const Services& services, const std::vector<std::string>& paths, bool remove);
/// A subcommand as completion knows it.
struct CommandWords {
  std::string name;
  std::vector<std::string> options;
};

/// Of one operation all; of what is none's id the list of those that it finds; of nothing the list of all.
int runOps(const Services& services, const std::string& name, bool json);
/// `measures`: runs the sample through some steps first, and keeps how long they take.
int runSystem(const Services& services, bool json, bool measures);
int runPlan(const Services& services, const RunArguments& arguments);
int runRun(const Services& services, const RunArguments& arguments);
/// Answers requests on stdin until it ends. `memory`: a size, or empty.
int runServe(const Services& services, int workers, const std::string& memory);
int runPreview(const Services& services, const PreviewArguments& arguments);
/// 2 where `strict` and a step has no words in the language.
int runExport(const Services& services, const ExportArguments& arguments);
/// 0 where the exported program gives the same values, or such as differ by less than float32 can tell.
int runProve(const Services& services, const ProveArguments& arguments);
/// A script for `shell` ("bash" or "zsh").
int runCompletion(const Services& services, const std::string& shell, const std::vector<CommandWords>& commands);
/// 0 only when every output is whole.
int runVerify(const std::vector<std::string>& outputs);

/// Some chains over a cube made for them in a folder for temporary files: a few seconds. What they took goes to where runs keep it.
Result<void> measureMachine(const Services& services);

/// Prints "cubeloom-cli: ..." to stderr and gives the exit code that belongs to the error.
int report(const Error& error);
/// From now on Ctrl+C ends the process at once, with the exit code of what is canceled: for commands that leave nothing behind.
void endAtInterrupt();
/// Loads the chain, or reads the pipeline; applies --set.
Result<Chain> loadArgument(const ChainArgument& argument, const Registry& registry);
/// "pipeline" or the file's name, for reports.
std::string chainName(const ChainArgument& argument);
/// A size option; InvalidParameter when it is none.
Result<std::int64_t> sizeOption(const std::string& option, const std::string& text);

}  // namespace cubeloom::cli
