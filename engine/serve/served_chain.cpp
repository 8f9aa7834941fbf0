// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/served_chain.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/base/json_text.h"
#include "engine/base/shell_words.h"
#include "engine/plan/output_identity.h"
#include "engine/plan/plan.h"
#include "engine/run/run.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::size_t kMostKept = 64;

/// FNV-1a over paths, sizes and dates: what stays the same where a folder is seen from another machine.
std::string stateOf(const std::vector<FileFingerprint>& files) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](const void* data, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 1099511628211ULL;
  };
  for (const FileFingerprint& file : files) {
    add(file.path.data(), file.path.size() + 1);
    add(&file.sizeBytes, sizeof file.sizeBytes);
    add(&file.modifiedNs, sizeof file.modifiedNs);
  }
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(hash >> shift) & 15U];
  return text;
}

/// A chain of nothing but the variables of a file, a node each.
Result<Chain> chainOfFile(const std::string& path, SourceProvider& sources) {
  Chain chain;
  const auto open = [&chain, &path](const std::string& id, const Json& variable) {
    Node node;
    node.id = id;
    node.op = "open";
    node.params = {{"path", path}};
    if (!variable.is_null()) node.params["variable"] = variable;
    chain.nodes.push_back(std::move(node));
  };
  const bool isSeveral = path.find_first_of("*?[") != std::string::npos;
  std::error_code ignored;
  if (isSeveral && !fs::exists(path, ignored)) {
    open("open", nullptr);
    return chain;
  }
  auto info = sources.info(path);
  if (!info) return fail(info.error());
  if (info->variables.size() == 1) {
    open(info->variables[0].name.empty() ? "open" : info->variables[0].name, nullptr);
    return chain;
  }
  for (std::size_t i = 0; i < info->variables.size(); ++i)
    if (i != info->chosen) open(info->variables[i].name, info->variables[i].name);
  // The last node is the one meant where none is named.
  if (info->chosen < info->variables.size()) open(info->variables[info->chosen].name, info->variables[info->chosen].name);
  return chain;
}

Result<Chain> chainOf(const ServeRequest& request, const Services& services, bool& isFile) {
  if (request.chain.is_object()) return chainFromJson(jsonText(request.chain));
  const auto& text = request.chain.get_ref<const std::string&>();
  const fs::path path = request.folder.empty() ? fs::path(text) : fs::path(request.folder) / text;
  std::error_code ignored;
  if (text.find('!') != std::string::npos && !fs::exists(path, ignored)) {
    const std::vector<std::string> words = shellWords(text);
    if (std::find(words.begin(), words.end(), "!") != words.end()) return chainFromPipeline(words, *services.registry);
  }
  if (path.extension() == ".cubeloom") return loadChain(path.string());
  isFile = true;
  return chainOfFile(path.string(), *services.sources);
}

}  // namespace

ServedChain::ServedChain(std::shared_ptr<const Graph> graph, std::string title, bool isFile, std::vector<FileFingerprint> files)
    : m_bound(std::move(graph)),
      m_title(std::move(title)),
      m_isFile(isFile),
      m_files(std::move(files)),
      m_state(stateOf(m_files)),
      m_paces(m_bound->nodes.size()),
      m_graph(m_bound) {}

std::string ServedChain::changes() const {
  for (const FileFingerprint& then : m_files)
    if (std::string difference = fingerprintDifference(then, fingerprintOf(then.path)); !difference.empty()) return difference;
  return {};
}

int ServedChain::variableCalled(const std::string& name) const {
  int found = -1;
  for (std::size_t i = 0; i < m_bound->nodes.size(); ++i) {
    if (!m_bound->nodes[i].id.ends_with("/" + name)) continue;
    if (found >= 0) return -1;
    found = static_cast<int>(i);
  }
  return found;
}

Result<int> ServedChain::nodeOf(const std::string& id) const {
  int node = -1;
  if (!id.empty()) {
    node = m_bound->indexOf(id);
    if (node < 0 && m_isFile) node = variableCalled(id);
  } else {
    const std::vector<int> outputs = m_bound->outputs();
    for (std::size_t i = 0; i < m_bound->nodes.size(); ++i)
      if (m_bound->nodes[i].partOf < 0 && !m_bound->nodes[i].bypassed) node = static_cast<int>(i);
    if (outputs.size() == 1) node = outputs[0];
  }
  if (node < 0) {
    std::string names;
    for (const BoundNode& one : m_bound->nodes)
      if (one.partOf < 0) names += (names.empty() ? "" : ", ") + one.id;
    return invalidParameter("node", "there is no node '" + id + "' in the chain; there are " + (names.empty() ? "none" : names));
  }
  const auto at = [this](int i) -> const BoundNode& { return m_bound->nodes[static_cast<std::size_t>(i)]; };
  if (at(node).isSink && !at(node).wires.empty() && at(node).wires[0] >= 0) node = at(node).wires[0];
  if (at(node).error) return fail(at(node).error->atNode(at(node).id));
  if (!at(node).operation) return fail(ErrorCode::InvalidChain, "node " + at(node).id + " is not bound");
  return node;
}

bool ServedChain::hasToLearn(const Graph& graph, int node) const {
  const std::vector<int> needed = upstream(graph, node);
  return std::any_of(needed.begin(), needed.end(), [&graph](int i) {
    const auto& operation = graph.nodes[static_cast<std::size_t>(i)].operation;
    return operation && operation->fitPass() != nullptr;
  });
}

Result<std::shared_ptr<const Graph>> ServedChain::learned(int node, const Services& services, const CancelToken& cancel,
                                                          ReadResources& resources) {
  const auto current = [this] {
    const std::lock_guard lock(m_mutex);
    return m_graph;
  };
  if (auto graph = current(); !hasToLearn(*graph, node)) return graph;
  std::unique_lock learning(m_learning, std::defer_lock);
  while (!learning.try_lock_for(milliseconds(5)))
    if (cancel.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
  auto graph = current();
  if (!hasToLearn(*graph, node)) return graph;
  auto plan = planFits(graph, node, *services.sinks,
                       {resources.workers(), static_cast<std::int64_t>(resources.memory().budgetBytes()), {}, false, false});
  if (!plan) return fail(plan.error());
  if (!plan->fits())
    return fail(ErrorCode::OverBudget, plan->refusals[0].reason, "start with a larger --memory, or look at a node above it");
  auto lease = resources.memory().take(plan->projectedPeakBytes, cancel);
  if (!lease) return fail(lease.error());
  const auto run = Run::start(std::move(*plan), services.sinks);
  for (int step = 0; !run->isFinished(); ++step) {
    std::this_thread::sleep_for(milliseconds(step < 50 ? 1 : 5));
    if (cancel.isCanceled()) run->cancel();
  }
  const RunReport report = run->wait();
  if (report.status == RunStatus::Canceled) return fail(ErrorCode::Canceled, "canceled");
  if (report.status != RunStatus::Finished)
    return fail(report.errors.empty() ? Error{ErrorCode::Internal, "what has to be learned first was not", {}, {}, {}, {}, {}}
                                      : report.errors.front());
  const std::lock_guard lock(m_mutex);
  return m_graph = run->graph();
}

Result<std::shared_ptr<ServedChain>> ServedChains::bind(const ServeRequest& request) const {
  bool isFile = false;
  auto chain = chainOf(request, m_services, isFile);
  if (!chain) return fail(chain.error());
  if (chain->folder.empty()) chain->folder = request.folder.empty() ? fs::current_path().string() : request.folder;
  auto graph = bindChain(*chain, *m_services.registry, *m_services.sources);
  if (!graph) return fail(graph.error());
  std::vector<FileFingerprint> files = inputsOf(**graph);
  if (request.chain.is_string()) {
    const auto& text = request.chain.get_ref<const std::string&>();
    const std::string path = (request.folder.empty() ? fs::path(text) : fs::path(request.folder) / text).string();
    const FileFingerprint own = fingerprintOf(path);
    if (own.sizeBytes >= 0 && std::none_of(files.begin(), files.end(), [&](const FileFingerprint& file) { return file.path == path; }))
      files.push_back(own);
  }
  return std::make_shared<ServedChain>(std::move(*graph), chain->title, isFile, std::move(files));
}

Result<std::shared_ptr<ServedChain>> ServedChains::find(const ServeRequest& request, bool triesAgain) {
  const std::string key = jsonText(Json{request.folder, request.chain});
  std::shared_ptr<ServedChain> kept;
  {
    const std::lock_guard lock(m_mutex);
    for (auto one = m_kept.begin(); one != m_kept.end(); ++one) {
      if (one->key != key) continue;
      m_kept.splice(m_kept.begin(), m_kept, one);
      kept = one->chain;
      break;
    }
  }
  const auto hasErrors = [](const Graph& graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const BoundNode& node) { return node.error.has_value(); });
  };
  if (kept && kept->changes().empty() && !(triesAgain && hasErrors(kept->graph()))) return kept;
  auto bound = bind(request);
  if (!bound) return bound;
  const std::lock_guard lock(m_mutex);
  m_kept.remove_if([&key](const Kept& one) { return one.key == key; });
  m_kept.push_front({key, *bound});
  if (m_kept.size() > kMostKept) m_kept.pop_back();
  return bound;
}

}  // namespace cubeloom
