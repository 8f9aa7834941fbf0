// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/graph.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Binds the nodes of one chain, inputs first.
class Binder {
 public:
  Binder(const Chain& chain, const Registry& registry, SourceProvider& sources) : m_chain(chain), m_registry(registry) {
    m_context.sources = &sources;
    m_context.features = sources.features();
    m_context.folder = chain.folder;
    for (std::size_t i = 0; i < chain.nodes.size(); ++i) m_places[chain.nodes[i].id] = static_cast<int>(i);
  }

  void bindAll(Graph& graph) {
    m_graph = &graph;
    graph.nodes.resize(m_chain.nodes.size());
    m_context.specOf = [this](const std::string& id) -> Result<ArraySpec> {
      const auto found = m_places.find(id);
      if (found == m_places.end()) return specOfFile(id);
      BoundNode& node = m_graph->nodes[static_cast<std::size_t>(found->second)];
      node.isLookedAt = true;
      if (!node.operation) return fail(ErrorCode::InvalidParameter, "node '" + id + "' is not valid or comes later in the chain");
      return node.operation->spec();
    };
    m_context.stepsOf = [this](const auto& words, const auto& inputs) { return stepsFromPipeline(words, m_registry, inputs); };
    for (const int i : lookedAtFirst(graph.order)) bindOne(i);
    addSteps(graph.order);
  }

 private:
  /// A parameter that names a node takes a file as well, whose dims and grid it has then; a node of that id comes first.
  Result<ArraySpec> specOfFile(const std::string& name) const {
    std::filesystem::path path(name);
    if (path.is_relative() && !m_context.folder.empty()) path = std::filesystem::path(m_context.folder) / path;
    std::error_code none;
    if (name.find("://") != std::string::npos || !std::filesystem::exists(path, none)) return noNode(name);
    OpenRequest request;
    request.path = path.string();
    auto source = m_context.sources->open(request);
    if (!source) return fail(source.error());
    return (*source)->spec();
  }

  Failure noNode(const std::string& id) const {
    std::vector<std::string> ids;
    ids.reserve(m_chain.nodes.size());
    for (const Node& node : m_chain.nodes) ids.push_back(node.id);
    const auto match = closestMatch(id, ids);
    return fail(ErrorCode::InvalidParameter, "there is no node '" + id + "'",
                match ? "did you mean '" + *match + "'?" : "take the id of another node of the chain, or a file that is there");
  }

  /// The topological order with nodes that look at another one (a parameter of type Node) moved behind all others that do not depend on
  /// them.
  std::vector<int> lookedAtFirst(const std::vector<int>& order) const {
    std::vector<int> early, late;
    std::vector<bool> isLate(m_chain.nodes.size(), false);
    for (const int i : order) {
      const Node& node = m_chain.nodes[static_cast<std::size_t>(i)];
      bool waits = looksAtAnother(node);
      for (const std::string& input : node.inputs)
        if (const auto found = m_places.find(input); found != m_places.end() && isLate[static_cast<std::size_t>(found->second)])
          waits = true;
      isLate[static_cast<std::size_t>(i)] = waits;
      (waits ? late : early).push_back(i);
    }
    early.insert(early.end(), late.begin(), late.end());
    return early;
  }

  bool looksAtAnother(const Node& node) const {
    const Operation* operation = m_registry.find(node.op);
    if (!operation || !node.params.is_object()) return false;
    const auto& params = operation->declaration().params;
    return std::any_of(params.begin(), params.end(),
                       [&node](const Param& param) { return param.type == ParamType::Node && node.params.contains(param.name); });
  }

  /// The node that really delivers: bypassed ones hand their first input on.
  int resolve(const std::string& id) const {
    auto found = m_places.find(id);
    for (std::size_t steps = 0; found != m_places.end() && steps <= m_chain.nodes.size(); ++steps) {
      const Node& node = m_chain.nodes[static_cast<std::size_t>(found->second)];
      if (!node.bypassed) return found->second;
      if (node.inputs.empty()) return -1;
      found = m_places.find(node.inputs[0]);
    }
    return -1;
  }

  Result<std::vector<ChainStep>> stepsBehind(int node) const {
    std::vector<ChainStep> steps;
    for (int at = node; at >= 0;) {
      const BoundNode& bound = m_graph->nodes[static_cast<std::size_t>(at)];
      const bool isSource = bound.operation->source() != nullptr;
      const bool isSteps = bound.inputs != bound.wires;
      if (isSteps || !(isSource || bound.operation->isView()))
        return fail(ErrorCode::InvalidChain, "step '" + bound.id + "' computes values or stands for several steps");
      steps.insert(steps.begin(), {m_registry.find(bound.op), bound.params, bound.operation});
      at = isSource ? -1 : bound.inputs[0];
    }
    return steps;
  }

  /// An error of a step, whose parameters are not those of the node.
  static Error inStep(Error error, const Operation& step) {
    if (error.message.find("in its step") == std::string::npos)
      error.message = "in its step '" + step.declaration().id + "': " + error.message;
    error.parameter.clear();
    return error;
  }

  /// The steps of an operation, those of its steps in their places; none for one that is none.
  Result<std::vector<ChainStep>> allSteps(const Operation& operation, const Json& values, const BindContext& context, int depth = 0) const {
    static constexpr int kMostDeep = 16;
    if (depth > kMostDeep) return fail(ErrorCode::Internal, "'" + operation.declaration().id + "' stands for itself");
    auto params = Params::check(operation.declaration().params, values);
    if (!params) return fail(params.error());
    auto steps = operation.steps(*params, context);
    if (!steps) return steps;
    std::vector<ChainStep> all;
    std::vector<int> ends;  // of each step: the place in `all` of what it hands on
    BindContext inner = context;
    for (ChainStep& step : *steps) {
      auto own = allSteps(*step.operation, step.values, inner, depth + 1);
      if (!own) return fail(inStep(std::move(own.error()), *step.operation));
      if (step.inputs)
        for (int& input : *step.inputs) input = input < 0 ? input : ends[static_cast<std::size_t>(input)];
      const auto first = static_cast<int>(all.size());
      for (ChainStep& part : *own) {
        if (!placePart(part, step.inputs, first, &part == &own->front()))
          return fail(ErrorCode::Internal, "'" + step.operation->declaration().id + "' takes more inputs than it is given in '" +
                                               operation.declaration().id + "'");
        all.push_back(std::move(part));
      }
      if (own->empty()) all.push_back(std::move(step));
      ends.push_back(static_cast<int>(all.size()) - 1);
      inner.stepsBehind = {};  // what lies behind later ones is not bound yet
    }
    return all;
  }

  /// Tells a step of a step where its inputs are among the steps of the whole, the first part of it being at `first`. `outer`: what the
  /// step it is part of takes. False: it asks for one that is not given.
  static bool placePart(ChainStep& part, const std::optional<std::vector<int>>& outer, int first, bool isFirst) {
    if (!part.inputs) {
      if (isFirst) part.inputs = outer;
      return true;
    }
    for (int& input : *part.inputs) {
      if (input >= 0) {
        input += first;
      } else if (outer) {
        const auto k = outerInput(input);
        if (k >= outer->size()) return false;
        input = (*outer)[k];
      } else if (first > 0) {  // the step it is part of takes the one before
        if (input != ~0) return false;
        input = first - 1;
      }
    }
    return true;
  }

  /// Binds `steps` in the place of node `i`: the last one as that node, the others as parts of it.
  Result<std::shared_ptr<const BoundOperation>> bindSteps(const std::vector<ChainStep>& steps, int i, BoundNode& node) {
    std::vector<int> inputs = node.wires;
    std::vector<int> places;  // of the steps, in the graph
    const std::size_t before = m_graph->nodes.size();
    for (const ChainStep& step : steps) {
      const Declaration& declaration = step.operation->declaration();
      if (declaration.inputs.empty()) inputs.clear();
      if (step.inputs) inputs.clear();
      for (const int input : step.inputs.value_or(std::vector<int>())) {
        const auto k = outerInput(input);
        if (input < 0 && k >= node.wires.size()) continue;  // an optional one that is not connected
        inputs.push_back(input < 0 ? node.wires[k] : places[static_cast<std::size_t>(input)]);
      }
      auto bound = fits(declaration, static_cast<int>(inputs.size()));
      if (bound) bound = bindTo(*step.operation, step.values, inputs);
      if (bound && (*bound)->sink())
        bound = fail(ErrorCode::Internal, "'" + node.op + "' stands for a chain with '" + declaration.id + "', which writes a file");
      if (!bound) {
        m_graph->nodes.resize(before);
        return fail(inStep(std::move(bound.error()), *step.operation));
      }
      if (&step == &steps.back()) {
        node.inputs = std::move(inputs);
        return bound;
      }
      BoundNode part;
      part.id = node.id;
      part.op = declaration.id;
      part.title = declaration.title;
      part.params = step.values;
      part.wires = part.inputs = std::move(inputs);
      part.operation = std::move(*bound);
      part.partOf = i;
      inputs = {static_cast<int>(m_graph->nodes.size())};
      places.push_back(inputs[0]);
      m_graph->nodes.push_back(std::move(part));
    }
    return fail(ErrorCode::Internal, "'" + node.op + "' stands for nothing");
  }

  /// Whether an operation takes so many inputs: nothing, or the error.
  static Result<std::shared_ptr<const BoundOperation>> fits(const Declaration& declaration, int given) {
    const int least = declaration.minInputs(), most = declaration.maxInputs();
    if (given >= least && given <= most) return {};
    return fail(ErrorCode::InvalidChain,
                "'" + declaration.id + "' has " + std::to_string(given) + " inputs, it takes " + std::to_string(least) +
                    (most > least ? " to " + std::to_string(most) : ""),
                given < least ? "connect a node to input '" + declaration.inputName(given) + "'" : "remove a wire");
  }

  Result<std::shared_ptr<const BoundOperation>> bindTo(const Operation& operation, const Json& values, const std::vector<int>& inputs) {
    auto params = Params::check(operation.declaration().params, values);
    if (!params) return fail(params.error());
    std::vector<ArraySpec> specs;
    specs.reserve(inputs.size());
    for (const int input : inputs) specs.push_back(m_graph->nodes[static_cast<std::size_t>(input)].operation->spec());
    return operation.bind(*params, specs, m_context);
  }

  /// Puts the steps before the nodes that they are parts of.
  void addSteps(std::vector<int>& order) const {
    std::vector<int> all;
    for (const int i : order) {
      for (std::size_t k = m_chain.nodes.size(); k < m_graph->nodes.size(); ++k)
        if (m_graph->nodes[k].partOf == i) all.push_back(static_cast<int>(k));
      all.push_back(i);
    }
    order = std::move(all);
  }

  void bindOne(int i) {
    const Node& node = m_chain.nodes[static_cast<std::size_t>(i)];
    BoundNode bound;
    bound.id = node.id;
    bound.op = node.op;
    bound.title = node.op;
    bound.bypassed = node.bypassed;
    bound.params = node.params;
    for (const std::string& input : node.inputs) bound.wires.push_back(input.empty() ? -1 : resolve(input));
    bound.inputs = bound.wires;
    auto operation = bindNode(node, i, bound);
    if (operation) {
      bound.operation = *operation;
      for (const OutputSlice& slice : bound.operation->slices()) addSlice(slice, i, bound);
    } else {
      bound.error = operation.error().atNode(node.id);
    }
    m_graph->nodes[static_cast<std::size_t>(i)] = std::move(bound);
  }

  /// One of several outputs of node `i`: a view of its input and what writes it, as parts of it.
  void addSlice(const OutputSlice& slice, int i, const BoundNode& whole) {
    BoundNode part;
    part.id = whole.id;
    part.title = whole.title;
    part.bypassed = whole.bypassed;
    part.partOf = i;
    part.op = "isel";
    part.params = {{"indexers", slice.selection}};
    part.wires = part.inputs = whole.inputs;
    part.operation = slice.taken;
    m_graph->nodes.push_back(part);
    part.op = whole.op;
    part.params = whole.params;
    part.isSink = true;
    part.wires = part.inputs = {static_cast<int>(m_graph->nodes.size()) - 1};
    part.operation = slice.written;
    m_graph->nodes.push_back(std::move(part));
  }

  Result<std::shared_ptr<const BoundOperation>> bindNode(const Node& node, int i, BoundNode& bound) {
    const Operation* operation = m_registry.find(node.op);
    if (!operation) {
      bound.isSink = true;  // it may be one: a run never goes on without it
      const auto match = closestMatch(node.op, m_registry.ids());
      return fail(ErrorCode::InvalidChain, "unknown operation '" + node.op + "'",
                  match ? "did you mean '" + *match + "'?" : "known: " + join(m_registry.ids(), ", "));
    }
    const Declaration& declaration = operation->declaration();
    bound.title = declaration.title;
    bound.isSink = declaration.role == Role::Sink;
    if (auto params = Params::check(declaration.params, node.params); !params) return fail(params.error());
    if (auto wired = fits(declaration, static_cast<int>(bound.inputs.size())); !wired) return wired;
    for (std::size_t k = 0; k < bound.inputs.size(); ++k) {
      const std::string port = "input '" + declaration.inputName(static_cast<int>(k)) + "'";
      if (bound.inputs[k] < 0) return fail(ErrorCode::InvalidChain, port + " is not connected", "connect a node to it");
      const BoundNode& input = m_graph->nodes[static_cast<std::size_t>(bound.inputs[k])];
      if (!input.operation)
        return fail(ErrorCode::InvalidChain, port + " comes from '" + input.id + "', which is not valid", "mend that node first");
      if (input.operation->sink() || !input.operation->slices().empty())
        return fail(ErrorCode::InvalidChain, port + " comes from '" + input.id + "', which writes a file and hands nothing on",
                    "connect the node that it writes");
    }
    BindContext context = m_context;
    if (!bound.wires.empty()) context.stepsBehind = [this, first = bound.wires[0]] { return stepsBehind(first); };
    auto steps = allSteps(*operation, node.params, context);
    if (!steps) return fail(steps.error());
    return steps->empty() ? bindTo(*operation, node.params, bound.wires) : bindSteps(*steps, i, bound);
  }

  const Chain& m_chain;
  const Registry& m_registry;
  BindContext m_context;
  std::unordered_map<std::string, int> m_places;
  Graph* m_graph = nullptr;
};

}  // namespace

int Graph::indexOf(const std::string& id) const {
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].id == id) return static_cast<int>(i);
  return -1;
}

const ArraySpec* Graph::specOf(const std::string& id) const {
  const int i = indexOf(id);
  if (i < 0 || !nodes[static_cast<std::size_t>(i)].operation) return nullptr;
  return &nodes[static_cast<std::size_t>(i)].operation->spec();
}

std::vector<int> Graph::needed() const {
  const auto isConnected = [](const BoundNode& node) {
    return std::any_of(node.wires.begin(), node.wires.end(), [](int wire) { return wire >= 0; });
  };
  std::set<int> found;
  std::vector<int> waiting;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].isSink && !nodes[i].bypassed && isConnected(nodes[i])) waiting.push_back(static_cast<int>(i));
  if (waiting.empty())
    for (std::size_t i = 0; i < nodes.size(); ++i) waiting.push_back(static_cast<int>(i));
  while (!waiting.empty()) {
    const int i = waiting.back();
    waiting.pop_back();
    if (i < 0 || !found.insert(i).second) continue;
    const BoundNode& node = nodes[static_cast<std::size_t>(i)];
    waiting.insert(waiting.end(), node.wires.begin(), node.wires.end());
    waiting.insert(waiting.end(), node.inputs.begin(), node.inputs.end());
  }
  return {found.begin(), found.end()};
}

const Error* Graph::firstError() const {
  const std::vector<int> counted = needed();
  for (const int i : order)
    if (const BoundNode& node = nodes[static_cast<std::size_t>(i)];
        node.error && !node.bypassed && std::binary_search(counted.begin(), counted.end(), i))
      return &*node.error;
  return nullptr;
}

std::vector<int> Graph::outputs() const {
  std::vector<int> found;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].operation && nodes[i].operation->sink() && !nodes[i].bypassed) found.push_back(static_cast<int>(i));
  return found;
}

Result<std::shared_ptr<const Graph>> bindChain(const Chain& chain, const Registry& registry, SourceProvider& sources) {
  auto order = topologicalOrder(chain);
  if (!order) return fail(order.error());
  auto graph = std::make_shared<Graph>();
  graph->order = *order;
  graph->folder = chain.folder;
  Binder(chain, registry, sources).bindAll(*graph);
  return std::shared_ptr<const Graph>(graph);
}

std::vector<int> upstream(const Graph& graph, int node) {
  std::set<int> found;
  std::vector<int> waiting{node};
  while (!waiting.empty()) {
    const int i = waiting.back();
    waiting.pop_back();
    if (i < 0 || !found.insert(i).second) continue;
    for (const int input : graph.nodes[static_cast<std::size_t>(i)].inputs) waiting.push_back(input);
  }
  return {found.begin(), found.end()};
}

std::shared_ptr<const Graph> withOperation(const Graph& graph, int node, std::shared_ptr<const BoundOperation> operation) {
  auto changed = std::make_shared<Graph>(graph);
  changed->nodes[static_cast<std::size_t>(node)].operation = std::move(operation);
  return changed;
}

}  // namespace cubeloom
