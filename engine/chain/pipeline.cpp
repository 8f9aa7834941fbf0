// SPDX-License-Identifier: GPL-3.0-or-later
// Chains written in place as `!` pipelines.
#include <map>
#include <utility>

#include "engine/base/text.h"
#include "engine/chain/chain.h"
#include "engine/chain/pipeline_names.h"
#include "engine/op/operation.h"
#include "engine/op/param_kinds.h"

namespace cubeloom {
namespace {

constexpr const char* kNameRule = "a name has letters, digits, '_' and '-'";

/// A step as it is written: where it stands, what it is called.
struct WrittenStep {
  std::vector<std::string> words;
  std::size_t number = 0;     ///< from 1
  std::size_t operation = 0;  ///< which of its words is the operation
  std::string name = {};      ///< as given; empty: by its operation
  const std::string& op() const { return words[operation]; }
};

/// An error says which step and which word, both counted from 1, and is about the step's node.
Failure badWord(const WrittenStep& step, std::size_t word, const std::string& message, const std::string& hint = {}) {
  Error error;
  error.code = ErrorCode::InvalidChain;
  error.node = !step.name.empty() ? step.name : step.operation < step.words.size() ? step.op() : std::string();
  error.message = "step " + std::to_string(step.number) + ", word " + std::to_string(word + 1) + ": " + message;
  error.hint = hint;
  return fail(std::move(error));
}

std::string inQuotes(const std::string& text) { return "'" + text + "'"; }

/// "[name]", "[name.port]", "[]".
bool isReference(const std::string& word) { return word.size() >= 2 && word.front() == '[' && word.back() == ']'; }

class PipelineReader {
 public:
  PipelineReader(const Registry& registry, const std::vector<std::string>& outer) : m_registry(registry), m_outer(outer) {}

  Result<Chain> read(const std::vector<std::string>& words) {
    cut(words);
    if (m_steps.empty())
      return fail(ErrorCode::InvalidChain, "the pipeline has no steps", "write it as ! open cube.hdr ! ... ! write out.tif");
    CUBELOOM_TRY(nameAll());
    Chain chain;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
      auto node = nodeOf(i);
      if (!node) return fail(node.error());
      chain.nodes.push_back(std::move(*node));
    }
    return chain;
  }

 private:
  void cut(const std::vector<std::string>& words) {
    WrittenStep step;
    const auto finish = [&] {
      if (step.words.empty()) return;
      step.number = m_steps.size() + 1;
      m_steps.push_back(std::exchange(step, {}));
    };
    for (const std::string& word : words) {
      if (word == "!")
        finish();
      else
        step.words.push_back(word);
    }
    finish();
  }

  /// Given names first: they are the user's; then those of all other steps, by their operations.
  Result<void> nameAll() {
    for (const std::string& name : m_outer) m_places.emplace(name, kOuter);
    for (std::size_t i = 0; i < m_steps.size(); ++i) CUBELOOM_TRY(readName(i));
    std::map<std::string, int> used;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
      std::string id = m_steps[i].name;
      for (int& n = used[m_steps[i].op()]; id.empty();) {
        const std::string free = ++n == 1 ? m_steps[i].op() : m_steps[i].op() + std::to_string(n);
        if (m_places.emplace(free, static_cast<int>(i)).second) id = free;
      }
      m_ids.push_back(id);
    }
    return {};
  }

  Result<void> readName(std::size_t i) {
    WrittenStep& step = m_steps[i];
    const std::string& first = step.words[0];
    if (first.empty() || first.back() != '=') return {};
    const std::string name = first.substr(0, first.size() - 1);
    step.operation = 1;
    if (!isStepName(name)) return badWord(step, 0, inQuotes(name) + " is no name for a step", kNameRule);
    if (step.words.size() == 1)
      return badWord(step, 0, "the step " + inQuotes(name) + " has no operation", "write " + name + "= and behind it what it does");
    const auto [known, isNew] = m_places.emplace(name, static_cast<int>(i));
    step.name = name;
    if (!isNew && known->second == kOuter)
      return badWord(step, 0, "the name " + inQuotes(name) + " is that of an input of the operation itself", "choose another name");
    if (!isNew)
      return badWord(step, 0,
                     "the name " + inQuotes(name) + " is given twice, first to step " +
                         std::to_string(m_steps[static_cast<std::size_t>(known->second)].number),
                     "choose another name");
    return {};
  }

  Failure unknownOperation(const WrittenStep& step) const {
    const std::string& op = step.op();
    const auto equals = op.find('=');
    if (isReference(op)) return badWord(step, step.operation, "the operation is missing before " + inQuotes(op), "as in calc [a] [b]");
    if (equals != std::string::npos && m_registry.find(op.substr(equals + 1)))
      return badWord(step, step.operation, "unknown operation " + inQuotes(op),
                     "a name is a word of its own: " + op.substr(0, equals) + "= " + op.substr(equals + 1));
    if (op.size() > 1 && op.front() == '!')
      return badWord(step, step.operation, "unknown operation " + inQuotes(op), "'!' is a word of its own: ! " + op.substr(1));
    const auto match = closestMatch(op, m_registry.ids());
    return badWord(step, step.operation, "unknown operation " + inQuotes(op),
                   match ? "did you mean '" + *match + "'?" : "cubeloom-cli ops lists them");
  }

  Result<Node> nodeOf(std::size_t i) const {
    const WrittenStep& step = m_steps[i];
    const Operation* operation = m_registry.find(step.op());
    if (!operation) return unknownOperation(step);
    Node node;
    node.id = m_ids[i];
    node.op = step.op();
    bool isWired = false;
    for (std::size_t w = step.operation + 1; w < step.words.size(); ++w) {
      if (isReference(step.words[w])) {
        isWired = true;
        CUBELOOM_TRY(readReference(i, w, operation->declaration(), node));
      } else {
        CUBELOOM_TRY(readParameter(i, w, operation->declaration(), node));
      }
    }
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    if (!isWired && i > 0 && !operation->declaration().inputs.empty()) node.inputs = {m_ids[i - 1]};
    return node;
  }

  std::vector<std::string> namesBefore(std::size_t i) const {
    std::vector<std::string> names = m_outer;
    names.insert(names.end(), m_ids.begin(), m_ids.begin() + static_cast<std::ptrdiff_t>(i));
    return names;
  }

  Result<void> readReference(std::size_t i, std::size_t w, const Declaration& declaration, Node& node) const {
    const WrittenStep& step = m_steps[i];
    const std::string& word = step.words[w];
    const std::string input = word.substr(1, word.size() - 2), name = inputNode(input);
    const int most = declaration.maxInputs();
    if (most == 0) return badWord(step, w, inQuotes(node.op) + " begins a chain and takes no input", "leave out " + word);
    if (static_cast<int>(node.inputs.size()) >= most)
      return badWord(
          step, w, inQuotes(node.op) + " takes " + std::to_string(most) + (most == 1 ? " input" : " inputs") + ", " + word + " is one more",
          "leave it out");
    node.inputs.push_back(input);
    if (input.empty()) return {};  // left unconnected
    const auto found = m_places.find(name);
    if (found == m_places.end()) {
      const auto match = closestMatch(name, namesBefore(i));
      return badWord(step, w, "no step is called " + inQuotes(name),
                     match    ? "did you mean [" + *match + "]?"
                     : i == 0 ? "it is the first step"
                              : "steps before it: " + join(namesBefore(i), ", ") + "; " + name + "= before an operation names one");
    }
    if (found->second == kOuter) return {};
    const auto place = static_cast<std::size_t>(found->second);
    if (place == i) return badWord(step, w, "the step " + inQuotes(name) + " feeds itself", "take one before it");
    if (place > i)
      return badWord(step, w, inQuotes(name) + " comes later, as step " + std::to_string(m_steps[place].number),
                     "write that step before this one");
    const Operation* other = m_registry.find(m_steps[place].op());
    if (other && other->declaration().role == Role::Sink)
      return badWord(step, w, inQuotes(name) + " writes a file and hands nothing on", "take the step that it writes");
    return {};
  }

  Result<void> readParameter(std::size_t i, std::size_t w, const Declaration& declaration, Node& node) const {
    const WrittenStep& step = m_steps[i];
    const std::string& word = step.words[w];
    const std::vector<Param>& params = declaration.params;
    const Param* indexers = nullptr;
    for (const Param& param : params)
      if (isPerDim(param.type)) indexers = &param;
    const auto equals = word.find('=');
    const std::string name = equals == std::string::npos ? std::string() : word.substr(0, equals);
    const Param* param = nullptr;
    for (const Param& candidate : params)
      if (candidate.name == (name.empty() ? std::string("path") : name)) param = &candidate;
    const bool pathLike =
        param == nullptr && indexers == nullptr && !params.empty() && params[0].name == "path" && name.find('/') != std::string::npos;
    if (name.empty() || pathLike) {  // a bare word is the step's path; one with '=' in its folder's name too
      if (!pathLike && !param) return notAPath(i, w, declaration);
      if (node.params.contains("path")) return badWord(step, w, "a second path: " + inQuotes(word), "quote a path that has blanks");
      node.params["path"] = word;
      return {};
    }
    const std::string value = word.substr(equals + 1);
    if (param) {
      if (node.params.contains(name)) return badWord(step, w, inQuotes(name) + " is given twice", "leave one of them out");
      if (param->type == ParamType::Node) CUBELOOM_TRY(checkStepNamed(i, w, value));
      node.params[name] = kindOf(param->type).fromText(value);
    } else if (indexers) {
      const auto known = node.params.find(indexers->name);
      if (known != node.params.end() && (!known->is_object() || known->contains(name)))
        return badWord(step, w, inQuotes(name) + " is given twice",
                       "leave one of them out; several entries are a list, as in " + name + "=1,5");
      node.params[indexers->name][name] = selectionFromText(value);
    } else {
      node.params[name] = value;  // binding names it as unknown, with its candidates
    }
    return {};
  }

  Failure notAPath(std::size_t i, std::size_t w, const Declaration& declaration) const {
    const WrittenStep& step = m_steps[i];
    const std::string& word = step.words[w];
    std::string hint = "parameters are written as name=value: cubeloom-cli ops " + declaration.id + " lists them";
    if (m_places.count(word) != 0)
      hint = "[" + word + "] takes the step of that name; a shell makes it a file's name where one fits: quote it, '[" + word + "]'";
    else if (m_registry.find(word))
      hint = "a step begins with '!': ! " + word;
    return badWord(step, w, inQuotes(word) + " is no parameter=value, and " + declaration.id + " takes no path", hint);
  }

  /// A parameter that looks at another step takes any, an earlier or a later one. What could be a file's path is left to the operation.
  Result<void> checkStepNamed(std::size_t i, std::size_t w, const std::string& name) const {
    if (name.empty() || m_places.count(name) != 0 || name.find_first_of("./") != std::string::npos) return {};
    const auto match = closestMatch(name, m_ids);
    return badWord(
        m_steps[i], w, "no step is called " + inQuotes(name),
        match ? "did you mean '" + *match + "'?" : "steps: " + join(m_ids, ", ") + "; " + name + "= before an operation names one");
  }

  static constexpr int kOuter = -1;
  const Registry& m_registry;
  const std::vector<std::string>& m_outer;
  std::vector<WrittenStep> m_steps;
  std::vector<std::string> m_ids;
  std::map<std::string, int> m_places;  ///< what may be referred to: steps by number, and inputs of the operation that this stands for
};

}  // namespace

bool isStepName(const std::string& name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte >= 0x80;
    if (!isLetter && !(c >= '0' && c <= '9') && c != '_' && c != '-') return false;
  }
  return true;
}

Result<Chain> chainFromPipeline(const std::vector<std::string>& words, const Registry& registry, const std::vector<std::string>& outer) {
  return PipelineReader(registry, outer).read(words);
}

Result<std::vector<ChainStep>> stepsFromPipeline(const std::vector<std::string>& words, const Registry& registry,
                                                 const std::vector<std::string>& inputs) {
  auto chain = chainFromPipeline(words, registry, inputs);
  if (!chain) return fail(chain.error());
  std::vector<ChainStep> steps;
  for (const Node& node : chain->nodes) {
    ChainStep step{registry.find(node.op), node.params};
    if (!steps.empty() || !node.inputs.empty()) step.inputs.emplace();
    for (const std::string& input : node.inputs) {
      const auto outer = std::find(inputs.begin(), inputs.end(), input);
      step.inputs->push_back(outer == inputs.end() ? chain->indexOf(input) : ~static_cast<int>(outer - inputs.begin()));
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace cubeloom
