// SPDX-License-Identifier: GPL-3.0-or-later
// cubeloom-cli: wires the engine together and hands the command line to a subcommand.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <clocale>
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>

#include "app/cli/cluster_command.h"
#include "app/cli/commands.h"
#include "app/services/services.h"
#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/export/export_chain.h"
#include "engine/io/file/confined_process.h"
#include "engine/io/file/descriptor_pool.h"
#include "engine/io/file/reader_process.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/reader_verb.h"

namespace {

using namespace cubeloom;
using namespace cubeloom::cli;

void addChain(CLI::App* command, ChainArgument& chain) {
  command->add_option("chain", chain.path,
                      "Chain file; or write the chain in place: ! open cube.hdr ! ... ! write out.tif, as words or as one quoted argument");
  command->add_option("--set", chain.sets, "Set a parameter: NODE.PARAM=VALUE (repeatable)")->allow_extra_args(false);
}

void addResources(CLI::App* command, RunArguments& run) {
  command->add_option("--workers", run.workers, "Compute threads (default: all usable cores, see `system`)")->check(CLI::Range(1, 1024));
  command->add_option("--memory", run.memory, "Memory budget, such as 512MiB or 2GiB (default: 70 % of what is available)");
  command->add_option("--node", run.node, "Run or plan to this node instead of every output");
  command->add_flag("--overwrite", run.overwrite, "Replace outputs that are there");
}

std::vector<CommandWords> commandWords(CLI::App& app) {
  std::vector<CommandWords> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    CommandWords& words = commands.emplace_back(CommandWords{command->get_name(), {}});
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_group().empty()) continue;  // for programs, not for people
      for (const std::string& name : option->get_lnames()) words.options.push_back("--" + name);
    }
  }
  return commands;
}

int dispatch(int argc, char** argv) {
  // Options come before the first "!"; what follows is the pipeline.
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto bang = std::find(words.begin(), words.end(), "!");
  std::vector<std::string> pipeline(bang, words.end());
  words.erase(bang, words.end());
  std::reverse(words.begin(), words.end());  // CLI11 takes them back to front

  CLI::App app{"Cubeloom, headless: looks at raster cubes, plans and runs chains of operations.", "cubeloom-cli"};
  app.set_version_flag("--version", CUBELOOM_VERSION);
  app.require_subcommand(1);
  std::string path, name;
  bool json = false, checksum = false, remove = false;
  std::vector<std::string> trusted;
  RunArguments run;
  PreviewArguments preview;
  ExportArguments exported;

  auto* info = app.add_subcommand("info", "What a dataset is: variables, dims, type, chunks, grid, nodata, wavelengths");
  info->add_option("path", path, "File, or ENVI header")->required();
  info->add_flag("--json", json, "One JSON document on stdout");
  info->add_flag("--checksum", checksum, "Read everything and give a CRC-32 of the values");
  auto* catalog = app.add_subcommand("catalog", "Entries of an intake YAML, STAC JSON, kerchunk JSON or a folder");
  catalog->add_option("path", path, "Catalog file or folder")->required();
  catalog->add_flag("--json", json, "One JSON document on stdout");
  auto* trust =
      app.add_subcommand("trust", "Says that files may read other files under their folder, as a VRT does; asked for once per file");
  trust->add_option("path", trusted, "Files that you have looked at")->required();
  trust->add_flag("--remove", remove, "Take it back");
  auto* ops = app.add_subcommand("ops", "Operations with every parameter");
  ops->add_option("name", name, "One operation by its id, or a word that finds some");
  ops->add_flag("--json", json, "One JSON document on stdout");
  bool measures = false;
  auto* system = app.add_subcommand("system", "Cores, limits, default workers and memory");
  system->add_flag("--json", json, "One JSON document on stdout");
  system->add_flag("--measure", measures, "Measure first how fast steps are here: what `plan` tells how long a run will take from");
  auto* plan = app.add_subcommand("plan", "What a chain will read, write and need, without running it");
  addChain(plan, run.chain);
  addResources(plan, run);
  plan->add_flag("--json", run.json, "One JSON document on stdout");
  plan->add_option("--parts", run.parts, "Into how many parts the run is best cut (auto), or how long each of N takes");
  auto* runCommand = app.add_subcommand("run", "Runs a chain");
  addChain(runCommand, run.chain);
  addResources(runCommand, run);
  runCommand->add_option("--progress", run.progress, "bar, jsonl or none")->check(CLI::IsMember({"bar", "jsonl", "none", "auto"}));
  runCommand->add_option("--events", run.events, "Write every event to this file, one JSON object a line");
  runCommand->add_option("--report", run.report, "Write the report to this file as JSON");
  runCommand->add_flag("--resume", run.resume, "Continue what a run that was canceled, failed or killed has left beside its outputs");
  runCommand->add_option("--part", run.part, "Make part K of N alone, K/N such as 3/7: in any order, on any machine that sees the files");
  runCommand->add_flag("--finalize", run.finalize, "Put the outputs together from their parts: the same bytes as one run");
  runCommand->add_option("--cluster", run.cluster,
                         "Make the parts on the Dask cluster whose scheduler is at this address, tcp://HOST:PORT");
  runCommand->add_option("--tls-ca-file", run.tls.caFile,
                         "Of a cluster at tls://HOST:PORT, as Dask's programs have it: who vouches for it (PEM)");
  runCommand->add_option("--tls-cert", run.tls.certificate, "Likewise: this computer's certificate (PEM)");
  runCommand->add_option("--tls-key", run.tls.key, "Likewise: the certificate's key (PEM)");
  runCommand->add_flag("--control", run.listens, "On a cluster: pause, resume or cancel as stdin says, one word a line")->group("");
  ClusterArguments cluster;
  auto* clusterCommand = app.add_subcommand("cluster", "Dask clusters of this computer: start, scale, stop or list them");
  clusterCommand->add_option("action", cluster.action, "start, scale, stop or list")
      ->required()
      ->check(CLI::IsMember({"start", "scale", "stop", "list"}));
  clusterCommand->add_option("address", cluster.name, "Which, where there are several");
  clusterCommand->add_option("--workers", cluster.workers, "Worker processes of one thread each (default: all usable cores)")
      ->check(CLI::Range(1, 1024));
  clusterCommand->add_option("--memory", cluster.memory, "Memory of all workers together (default: 70 % of what is available)");
  clusterCommand->add_flag("--json", cluster.json, "One JSON document on stdout");
  clusterCommand->add_flag("--watch", cluster.watches, "Of one scheduler, wherever it is: a JSON line whenever something changes")
      ->group("");
  std::vector<std::string> outputs;
  auto* verify = app.add_subcommand("verify", "Checks outputs against the checksums stored when they were written");
  verify->add_option("output", outputs, "Output files or Zarr folders")->required();
  auto* previewCommand = app.add_subcommand("preview", "The picture of any node, without running the chain");
  addChain(previewCommand, preview.chain);
  previewCommand->add_option("--node", preview.node, "The node")->required();
  previewCommand->add_option("--size", preview.size, "WxH of the picture")->required();
  previewCommand->add_option("--bounds", preview.bounds, "XMIN,YMIN,XMAX,YMAX in the node's CRS");
  previewCommand->add_option("--bands", preview.bands, "R,G,B or one band, 1-based");
  previewCommand->add_option("-o,--output", preview.output, "PNG file")->required();

  auto* exportCommand = app.add_subcommand("export", "A chain as code: a Python script, a notebook, GDAL's programs, jobs of a cluster");
  addChain(exportCommand, exported.chain);
  exportCommand->add_option("--to", exported.language, "Language: " + join(exportLanguages(), ", "))->required();
  exportCommand->add_option("--node", exported.node, "Export up to this node instead of every output");
  exportCommand->add_option("--workers", exported.workers, "Threads that the code is to compute with")->check(CLI::Range(1, 1024));
  exportCommand->add_option("--memory", exported.memory, "Memory that the code is to keep within, such as 12GiB");
  exportCommand->add_flag("--strict", exported.strict, "Fail where a step has no words in the language");
  exportCommand->add_option("-o,--output", exported.output, "Write to this file instead of stdout");

  auto* serveCommand = app.add_subcommand("serve", "Answers another program's requests for arrays: JSON lines on stdin, bytes on stdout");
  serveCommand->add_option("--workers", run.workers, "Compute threads (default: all usable cores, see `system`)")
      ->check(CLI::Range(1, 1024));
  serveCommand->add_option("--memory", run.memory, "Memory budget over all requests, such as 2GiB (default: 70 % of what is available)");

  ProveArguments proof;
  auto* proveCommand =
      app.add_subcommand("prove", "Recomputes random windows of a chain by its exported program, and compares pixel for pixel");
  addChain(proveCommand, proof.chain);
  proveCommand->add_option("--samples", proof.samples, "Windows of each output")->check(CLI::Range(1, 10000));
  proveCommand->add_option("--with", proof.with, "python or gdal")->check(CLI::IsMember({"python", "gdal"}));
  proveCommand->add_flag("--json", proof.json, "One JSON document on stdout");

  auto* completion = app.add_subcommand("completion", "A script by which a shell completes commands, operations and parameters");
  completion->add_option("shell", name, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));

  for (CLI::App* command : {info, plan, runCommand, previewCommand, exportCommand, serveCommand, proveCommand})
    command->add_option("--trust", trusted, "Trust this file for this command (repeatable), see `trust`")->allow_extra_args(false);

  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kInvalid;
  }
  run.chain.pipeline = preview.chain.pipeline = exported.chain.pipeline = proof.chain.pipeline = std::move(pipeline);

  if (info->parsed() || catalog->parsed() || plan->parsed() || previewCommand->parsed() || exportCommand->parsed() || verify->parsed())
    endAtInterrupt();
  const Services services = makeServices();
  if (trust->parsed()) return runTrust(services, trusted, remove);
  for (const std::string& file : trusted)
    if (const auto done = services.trust->trustForNow(file); !done) return report(done.error());
  if (info->parsed()) return runInfo(services, path, json, checksum);
  if (catalog->parsed()) return runCatalog(services, path, json);
  if (ops->parsed()) return runOps(services, name, json);
  if (completion->parsed()) return runCompletion(services, name, commandWords(app));
  if (system->parsed()) return runSystem(services, json, measures);
  if (plan->parsed()) return runPlan(services, run);
  if (runCommand->parsed()) return run.cluster.empty() ? runRun(services, run) : runOnCluster(services, run);
  if (clusterCommand->parsed()) return runCluster(cluster);
  if (serveCommand->parsed()) return runServe(services, run.workers, run.memory);
  if (verify->parsed()) return runVerify(outputs);
  if (proveCommand->parsed()) return runProve(services, proof);
  if (exportCommand->parsed()) return runExport(services, exported);
  return runPreview(services, preview);
}

const std::terminate_handler kAborting = std::get_terminate();

/// For exceptions that no guard sees: GDAL lets std::bad_alloc out of functions that promise to throw nothing. What is unfinished then lies
/// as after a kill. All else aborts, as a fault should.
void endWithoutMemory() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    constexpr std::string_view kText = "cubeloom-cli: the system gives this process no more memory; let it have more\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
    _exit(kRefused);
  } catch (...) {  // below
  }
  kAborting();
}

}  // namespace

int main(int argc, char** argv) {
  keepGdalsAlgebraToOneThread();
  if (const auto code = answerAsReader(argc, argv)) return *code;
  std::setlocale(LC_ALL, "C.UTF-8");
  raiseDescriptorLimit();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error with a name, not the end of the process
  std::set_terminate(endWithoutMemory);
  const auto code = guarded([&] { return dispatch(argc, argv); });
  if (const std::string notice = hasStartedReaders() ? confiningNotice(confining()) : std::string(); !notice.empty())
    std::cerr << "cubeloom-cli: " << notice << "\n";
  if (!code) return report(code.error());
  if (std::cout.flush()) return *code;
  std::cerr << "cubeloom-cli: the answer could not be written to stdout\n";
  return *code == kDone ? kRunFailed : *code;
}
