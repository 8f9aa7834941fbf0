// SPDX-License-Identifier: GPL-3.0-or-later
// Chains written back as `!` pipelines.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "engine/base/shell_words.h"
#include "engine/chain/chain.h"
#include "engine/chain/pipeline_names.h"
#include "engine/op/export_forms.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

class PipelineWriter {
 public:
  PipelineWriter(const Chain& chain, const Registry& registry) : m_chain(chain), m_registry(registry) {
    for (std::size_t i = 0; i < chain.nodes.size(); ++i) m_places.emplace(chain.nodes[i].id, i);
  }

  Result<std::string> write() {
    if (auto order = topologicalOrder(m_chain); !order) return fail(order.error());
    for (const Node& node : m_chain.nodes)
      for (const std::string& value : looksAt(node)) m_lookedAt.insert(value);
    for (const Node& node : m_chain.nodes) m_inputs.push_back(wires(node));
    const std::vector<std::size_t> order = inLines();
    nameReferred(order);
    std::string text;
    for (std::size_t k = 0; k < order.size(); ++k) {
      auto step = stepOf(order[k], k == 0 ? nullptr : &m_chain.nodes[order[k - 1]]);
      if (!step) return fail(step.error());
      text += " ! " + *step;
    }
    return text;
  }

 private:
  const Declaration* declarationOf(const Node& node) const {
    const Operation* operation = m_registry.find(node.op);
    return operation ? &operation->declaration() : nullptr;
  }

  /// The nodes that its parameters name.
  std::vector<std::string> looksAt(const Node& node) const {
    std::vector<std::string> found;
    const Declaration* declaration = declarationOf(node);
    if (!declaration) return found;
    for (const Param& param : declaration->params) {
      const auto value = param.type == ParamType::Node ? node.params.find(param.name) : node.params.end();
      if (value != node.params.end() && value->is_string() && m_places.count(value->get<std::string>()) != 0)
        found.push_back(value->get<std::string>());
    }
    return found;
  }

  /// Bypassed steps have no word: who takes from one takes from its first input.
  std::vector<std::string> wires(const Node& node) const {
    std::vector<std::string> inputs = node.inputs;
    for (std::string& input : inputs)
      while (!input.empty()) {
        const Node& from = m_chain.nodes[m_places.at(inputNode(input))];
        if (!from.bypassed) break;
        input = from.inputs.empty() ? std::string() : from.inputs[0];
      }
    while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
    return inputs;
  }

  bool isWritten(std::size_t i) const { return !m_chain.nodes[i].bypassed || m_lookedAt.count(m_chain.nodes[i].id) != 0; }

  /// Inputs before consumers, and each consumer as close behind its inputs as can be: branch after branch.
  std::vector<std::size_t> inLines() const {
    std::vector<bool> isUsed(m_chain.nodes.size(), false), isDone(m_chain.nodes.size(), false);
    for (std::size_t i = 0; i < m_chain.nodes.size(); ++i)
      for (const std::string& input : m_inputs[i])
        if (isWritten(i) && !input.empty()) isUsed[m_places.at(inputNode(input))] = true;
    std::vector<std::size_t> order;
    std::vector<std::pair<std::size_t, std::size_t>> open;  // a node, and how many of its inputs are written
    for (std::size_t i = 0; i < m_chain.nodes.size(); ++i) {
      if (isUsed[i] || !isWritten(i)) continue;
      open.emplace_back(i, 0);
      while (!open.empty()) {
        auto& [node, next] = open.back();
        if (isDone[node] || next == m_inputs[node].size()) {
          if (!isDone[node]) order.push_back(node);
          isDone[node] = true;
          open.pop_back();
          continue;
        }
        const std::string input = m_inputs[node][next++];
        if (!input.empty()) open.emplace_back(m_places.at(inputNode(input)), 0);
      }
    }
    return order;
  }

  /// A step gets a name where another one refers to it by more than standing behind it. Its id is the name, if it can be one.
  void nameReferred(const std::vector<std::size_t>& order) {
    std::set<std::string> taken;
    for (const Node& node : m_chain.nodes)
      if (isStepName(node.id)) taken.insert(node.id);
    std::set<std::string> referred = m_lookedAt;
    for (std::size_t k = 0; k < order.size(); ++k)
      if (!followsAlone(order[k], k == 0 ? nullptr : &m_chain.nodes[order[k - 1]]))
        for (const std::string& input : m_inputs[order[k]]) referred.insert(inputNode(input));
    std::set<std::string> unnamed;  // operations of steps before that have no name
    for (const std::size_t i : order) {
      const Node& node = m_chain.nodes[i];
      const bool isFirst = unnamed.count(node.op) == 0;
      if (referred.count(node.id) == 0 || (node.id == node.op && isFirst)) {
        unnamed.insert(node.op);
        if (referred.count(node.id) != 0) m_names[node.id] = node.id;
        continue;
      }
      std::string name = node.id;
      if (!isStepName(name)) {
        for (char& c : name)
          if (!isStepName(std::string(1, c))) c = '_';
        const std::string base = name.empty() ? "step" : name;
        name = base;
        for (int n = 2; taken.count(name) != 0; ++n) name = base + std::to_string(n);
        taken.insert(name);
      }
      m_names[node.id] = name;
      m_given.insert(node.id);
    }
  }

  /// It takes what the step before it hands on and nothing else, or begins: no word is needed.
  bool followsAlone(std::size_t i, const Node* before) const {
    const Declaration* declaration = declarationOf(m_chain.nodes[i]);
    if (declaration && declaration->inputs.empty()) return true;
    return before ? m_inputs[i] == std::vector<std::string>{before->id} : m_inputs[i].empty();
  }

  Result<std::string> stepOf(std::size_t i, const Node* before) const {
    const Node& node = m_chain.nodes[i];
    const Declaration* declaration = declarationOf(node);
    if (!declaration) return bad(node, "its operation '" + node.op + "' is not known", "take a step of another operation");
    Json params = node.params;
    for (const Param& param : declaration->params)
      if (const auto value = params.find(param.name); param.type == ParamType::Node && value != params.end() && value->is_string())
        if (const auto name = m_names.find(value->get<std::string>()); name != m_names.end()) *value = name->second;
    if (static_cast<int>(m_inputs[i].size()) > declaration->maxInputs())
      return bad(
          node,
          "it has " + std::to_string(m_inputs[i].size()) + " inputs, " + node.op + " takes " + std::to_string(declaration->maxInputs()),
          "remove a wire");
    const auto words = stepText(*declaration, params);
    if (!words) return bad(node, "it has a parameter that " + node.op + " does not know", "remove that parameter");
    std::string text = (m_given.count(node.id) != 0 ? shellQuoted(m_names.at(node.id) + "=") + " " : std::string()) + node.op;
    if (!followsAlone(i, before)) {
      if (m_inputs[i].empty()) text += " '[]'";
      for (const std::string& input : m_inputs[i]) {
        const std::string from = inputNode(input);
        text += " " + shellQuoted("[" + (from.empty() ? std::string() : m_names.at(from) + input.substr(from.size())) + "]");
      }
    }
    return text + words->substr(node.op.size());
  }

  static Failure bad(const Node& node, const std::string& message, const std::string& hint) {
    Error error;
    error.code = ErrorCode::InvalidChain;
    error.node = node.id;
    error.message = message;
    error.hint = hint;
    return fail(std::move(error));
  }

  const Chain& m_chain;
  const Registry& m_registry;
  std::unordered_map<std::string, std::size_t> m_places;
  std::vector<std::vector<std::string>> m_inputs;  ///< bypassed nodes resolved
  std::set<std::string> m_lookedAt;                ///< ids that parameters name
  std::map<std::string, std::string> m_names;      ///< of nodes that are referred to, by id
  std::set<std::string> m_given;                   ///< ids of those that need to be told their name
};

}  // namespace

Result<std::string> chainToPipeline(const Chain& chain, const Registry& registry) {
  auto steps = PipelineWriter(chain, registry).write();
  if (!steps) return fail(steps.error());
  return "cubeloom-cli run" + *steps;
}

}  // namespace cubeloom
