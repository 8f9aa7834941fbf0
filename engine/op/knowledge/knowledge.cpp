// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/knowledge/knowledge.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/embedded.h"
#include "engine/base/text.h"
#include "engine/base/user_folders.h"

namespace cubeloom {

/// The documents of resources/knowledge, which the build makes a text of the program.
std::span<const EmbeddedDocument> knowledgeDocuments();
namespace {

using Json = nlohmann::json;

constexpr std::uintmax_t kMostBytes = 4 << 20;

bool isListOfEntries(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& entry) {
           return entry.is_object() && entry.contains("id") && entry["id"].is_string() && entry.contains("source") &&
                  entry["source"].is_string();
         });
}

/// `list` with the user's entries before ours, and without those of ours that they replace.
void putBefore(const Json& users, Json& list) {
  Json joined = users;
  for (const Json& entry : list) {
    const bool isReplaced = std::any_of(users.begin(), users.end(), [&entry](const Json& other) {
      return toLower(other["id"].get<std::string>()) == toLower(entry["id"].get<std::string>());
    });
    if (!isReplaced) joined.push_back(entry);
  }
  list = std::move(joined);
}

std::string_view ourText(const std::string& name) {
  for (const EmbeddedDocument& document : knowledgeDocuments())
    if (document.name == name) return document.text;
  return "{}";
}

}  // namespace

Result<Json> knowledge(const std::string& name, const std::string& parameter) {
  Json document = Json::parse(ourText(name));
  const std::filesystem::path folder = userDataFolder(), path = folder / "knowledge" / (name + ".json");
  std::error_code error;
  if (folder.empty() || !std::filesystem::is_regular_file(path, error)) return document;
  const auto refused = [&](const std::string& why) {
    return invalidParameter(parameter, path.string() + " is not taken: " + why, "mend or remove the file");
  };
  if (std::filesystem::file_size(path, error) > kMostBytes) return refused("it has more than 4 MiB");
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const Json users = Json::parse(text.str(), nullptr, false);
  if (!users.is_object()) return refused("it is no JSON object");
  for (const auto& [key, value] : users.items()) {
    if (!document.contains(key)) return refused("'" + key + "' is not part of '" + name + "'");
    if (document[key].is_array() && !isListOfEntries(value)) return refused("'" + key + "' is no list of entries with id and source");
    if (document[key].is_object() && !value.is_object()) return refused("'" + key + "' is no object");
    document[key].is_array() ? putBefore(value, document[key]) : document[key].update(value);
  }
  return document;
}

Result<Json> knownEntry(const Json& list, const std::string& id, const std::string& parameter) {
  std::vector<std::string> ids;
  for (const Json& entry : list) {
    ids.push_back(toLower(entry["id"].get<std::string>()));
    if (ids.back() == toLower(id)) return entry;
  }
  const auto close = closestMatch(toLower(id), ids);
  return invalidParameter(parameter, "'" + id + "' is not known",
                          close ? "did you mean '" + *close + "'?" : "known are " + join(ids, ", "));
}

std::vector<std::string> knownIds(const std::string& name) {
  constexpr std::string_view kBefore = R"("id": ")";
  const std::string_view text = ourText(name);
  std::vector<std::string> ids;
  for (std::size_t at = text.find(kBefore); at != text.npos; at = text.find(kBefore, at)) {
    at += kBefore.size();
    ids.emplace_back(text.substr(at, text.find('"', at) - at));
  }
  return ids;
}

}  // namespace cubeloom
