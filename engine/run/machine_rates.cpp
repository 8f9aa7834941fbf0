// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/machine_rates.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/base/saved_file.h"
#include "engine/base/text.h"
#include "engine/base/user_folders.h"
#include "engine/plan/report_json.h"
#include "engine/run/eta.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr int kFileVersion = 1;
constexpr double kLeastBytes = 1 << 20;
/// What follows the chunks of a smaller output is mostly what it costs whatever its size: files opened, checked, renamed.
constexpr double kLeastEndingBytes = 16 << 20;
constexpr double kNewestCounts = 0.2;   // at least
constexpr double kStartSeconds = 0.03;  // of a run, whatever it does
/// How far the range reaches, in spreads: about eight of ten. With few runs the spread itself is hardly known.
constexpr double kReach = 1.3, kLeastSpread = 0.15, kUnknownSpread = 0.4;
constexpr int kKnownRuns = 4;
/// A shorter run tells little of the machine, and keeping that would take a part of its time.
constexpr double kTellingSeconds = 0.3;
constexpr double kMostLogarithm = 60;  // of seconds for a byte: what is beyond was never measured
constexpr std::uintmax_t kMaxFileBytes = 4 << 20;
/// Those of a step's parameters that decide how much work a byte is.
constexpr std::array kDeciding{"resampling", "method", "format", "compress", "statistic"};

/// "open tiles", "reproject cubic", "write .tif deflate".
std::string keyOf(const BoundNode& node) {
  std::string key = node.op;
  if (const auto source = node.operation ? node.operation->source() : nullptr) {
    const std::string& layout = source->spec().storage.name;
    key += " " + layout.substr(0, layout.find(' '));
  }
  if (node.isSink && node.params.contains("path") && node.params["path"].is_string())
    key += " " + fs::path(node.params["path"].get<std::string>()).extension().string();
  for (const char* name : kDeciding)
    if (const auto value = node.params.find(name); value != node.params.end() && value->is_string()) key += " " + value->get<std::string>();
  return toLower(key);
}

/// A node of the plan with its rate's name, and the bytes that pass through it: that it reads or makes, or that those before it made for it
/// to become few.
struct Passing {
  std::string id, key;
  double bytes = 0;
};
std::vector<Passing> passingOf(const Plan& plan) {
  std::map<std::string, double> made;
  std::map<std::string, const BoundNode*> bound;
  for (const PlanNode& node : plan.nodes) made[node.id] = node.bytesToMake;
  for (const BoundNode& node : plan.graph->nodes)
    if (node.partOf < 0) bound[node.id] = &node;
  std::vector<Passing> all;
  for (const PlanNode& node : plan.nodes) {
    const BoundNode& step = *bound.at(node.id);
    Passing passing{node.id, keyOf(step), std::max(node.bytesToRead, node.bytesToMake)};
    for (const int wire : step.wires)
      if (wire >= 0) passing.bytes = std::max(passing.bytes, made[plan.graph->nodes[static_cast<std::size_t>(wire)].id]);
    all.push_back(std::move(passing));
  }
  return all;
}

/// How many workers have something to do at the same time.
double atOnce(const Plan& plan) {
  int most = 1;
  for (const FitStage& fit : plan.fitStages) most = std::max(most, fit.inFlight);
  for (const Stage& stage : plan.stages)
    most = std::max({most, stage.inFlight, std::min(plan.workers, stage.sharing.most * stage.inFlight)});
  return most;
}

/// What follows the last chunk, by the output's kind.
struct Ending {
  std::string key;
  double bytes = 0;           ///< moved then: copied to their places, or not yet on the disk
  double unknownSeconds = 0;  ///< what it takes where no such run was done here
};
std::vector<Ending> endings(const Plan& plan) {
  std::vector<Ending> all;
  for (const Stage& stage : plan.stages) {
    const double copied = stage.sinkPlan.temporaryBytes;
    const bool isEarly = isFlushedEarly(stage.sinkPlan.format);
    if (stage.sinkNode >= 0)
      all.push_back({"ending " + keyOf(plan.graph->nodes[static_cast<std::size_t>(stage.sinkNode)]),
                     copied + flushedBytes(stage.bytesToWrite, isEarly), publishingSeconds(copied, stage.bytesToWrite, isEarly)});
  }
  return all;
}

/// How many of the first words of two keys are the same.
int sameWords(const std::string& a, const std::string& b) {
  std::istringstream as(a), bs(b);
  std::string x, y;
  int count = 0;
  while (as >> x && bs >> y && x == y) ++count;
  return count;
}

std::string machineName() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "this machine";
}

Json readFile(const std::string& path) {
  std::error_code error;
  if (path.empty() || fs::file_size(path, error) > kMaxFileBytes || error) return {};
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  Json document = Json::parse(text.str(), nullptr, false);
  const bool isOurs = document.is_object() && document.value("cubeloom_rates", Json()) == kFileVersion && document.contains("machines") &&
                      document["machines"].is_object();
  return isOurs ? document : Json();
}

}  // namespace

void StepRate::learn(double secondsPerByte) {
  const double value = std::log(secondsPerByte);
  const double weight = std::max(kNewestCounts, 1.0 / (runs + 1));
  const double from = value - mean;
  mean += weight * from;
  variance = (1 - weight) * (variance + weight * from * from);
  runs = std::min(runs + 1, 1'000'000);
}

void MachineRates::learn(const Plan& plan, const RunReport& report) {
  if (report.status != RunStatus::Finished) return;
  for (const Stage& stage : plan.stages)
    if (stage.sinkPlan.leftover.isComplete || !stage.sinkPlan.leftover.chunk.empty()) return;
  std::map<std::string, double> took;
  for (const NodeProgress& node : report.nodes) took[node.id] = node.seconds;
  double seconds = 0;
  for (const Passing& step : passingOf(plan)) {
    const double own = took[step.id];
    seconds += own;
    constexpr double kViewSecondsPerByte = 1e-13;  // one that moves nothing
    if (step.bytes >= kLeastBytes) m_steps[step.key].learn(std::max(kViewSecondsPerByte, own / step.bytes));
  }
  const double rest = report.wallSeconds - kStartSeconds - seconds / atOnce(plan);
  const std::vector<Ending> all = endings(plan);
  double moved = 0;
  for (const Ending& ending : all) moved += ending.bytes;
  for (const Ending& ending : all)
    if (ending.bytes >= kLeastEndingBytes) m_steps[ending.key].learn(std::max(1e-11, rest / moved));
}

const StepRate* MachineRates::find(const std::string& key) const {
  const auto exact = m_steps.find(key);
  if (exact != m_steps.end()) return &exact->second;
  // The same operation in another way is nearer than nothing.
  const StepRate* slowest = nullptr;
  int most = 1;
  for (const auto& [name, rate] : m_steps) {
    const int same = sameWords(name, key);
    if (same < most) continue;
    if (same > most || !slowest || rate.mean > slowest->mean) slowest = &rate;
    most = same;
  }
  return slowest;
}

ExpectedTime MachineRates::expect(const Plan& plan) const {
  ExpectedTime expected{kStartSeconds, kStartSeconds, {}};
  const auto add = [&](const std::string& key, double bytes, double workers) {
    if (bytes <= 0) return;
    const StepRate* rate = find(key);
    if (!rate) {
      expected.unmet.push_back(key);
      return;
    }
    const double spread =
        rate->runs < kKnownRuns ? std::max(kUnknownSpread, std::sqrt(rate->variance)) : std::max(kLeastSpread, std::sqrt(rate->variance));
    const double seconds = std::exp(rate->mean) * bytes / workers;
    expected.low += seconds * std::exp(-kReach * spread);
    expected.high += seconds * std::exp(kReach * spread);
  };
  const double workers = atOnce(plan);
  for (const Passing& step : passingOf(plan)) add(step.key, step.bytes, workers);
  // Nothing is taken from other kinds of outputs: what a NetCDF waits for is no measure of a GeoTIFF.
  for (const Ending& ending : endings(plan)) {
    if (m_steps.contains(ending.key)) {
      add(ending.key, ending.bytes, 1);
    } else {
      expected.low += ending.unknownSeconds * std::exp(-kReach * kUnknownSpread);
      expected.high += ending.unknownSeconds * std::exp(kReach * kUnknownSpread);
    }
  }
  return expected;
}

void learnFromRun(const Plan& plan, const RunReport& report) {
  if (report.status != RunStatus::Finished || report.wallSeconds < kTellingSeconds) return;
  MachineRates rates = MachineRates::load();
  rates.learn(plan, report);
  [[maybe_unused]] const auto kept = rates.save();
}

std::string machineRatesPath() {
  const fs::path folder = userDataFolder();
  return folder.empty() ? std::string() : (folder / "rates.json").string();
}

MachineRates MachineRates::load() {
  MachineRates rates;
  const Json document = readFile(machineRatesPath());
  if (!document.is_object()) return rates;
  const Json steps = document["machines"].value(machineName(), Json::object());
  if (!steps.is_object()) return rates;
  for (const auto& [key, value] : steps.items()) {
    if (!value.is_array() || value.size() != 3 || !value[0].is_number() || !value[1].is_number() || !value[2].is_number_integer()) continue;
    const StepRate rate{value[0].get<double>(), value[1].get<double>(), value[2].get<int>()};
    if (key.starts_with("after ")) continue;  // of earlier versions, by bytes of another kind
    const bool isSane = std::abs(rate.mean) < kMostLogarithm && rate.variance >= 0 && rate.variance < kMostLogarithm && rate.runs > 0;
    if (isSane) rates.m_steps[key] = rate;
  }
  return rates;
}

Result<void> MachineRates::save() const {
  const std::string path = machineRatesPath();
  if (path.empty()) return fail(ErrorCode::WriteFailed, "what was measured cannot be kept: there is no home folder", "set HOME");
  Json document = readFile(path);
  if (!document.is_object()) document = {{"cubeloom_rates", kFileVersion}, {"machines", Json::object()}};
  Json& steps = document["machines"][machineName()] = Json::object();
  for (const auto& [key, rate] : m_steps) steps[key] = {rate.mean, rate.variance, rate.runs};
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  return saveFile(path, dumped(document, 1) + "\n");
}

}  // namespace cubeloom
