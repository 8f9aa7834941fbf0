// SPDX-License-Identifier: GPL-3.0-or-later
// Chains written in place as `!` pipelines, and chains written back as such.
#include "engine/base/text.h"
#include "engine/chain/chain.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

Failure badStep(const std::string& step, const std::string& message, const std::string& hint = {}) {
  Error error;
  error.code = ErrorCode::InvalidChain;
  error.node = step;
  error.message = message;
  error.hint = hint;
  return fail(std::move(error));
}

/// A number when the text is one, else the text.
Json plainValue(const std::string& text) {
  if (const auto whole = parseInteger(text)) return *whole;
  if (const auto number = parseNumber(text); number && std::isfinite(*number)) return *number;
  return text;
}

/// "400:700" and "0" stay one value; "1,5,9" becomes a list.
Json selectionValue(const std::string& text) {
  if (text.find(',') == std::string::npos) return plainValue(text);
  Json list = Json::array();
  for (const std::string& part : split(text, ',')) list.push_back(plainValue(part));
  return list;
}

Json valueOf(const Param& param, const std::string& text) {
  switch (param.type) {
    case ParamType::Bool:
      return text == "true" || text == "yes" || text == "1"   ? Json(true)
             : text == "false" || text == "no" || text == "0" ? Json(false)
                                                              : Json(text);
    case ParamType::Integer:
    case ParamType::Number: return plainValue(text);
    case ParamType::Resolution:
    case ParamType::Shape:
    case ParamType::Bounds: return selectionValue(text);
    case ParamType::Dims: {
      Json list = Json::array();
      for (const std::string& part : split(text, ',')) list.push_back(std::string(trim(part)));
      return list;
    }
    case ParamType::Names:
    case ParamType::Indexers:
    case ParamType::Selectors: {
      Json object = Json::object();
      for (const std::string& pair : split(text, ',')) {
        const auto colon = pair.find(':');
        if (colon == std::string::npos) return text;
        const std::string value = pair.substr(colon + 1);
        object[pair.substr(0, colon)] = param.type == ParamType::Names ? Json(value) : plainValue(value);
      }
      return object;
    }
    default: return text;
  }
}

Result<Node> nodeFromWords(const std::vector<std::string>& words, const Registry& registry) {
  Node node;
  node.op = words[0];
  const Operation* operation = registry.find(node.op);
  if (!operation) {
    const auto match = closestMatch(node.op, registry.ids());
    return badStep(node.op, "unknown operation '" + node.op + "'",
                   match ? "did you mean '" + *match + "'?" : "cubeloom-cli ops lists them");
  }
  const std::vector<Param>& params = operation->declaration().params;
  const Param* indexers = nullptr;
  for (const Param& param : params)
    if (param.type == ParamType::Indexers || param.type == ParamType::Selectors) indexers = &param;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto equals = word.find('=');
    const std::string name = equals == std::string::npos ? std::string() : word.substr(0, equals);
    const Param* param = nullptr;
    for (const Param& candidate : params)
      if (candidate.name == (name.empty() ? std::string("path") : name)) param = &candidate;
    const bool pathLike =
        param == nullptr && indexers == nullptr && !params.empty() && params[0].name == "path" && name.find('/') != std::string::npos;
    if (name.empty() || pathLike) {  // a bare word is the step's path; one with '=' in its folder's name too
      if (!pathLike && !param) return badStep(node.op, "'" + word + "' is no parameter=value, and " + node.op + " takes no path");
      if (node.params.contains("path")) return badStep(node.op, "a second path: '" + word + "'");
      node.params["path"] = word;
      continue;
    }
    const std::string value = word.substr(equals + 1);
    if (param) {
      node.params[name] = valueOf(*param, value);
    } else if (indexers) {
      node.params[indexers->name][name] = selectionValue(value);
    } else {
      node.params[name] = value;  // binding names it as unknown, with its candidates
    }
  }
  return node;
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%") ==
                                          std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string valueText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return formatNumber(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const Json& entry : value) parts.push_back(valueText(entry));
  return join(parts, ",");
}

}  // namespace

Result<Chain> chainFromPipeline(const std::vector<std::string>& words, const Registry& registry) {
  Chain chain;
  std::vector<std::string> step;
  const auto finish = [&]() -> Result<void> {
    if (step.empty()) return {};
    auto node = nodeFromWords(step, registry);
    if (!node) return fail(node.error());
    if (!chain.nodes.empty()) node->inputs = {chain.nodes.back().id};
    node->id = chain.freeId(node->op);
    chain.nodes.push_back(std::move(*node));
    step.clear();
    return {};
  };
  for (const std::string& word : words) {
    if (word != "!") {
      step.push_back(word);
      continue;
    }
    CUBELOOM_TRY(finish());
  }
  CUBELOOM_TRY(finish());
  if (chain.nodes.empty())
    return fail(ErrorCode::InvalidChain, "the pipeline has no steps", "write it as ! open cube.hdr ! ... ! write out.tif");
  return chain;
}

std::string chainToPipeline(const Chain& chain) {
  auto order = topologicalOrder(chain);
  if (!order) return {};
  std::string text = "cubeloom-cli run";
  std::string previous;
  for (const int i : *order) {
    const Node& node = chain.nodes[static_cast<std::size_t>(i)];
    if (node.inputs.size() > 1 || (previous.empty() ? !node.inputs.empty() : node.inputs != std::vector<std::string>{previous})) return {};
    previous = node.id;
    if (node.bypassed) continue;
    text += " ! " + node.op;
    for (const auto& [name, value] : node.params.items()) {
      if (value.is_null()) continue;
      if (name == "path" && value.is_string() && value.get<std::string>().find('=') == std::string::npos) {
        text += " " + quoted(value.get<std::string>());
      } else if (name == "indexers" && value.is_object()) {
        for (const auto& [dim, selection] : value.items()) text += " " + quoted(dim + "=" + valueText(selection));
      } else if (value.is_object()) {
        std::vector<std::string> pairs;
        for (const auto& [from, to] : value.items()) pairs.push_back(from + ":" + valueText(to));
        text += " " + quoted(name + "=" + join(pairs, ","));
      } else {
        text += " " + quoted(name + "=" + valueText(value));
      }
    }
  }
  return text;
}

}  // namespace cubeloom
