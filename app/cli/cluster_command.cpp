// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cluster_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "app/cli/parts.h"
#include "app/cli/planned.h"
#include "engine/base/embedded.h"
#include "engine/base/json_text.h"
#include "engine/base/saved_file.h"
#include "engine/base/system.h"
#include "engine/base/text.h"
#include "engine/chain/chain_paths.h"
#include "engine/cluster/scheduler_port.h"

namespace cubeloom {

/// The programs of resources/dask, which the build makes texts of this one.
std::span<const EmbeddedDocument> daskScripts();

namespace cli {
namespace {

/// Whether `python` is there and has distributed, without loading it.
bool hasDistributed(const std::string& python) {
  constexpr const char* kLook = "import importlib.util, sys; sys.exit(importlib.util.find_spec('distributed') is None)";
  const char* words[] = {python.c_str(), "-c", kLook, nullptr};
  pid_t child = 0;
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  for (const int stream : {0, 1, 2}) posix_spawn_file_actions_addopen(&quiet, stream, "/dev/null", O_RDWR, 0);
  const int problem = posix_spawnp(&child, python.c_str(), &quiet, nullptr, const_cast<char**>(words), environ);
  posix_spawn_file_actions_destroy(&quiet);
  int status = 0;
  return problem == 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The one that is named, else the first that has distributed: an environment's before the system's; else python3, which says what it
/// lacks.
std::string pythonProgram() {
  if (const char* named = std::getenv("CUBELOOM_PYTHON"); named && *named) return named;
  for (const char* one : {"python3", "/usr/bin/python3"})
    if (hasDistributed(one)) return one;
  return "python3";
}

/// This process goes on as Python running `script`; returns where there is no Python.
int becomePython(const std::string& script, const std::vector<std::string>& arguments) {
  const auto all = daskScripts();
  const auto found = std::find_if(all.begin(), all.end(), [&script](const EmbeddedDocument& one) { return one.name == script; });
  const std::string python = pythonProgram();
  std::vector<std::string> words{python, "-c", std::string(found->text)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::cout.flush();
  execvp(python.c_str(), pointers.data());
  std::cerr << "cubeloom-cli: there is no " << python
            << " (install python3 and python3-distributed, or name a Python that has distributed in CUBELOOM_PYTHON)\n";
  return kInputFailed;
}

constexpr double kKnockSeconds = 2;

/// As Dask reads its configuration from the environment: before its files.
Result<void> setCertificates(const RunArguments::Tls& tls) {
  const std::pair<const char*, const std::string*> given[] = {
      {"CA_FILE", &tls.caFile}, {"CLIENT__CERT", &tls.certificate}, {"CLIENT__KEY", &tls.key}};
  for (const auto& [name, path] : given) {
    if (path->empty()) continue;
    if (std::error_code problem; !std::filesystem::is_regular_file(*path, problem))
      return fail(ErrorCode::InvalidParameter, "there is no certificate or key " + *path, "name a PEM file");
    setenv(("DASK_DISTRIBUTED__COMM__TLS__" + std::string(name)).c_str(), std::filesystem::absolute(*path).c_str(), 1);
  }
  return {};
}

Result<void> checkAddress(const std::string& address) {
  const bool isKnown = address.starts_with("tcp://") || address.starts_with("tls://");
  const std::size_t port = address.rfind(':');
  if (isKnown && port > 5 && parseInteger(address.substr(port + 1))) return {};
  return fail(ErrorCode::InvalidParameter, "--cluster " + address + " is no address of a Dask scheduler",
              "write tcp://HOST:PORT or tls://HOST:PORT, as the scheduler prints it");
}

Result<void> checkOptions(const RunArguments& arguments) {
  CUBELOOM_TRY(checkAddress(arguments.cluster));
  const auto without = [](const char* option, const char* hint) {
    return fail(ErrorCode::InvalidParameter, std::string(option) + " and --cluster are given together", hint);
  };
  if (!arguments.part.empty()) return without("--part", "a cluster makes all parts");
  if (arguments.finalize) return without("--finalize", "a run on a cluster ends with it by itself");
  if (arguments.workers > 0) return without("--workers", "the cluster has its own: a part is computed by one thread of a worker");
  return setCertificates(arguments.tls);
}

/// What the Python program has to know, as it says in its class Job.
Json jobOf(const Plan& plan, const Chain& chain, const RunArguments& arguments) {
  const PartsProposal parts = proposal(plan, 0);
  Json inputs = Json::array();
  for (const FileFingerprint& input : plan.inputs) inputs.push_back({{"path", input.path}, {"bytes", input.sizeBytes}});
  std::set<std::string> folders;
  for (const Stage& stage : plan.stages) folders.insert(std::filesystem::path(stage.sinkRequest.path).parent_path().string());
  return {{"chain", chainToJson(chain)},
          {"parts", parts.parts},
          {"most_parts", parts.most},
          {"cli", std::filesystem::read_symlink("/proc/self/exe").string()},
          {"version", CUBELOOM_VERSION},
          {"inputs", std::move(inputs)},
          {"folders", folders},
          {"memory", arguments.memory},
          {"node", arguments.node},
          {"least_bytes", plan.leastBudgetBytes},
          {"overwrite", arguments.overwrite},
          {"report", arguments.report},
          {"progress", arguments.progress},
          {"events", arguments.events},
          {"control", arguments.listens}};
}

}  // namespace

int runOnCluster(const Services& services, const RunArguments& arguments) {
  if (const auto checked = checkOptions(arguments); !checked) return report(checked.error());
  // What is wrong with the chain is said here, before anybody is asked. A part is computed by one thread.
  RunArguments one = arguments;
  one.workers = 1;
  auto plan = planChain(services, one);
  if (!plan) return report(plan.error());
  for (const Stage& stage : plan->stages)
    if (stage.sinkNode < 0)
      return report(Error{ErrorCode::InvalidParameter,
                          "--node " + arguments.node + " and --cluster are given together",
                          "that step writes nothing, and parts are made of outputs alone: run it here",
                          {},
                          {},
                          {},
                          {}});
  printWarnings(*plan);
  if (!plan->fits()) {
    printRefusals(*plan);
    return kRefused;
  }
  auto chain = loadArgument(arguments.chain, *services.registry);
  if (!chain) return report(chain.error());
  // Workers have folders of their own: below none of these.
  const Chain absolute = rebased(std::move(*chain), "/dev/null/nowhere", *services.registry);
  std::string name = (std::filesystem::temp_directory_path() / "cubeloom-job-XXXXXX").string();
  const int file = mkstemp(name.data());
  if (file < 0) return report(Error{ErrorCode::WriteFailed, "cannot write a file into " + name, "set TMPDIR", {}, {}, {}, {}});
  close(file);
  if (const auto saved = saveFile(name, jsonText(jobOf(*plan, absolute, arguments))); !saved) return report(saved.error());
  const int code = becomePython("cubeloom_dask", {name, arguments.cluster});
  std::filesystem::remove(name);
  return code;
}

int runCluster(const ClusterArguments& arguments) {
  const auto memory = sizeOption("--memory", arguments.memory);
  if (!memory) return report(memory.error());
  if (arguments.watches)
    if (const auto heard = knockAt(arguments.name, kKnockSeconds); !heard) return report(heard.error());
  const SystemFacts facts = systemFacts();
  const int workers = arguments.workers > 0 ? arguments.workers : facts.maximumWorkers;
  std::vector<std::string> words{arguments.action};
  if (!arguments.name.empty()) words.push_back(arguments.name);
  if (arguments.action == "start" || (arguments.action == "scale" && arguments.workers > 0))
    words.insert(words.end(), {"--workers", std::to_string(workers)});
  if (arguments.action == "start")
    words.insert(words.end(), {"--memory", std::to_string(*memory > 0 ? *memory : facts.defaultBudgetBytes)});
  if (arguments.json) words.emplace_back("--json");
  if (arguments.watches) words.emplace_back("--watch");
  return becomePython("cubeloom_cluster", words);
}

}  // namespace cli
}  // namespace cubeloom
