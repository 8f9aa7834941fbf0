// SPDX-License-Identifier: GPL-3.0-or-later
// Load and save of chain files; hostile until checked: size, depth and every key.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/json_scan.h"
#include "engine/base/json_text.h"
#include "engine/base/saved_file.h"
#include "engine/chain/chain.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
constexpr int kMaxDepth = 64;
constexpr std::int64_t kMaxValues = 2'000'000;  // 20 for each of the most nodes
constexpr std::size_t kMaxNodes = 100000;

Failure badChain(const std::string& message, const std::string& hint = {}, const std::string& node = {}) {
  Error error;
  error.code = ErrorCode::InvalidChain;
  error.message = message;
  error.hint = hint;
  error.node = node;
  return fail(std::move(error));
}

/// JSON from text without exceptions; nesting is capped before the parser recurses.
Result<Json> parseJson(const std::string& text) {
  const JsonExtent extent = jsonExtent(text);
  if (extent.depth > kMaxDepth) return badChain("the chain file nests deeper than " + std::to_string(kMaxDepth) + " levels");
  if (extent.values > kMaxValues)
    return badChain(
        "the chain file holds " + std::to_string(extent.values) + " values, at most " + std::to_string(kMaxValues) + " are read",
        "leave out of \"view\" what is not needed, or split the chain");
  Json json = jsonFromText(text);
  if (json.is_discarded()) return badChain("the chain file is not valid JSON", "look for a missing comma, quote or bracket");
  return json;
}

Result<Node> nodeFromJson(const Json& json, std::size_t place) {
  const std::string where = "nodes[" + std::to_string(place) + "]";
  if (!json.is_object()) return badChain(where + " is no object");
  Node node;
  for (const auto& [key, value] : json.items()) {
    if (key == "id" || key == "op") {
      if (!value.is_string() || value.get<std::string>().empty())
        return badChain(where + "." + key + " is " + jsonText(value) + ", expected a text");
      (key == "id" ? node.id : node.op) = value.get<std::string>();
    } else if (key == "inputs") {
      if (!value.is_array()) return badChain(where + ".inputs is no list");
      for (const Json& input : value) {
        if (!input.is_string()) return badChain(where + ".inputs holds " + jsonText(input) + ", expected node ids");
        node.inputs.push_back(input.get<std::string>());
      }
    } else if (key == "params") {
      if (!value.is_object()) return badChain(where + ".params is no object");
      node.params = value;
    } else if (key == "bypassed") {
      if (!value.is_boolean()) return badChain(where + ".bypassed is " + jsonText(value) + ", expected true or false");
      node.bypassed = value.get<bool>();
    } else {
      return badChain("unknown key '" + key + "' in " + where, "known: id, op, inputs, params, bypassed");
    }
  }
  if (node.id.empty()) return badChain(where + " has no id");
  if (node.op.empty()) return badChain("it has no op", {}, node.id);
  if (node.id.find('.') != std::string::npos)
    return badChain("the id '" + node.id + "' holds a point", "points separate node and port", node.id);
  return node;
}

/// Files written before it belonged to the nodes have the list in their view.
void takeBypassedFromView(Chain& chain) {
  const auto bypassed = chain.view.find("bypassed");
  if (bypassed == chain.view.end()) return;
  for (const Json& id : *bypassed)
    if (Node* node = id.is_string() ? chain.find(id.get<std::string>()) : nullptr) node->bypassed = true;
  chain.view.erase("bypassed");
}

}  // namespace

Result<Chain> chainFromJson(const std::string& text) {
  auto parsed = parseJson(text);
  if (!parsed) return fail(parsed.error());
  const Json& json = *parsed;
  if (!json.is_object()) return badChain("a chain file is a JSON object");
  const auto version = json.find("cubeloom");
  if (version == json.end()) return badChain("this is no chain file: the key 'cubeloom' with the version is missing");
  if (!version->is_number_integer()) return badChain("'cubeloom' is " + jsonText(*version) + ", expected a version number");
  if (version->get<std::int64_t>() != kChainVersion)
    return badChain("the chain file has version " + jsonText(*version) + ", this program reads version " + std::to_string(kChainVersion),
                    "use a newer Cubeloom");
  Chain chain;
  for (const auto& [key, value] : json.items()) {
    if (key == "cubeloom") continue;
    if (key == "title") {
      if (!value.is_string()) return badChain("'title' is " + jsonText(value) + ", expected a text");
      chain.title = value.get<std::string>();
    } else if (key == "view") {
      if (!value.is_object()) return badChain("'view' is no object");
      chain.view = value;
    } else if (key == "nodes") {
      if (!value.is_array()) return badChain("'nodes' is no list");
      if (value.size() > kMaxNodes)
        return badChain("the chain has " + std::to_string(value.size()) + " nodes, at most " + std::to_string(kMaxNodes) + " are read");
      for (std::size_t i = 0; i < value.size(); ++i) {
        auto node = nodeFromJson(value[i], i);
        if (!node) return fail(node.error());
        chain.nodes.push_back(std::move(*node));
      }
    } else {
      return badChain("unknown key '" + key + "'", "known: cubeloom, title, nodes, view");
    }
  }
  takeBypassedFromView(chain);
  if (auto order = topologicalOrder(chain); !order) return fail(order.error());
  return chain;
}

Result<Chain> loadChain(const std::string& path) {
  std::error_code code;
  const auto size = std::filesystem::file_size(path, code);
  Error error;
  error.code = ErrorCode::OpenFailed;
  error.path = path;
  if (code) {
    error.message = "cannot open the chain file " + path + ": " + code.message();
    return fail(std::move(error));
  }
  if (size > kMaxFileBytes) {
    error.message =
        "the chain file " + path + " has " + std::to_string(size) + " bytes, at most " + std::to_string(kMaxFileBytes) + " are read";
    return fail(std::move(error));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    error.message = "cannot read the chain file " + path;
    return fail(std::move(error));
  }
  auto chain = chainFromJson(text.str());
  if (!chain) {
    Error inner = chain.error();
    inner.path = path;
    return fail(std::move(inner));
  }
  chain->folder = std::filesystem::absolute(path).parent_path().string();
  return chain;
}

std::string chainToJson(const Chain& chain) {
  Json json;
  json["cubeloom"] = kChainVersion;
  if (!chain.title.empty()) json["title"] = chain.title;
  json["nodes"] = Json::array();
  for (const Node& node : chain.nodes) {
    Json entry{{"id", node.id}, {"op", node.op}, {"params", node.params}};
    if (!node.inputs.empty()) entry["inputs"] = node.inputs;
    if (node.bypassed) entry["bypassed"] = true;
    json["nodes"].push_back(std::move(entry));
  }
  json["view"] = chain.view;
  return jsonText(json, 2) + "\n";
}

Result<void> saveChain(const Chain& chain, const std::string& path) { return saveFile(path, chainToJson(chain)); }

}  // namespace cubeloom
