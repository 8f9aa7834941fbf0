// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/server.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <vector>

#include "engine/base/background.h"
#include "engine/base/guard.h"
#include "engine/base/system.h"
#include "engine/base/text.h"
#include "engine/plan/stage_chunks.h"
#include "engine/serve/answer_stream.h"
#include "engine/serve/array_facts.h"
#include "engine/serve/region_read.h"
#include "engine/serve/served_chain.h"
#include "engine/walk/cost.h"

namespace cubeloom {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} << 20;
constexpr int kMoreThanWorkers = 2;          // requests at once: some wait for disks or for memory
constexpr double kChunkBytes = 64.0 * kMiB;  // of the chunks that are proposed: a client has a task for each
constexpr double kChunkPeakBytes = 512.0 * kMiB;

/// The chunks in which a run would make the node, put together along the dims that vary fastest in the file: what is cheap to read at once.
Json proposedChunk(const Graph& graph, int node) {
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(node)].operation->spec();
  Stage stage;
  stage.node = node;
  stage.sinkPlan.unit.assign(spec.dims.size(), 1);
  stage.sinkRequest.spec = spec;
  if (spec.dims.empty() || spec.count() == 0 || !guarded([&] { return chooseChunks(graph, stage, 2 * kChunkBytes); })) return spec.shape();
  std::vector<std::int64_t> chunk = stage.chunks.chunkShape();
  std::vector<int> order = spec.storage.order;
  if (order.size() != chunk.size()) {
    order.resize(chunk.size());
    std::iota(order.begin(), order.end(), 0);
  }
  const auto bytes = [&] {
    double product = static_cast<double>(pixelTypeBytes(spec.type));
    for (const std::int64_t size : chunk) product *= static_cast<double>(size);
    return product;
  };
  for (auto d = order.rbegin(); d != order.rend(); ++d) {
    std::int64_t& size = chunk[static_cast<std::size_t>(*d)];
    size = std::min(spec.dims[static_cast<std::size_t>(*d)].size,
                    size * std::max<std::int64_t>(1, std::llround(std::floor(kChunkBytes / bytes()))));
  }
  Region first;
  for (const std::int64_t size : chunk) first.push_back(IndexSet::all(size));
  const auto cost = evaluateCost(graph, node, first);
  return cost && cost->peakBytes <= kChunkPeakBytes ? chunk : stage.chunks.chunkShape();
}

class Server {
 public:
  Server(const Services& services, int output, int workers, double budgetBytes)
      : m_services(services), m_chains(services), m_resources(workers, budgetBytes), m_answers(output) {}

  void take(const std::string& line) {
    if (trim(line).empty()) return;
    Json id;
    auto request = guarded([&] { return parseServeRequest(line, id); });
    if (!request) return refuse(id, request.error());
    if (request->verb == ServeRequest::Verb::Cancel) return cancel(request->id);
    const CancelToken token;
    bool isNew = false;
    {
      const std::lock_guard lock(m_mutex);
      isNew = m_running.emplace(id.dump(), token).second;
    }
    if (!isNew) return refuse(id, invalidParameter("id", "a request with this id has not been answered yet").value());
    m_requests.start([this, request = std::move(*request), token] {
      const auto answered = guarded([&] { return answer(request, token); });
      {
        const std::lock_guard lock(m_mutex);
        m_running.erase(request.id.dump());
      }
      if (!answered) refuse(request.id, answered.error());
    });
  }

 private:
  void cancel(const Json& id) {
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_running.find(id.dump()); found != m_running.end()) found->second.cancel();
  }

  void refuse(const Json& id, const Error& error) {
    Json facts = errorFacts(error);
    if (error.code == ErrorCode::OverBudget) facts["budget_bytes"] = static_cast<std::int64_t>(m_resources.memory().budgetBytes());
    m_answers.write({{"id", id}, {"error", std::move(facts)}});
  }

  Result<void> answer(const ServeRequest& request, const CancelToken& token) {
    if (token.isCanceled()) return fail(ErrorCode::Canceled, "canceled");
    auto chain = m_chains.find(request, request.verb == ServeRequest::Verb::Describe);
    if (chain && request.verb == ServeRequest::Verb::Read && !(*chain)->nodeOf(request.node)) chain = m_chains.find(request, true);
    if (!chain) return fail(chain.error());
    if (!request.state.empty() && request.state != (*chain)->state())
      return fail(ErrorCode::ReadFailed, "a file of '" + nameOf(request) + "' is not what it was when it was described", "open it again");
    return request.verb == ServeRequest::Verb::Describe ? describe(request, **chain) : read(request, **chain, token);
  }

  static std::string nameOf(const ServeRequest& request) {
    return request.chain.is_string() ? request.chain.get<std::string>() : std::string("the chain");
  }

  Result<void> describe(const ServeRequest& request, ServedChain& chain) {
    const Graph& graph = chain.graph();
    const auto meant = chain.nodeOf(request.node);
    if (!meant && !request.node.empty()) return fail(meant.error());
    Json nodes = Json::array();
    for (const int i : graph.order) {
      const BoundNode& node = graph.nodes[static_cast<std::size_t>(i)];
      if (node.partOf >= 0 || (!request.node.empty() && i != *meant)) continue;
      Json json{{"id", node.id}, {"op", node.op}, {"is_output", node.isSink}, {"array", nullptr}};
      if (node.error) json["error"] = errorFacts(*node.error);
      if (node.operation) {
        json["array"] = arrayFacts(node.operation->spec());
        json["array"]["chunk_shape"] = (meant && i == *meant) || chain.isFile() ? proposedChunk(graph, i) : Json(nullptr);
        json["warnings"] = node.operation->warnings();
        json["notes"] = node.operation->notes();
        json["summary"] = node.operation->summary();
      }
      nodes.push_back(std::move(json));
    }
    Json header{{"id", request.id},
                {"state", chain.state()},
                {"title", chain.title()},
                {"is_file", chain.isFile()},
                {"default", nullptr},
                {"nodes", std::move(nodes)},
                {"memory_budget_bytes", static_cast<std::int64_t>(m_resources.memory().budgetBytes())},
                {"workers", m_resources.workers()}};
    if (meant) header["default"] = graph.nodes[static_cast<std::size_t>(*meant)].id;
    if (!meant) header["error_of_default"] = errorFacts(meant.error());
    m_answers.write(std::move(header));
    return {};
  }

  Result<void> read(const ServeRequest& request, ServedChain& chain, const CancelToken& token) {
    auto node = chain.nodeOf(request.node);
    if (!node) return fail(node.error());
    const BoundNode& bound = chain.graph().nodes[static_cast<std::size_t>(*node)];
    if (!request.coordinate.empty()) return readCoordinate(request, bound);
    const ArraySpec& spec = bound.operation->spec();
    auto index = outerIndex(request.index, spec.dimNames(), spec.shape());
    if (!index) return fail(index.error().atNode(bound.id));
    auto graph = chain.learned(*node, m_services, token, m_resources);
    if (!graph) return fail(graph.error().atNode(bound.id));
    auto pixels = readRegion(**graph, *node, index->region, token, m_resources, chain.paceOf(*node));
    if (!pixels) return fail(pixels.error().atNode(bound.id));
    // Of bytes before a change and bytes behind it together nobody could make anything.
    if (const std::string change = chain.changes(); !change.empty())
      return fail(ErrorCode::ReadFailed, "a file changed while it was read: " + change, "open it again");
    m_answers.write({{"id", request.id}, {"node", bound.id}, {"dtype", std::string(pixelTypeName(spec.type))}, {"shape", index->shape}},
                    pixels->block.view.data, static_cast<std::size_t>(regionCount(index->region)) * pixelTypeBytes(spec.type));
    return {};
  }

  /// Values along several dims, whole: as float64, whatever their file has.
  Result<void> readCoordinate(const ServeRequest& request, const BoundNode& bound) {
    const ArraySpec& spec = bound.operation->spec();
    const AuxiliaryCoordinate* found = spec.coordinateNamed(request.coordinate);
    if (found == nullptr || found->values->kind != Coordinate::Kind::Values) {
      Error error = invalidParameter("coordinate", "there are no numbers called '" + request.coordinate + "' beside this array").value();
      return fail(error.atNode(bound.id));
    }
    std::vector<std::int64_t> shape;
    for (const std::string& dim : found->dims) shape.push_back(spec.dims[static_cast<std::size_t>(spec.indexOf(dim))].size);
    const std::vector<double>& values = found->values->values;
    m_answers.write({{"id", request.id}, {"node", bound.id}, {"dtype", "float64"}, {"shape", shape}},
                    reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(double));
    return {};
  }

  const Services& m_services;
  ServedChains m_chains;
  ReadResources m_resources;
  AnswerStream m_answers;
  std::mutex m_mutex;  ///< guards below
  std::map<std::string, CancelToken> m_running;
  Background m_requests{static_cast<std::size_t>(m_resources.workers() + kMoreThanWorkers)};
};

}  // namespace

Result<void> serve(const Services& services, int input, int output, const ServeOptions& options) {
  const SystemFacts system = systemFacts();
  const int workers = options.workers > 0 ? options.workers : system.maximumWorkers;
  const double budget = static_cast<double>(options.memoryBudgetBytes > 0 ? options.memoryBudgetBytes : system.defaultBudgetBytes);
  // As a plan has it: the process before any pixels, with room for what threads and allocator add.
  const double process = static_cast<double>(processRssBytes()) + 16 * kMiB + 2 * kMiB * workers;
  if (budget <= process)
    return fail(ErrorCode::OverBudget, "the process itself takes " + formatSize(process) + " of the memory budget of " + formatSize(budget),
                "start with a larger --memory, or fewer --workers");
  Server server(services, output, workers, budget - process);
  std::string line;
  std::vector<char> bytes(std::size_t{1} << 16);
  while (true) {
    const ssize_t count = ::read(input, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ::_exit(0);  // whoever asked is gone: what is being computed is for nobody
    const char *at = bytes.data(), *const end = at + count;
    while (at < end) {
      const char* const newline = std::find(at, end, '\n');
      line.append(at, newline);
      if (line.size() > kLongestLine)
        return fail(ErrorCode::InvalidParameter, "a request is longer than " + formatSize(static_cast<double>(kLongestLine)));
      if (newline == end) break;
      server.take(line);
      line.clear();
      at = newline + 1;
    }
  }
}

}  // namespace cubeloom
