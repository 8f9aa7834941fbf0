// SPDX-License-Identifier: GPL-3.0-or-later
// Read as a stream of events: a document in memory would take many times what the references do.
#include "engine/io/zarr/kerchunk_refs.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/file/base64.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxEntries = 20'000'000;
constexpr std::int64_t kMaxBuiltValues = 1'000'000;  // of one array's metadata, or of the templates
constexpr std::size_t kMaxKeyBytes = 4096;
constexpr std::size_t kMaxTargetBytes = 8192;
constexpr std::size_t kMaxTemplates = 10000;

}  // namespace

/// Takes the parser's events. Values of keys are either a text, a list, or an object that is kept as text.
class KerchunkReader : public nlohmann::json_sax<Json> {
 public:
  explicit KerchunkReader(const std::string& path) : m_path(path) {}

  bool null() override { return value(Json()); }
  bool boolean(bool v) override { return value(Json(v)); }
  bool number_integer(std::int64_t v) override { return value(Json(v)); }
  bool number_unsigned(std::uint64_t v) override { return value(Json(v)); }
  bool number_float(double v, const std::string& /*text*/) override { return value(Json(v)); }
  bool string(std::string& v) override { return value(Json(std::move(v))); }
  bool binary(binary_t& /*v*/) override { return refuse("holds binary values"); }
  bool key(std::string& name) override {
    (m_built.empty() ? m_outer.back().key : m_built.back().key) = std::move(name);
    return true;
  }
  bool start_object(std::size_t /*size*/) override {
    if (m_outer.empty()) {
      m_outer.push_back({});
      return true;
    }
    if (m_built.empty() && m_outer.size() == 1 && m_outer[0].key == "refs") {
      m_isVersion1 = true;
      // What stood beside it so far was no reference: version 1 says so by this word alone.
      m_refs.m_entries.clear();
      m_outer.push_back({});
      return true;
    }
    return begin(Json::object());
  }
  bool start_array(std::size_t /*size*/) override {
    if (m_outer.empty()) return refuse("is a list, not an object");
    return begin(Json::array());
  }
  bool end_object() override {
    if (!m_built.empty()) return end();
    m_outer.pop_back();
    return true;
  }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::detail::exception& /*error*/) override {
    return refuse("is not valid JSON: the error is at byte " + std::to_string(position), "it may be cut off");
  }

  Result<KerchunkRefs> finish() {
    if (m_error) return fail(std::move(*m_error));
    CUBELOOM_TRY(fillTemplates());
    auto& entries = m_refs.m_entries;
    const auto less = [this](const KerchunkRefs::Entry& a, const KerchunkRefs::Entry& b) { return m_refs.key(a) < m_refs.key(b); };
    std::stable_sort(entries.begin(), entries.end(), less);
    // Of a key that is there twice, JSON's habit: the last one counts.
    const auto same = [this](const KerchunkRefs::Entry& a, const KerchunkRefs::Entry& b) { return m_refs.key(a) == m_refs.key(b); };
    entries.erase(entries.begin(), std::unique(entries.rbegin(), entries.rend(), same).base());
    entries.shrink_to_fit();
    return std::move(m_refs);
  }

 private:
  struct Level {
    std::string key;
    Json json;
  };

  bool refuse(const std::string& what, const std::string& hint = {}) {
    if (!m_error) m_error = failAt(ErrorCode::OpenFailed, m_path, m_path + " " + what, hint).value();
    return false;
  }

  bool begin(Json json) {
    if (m_built.size() >= kMaxDepth) return refuse("nests deeper than " + std::to_string(kMaxDepth) + " levels");
    m_built.push_back({{}, std::move(json)});
    return true;
  }
  bool end() {
    Json done = std::move(m_built.back().json);
    m_built.pop_back();
    return value(std::move(done));
  }

  bool value(Json json) {
    if (!m_built.empty()) {
      if (++m_builtValues > kMaxBuiltValues)
        return refuse(
            "holds more than " + formatCount(kMaxBuiltValues) + " values under the key \"" + m_outer.back().key.substr(0, 80) + "\"",
            "metadata is what belongs there; write large arrays as chunks");
      Level& level = m_built.back();
      if (level.json.is_array()) {
        level.json.push_back(std::move(json));
      } else {
        level.json[level.key] = std::move(json);
      }
      return true;
    }
    m_builtValues = 0;
    if (m_outer.empty()) return refuse("is not an object of references");
    const std::string& key = m_outer.back().key;
    if (m_outer.size() == 2 || !isWordOfVersion1(key, json)) return addReference(key, json);
    return word(key, json);
  }

  /// Beside "refs" stand other words; without "refs", everything is a reference.
  static bool isWordOfVersion1(const std::string& key, const Json& json) {
    return key == "version" || key == "templates" || key == "gen" || (key == "refs" && !json.is_string());
  }

  bool word(const std::string& key, const Json& json) {
    if (key == "version") {
      if (json != 0 && json != 1) return refuse("has version " + json.dump() + "; 0 and 1 are read");
    } else if (key == "gen") {
      if (!json.empty())
        return refuse("generates references by rules (\"gen\"), which are not evaluated", "write the references out, with kerchunk");
    } else if (key == "templates") {
      if (!json.is_object() || json.size() > kMaxTemplates) return refuse("has \"templates\" that are no object of texts");
      for (const auto& [name, text] : json.items()) {
        if (!text.is_string()) return refuse("has the template \"" + name + "\", which is no text");
        m_templates[name] = text.get<std::string>();
      }
    } else {
      return refuse("has \"refs\" that are no object");
    }
    return true;
  }

  bool addReference(const std::string& key, const Json& json) {
    if (key.size() > kMaxKeyBytes) return refuse("holds a key of " + std::to_string(key.size()) + " bytes");
    if (m_refs.m_entries.size() >= kMaxEntries) return refuse("holds more than " + formatCount(kMaxEntries) + " references");
    KerchunkRefs::Entry entry;
    entry.keyAt = m_refs.m_keys.size();
    entry.keyBytes = static_cast<std::uint32_t>(key.size());
    if (json.is_array()) {
      if (!setTarget(key, json, entry)) return false;
    } else if (json.is_string() || json.is_object()) {
      constexpr std::string_view kBase64 = "base64:";
      std::string text = json.is_string() ? json.get<std::string>() : json.dump();
      if (text.starts_with(kBase64)) {
        auto bytes = decodeBase64(std::string_view(text).substr(kBase64.size()));
        if (!bytes) return refuse("holds the key \"" + key.substr(0, 100) + "\", whose value is not base64");
        text = std::move(*bytes);
      }
      entry.offset = static_cast<std::int64_t>(m_refs.m_values.size());
      entry.bytes = static_cast<std::int64_t>(text.size());
      m_refs.m_values += text;
    } else {
      return refuse("is not an object of references: \"" + key.substr(0, 100) + "\" is " + json.dump().substr(0, 100));
    }
    m_refs.m_keys += key;
    m_refs.m_entries.push_back(entry);
    return true;
  }

  /// [url] or [url, offset, length].
  bool setTarget(const std::string& key, const Json& json, KerchunkRefs::Entry& entry) {
    const auto natural = [](const Json& number) {
      return number.is_number_unsigned() && number.get<std::uint64_t>() < (std::uint64_t{1} << 62);
    };
    const bool whole = json.size() == 1 && json[0].is_string();
    const bool part = json.size() == 3 && json[0].is_string() && natural(json[1]) && natural(json[2]);
    if ((!whole && !part) || json[0].get_ref<const std::string&>().size() > kMaxTargetBytes)
      return refuse("holds the reference \"" + key.substr(0, 100) + "\": " + json.dump().substr(0, 100) +
                    ", neither [url] nor [url, offset, length]");
    entry.offset = part ? json[1].get<std::int64_t>() : 0;
    entry.bytes = part ? json[2].get<std::int64_t>() : KerchunkRefs::kWholeFile;
    const auto [found, isNew] =
        m_targetNumbers.try_emplace(json[0].get_ref<const std::string&>(), static_cast<std::uint32_t>(m_refs.m_targets.size()));
    if (isNew) m_refs.m_targets.push_back(found->first);
    entry.target = found->second;
    return true;
  }

  Result<void> fillTemplates() {
    for (std::string& target : m_refs.m_targets) {
      std::string filled;
      std::size_t at = 0;
      for (std::size_t open = target.find("{{"); open != std::string::npos; open = target.find("{{", at)) {
        const std::size_t close = target.find("}}", open);
        if (close == std::string::npos) break;
        const std::string name(trim(std::string_view(target).substr(open + 2, close - open - 2)));
        const auto known = m_templates.find(name);
        if (known == m_templates.end() || known->second.find("{{") != std::string::npos || known->second.find("{%") != std::string::npos)
          return failAt(ErrorCode::OpenFailed, m_path,
                        m_path + " refers to \"" + target.substr(0, 200) + "\", whose template \"" + name.substr(0, 100) +
                            (known == m_templates.end() ? "\" is not given" : "\" would have to be evaluated"),
                        "only plain {{name}} substitution is done: write the names out");
        filled.append(target, at, open - at).append(known->second);
        at = close + 2;
        if (filled.size() > kMaxTargetBytes) return failAt(ErrorCode::OpenFailed, m_path, m_path + " refers to a name of absurd length");
      }
      if (at > 0) target = filled.append(target, at);
    }
    return {};
  }

  const std::string& m_path;
  KerchunkRefs m_refs;
  std::vector<Level> m_outer;  ///< the document, and "refs" in it
  std::int64_t m_builtValues = 0;
  std::vector<Level> m_built;  ///< a value that is a list or an object
  std::unordered_map<std::string, std::uint32_t> m_targetNumbers;
  std::map<std::string, std::string> m_templates;
  std::optional<Error> m_error;
  bool m_isVersion1 = false;
};

Result<KerchunkRefs> KerchunkRefs::parse(const std::string& text, const std::string& path) {
  KerchunkReader reader(path);
  Json::sax_parse(text, &reader);
  return reader.finish();
}

const KerchunkRefs::Entry* KerchunkRefs::find(std::string_view wanted) const {
  const auto found = std::partition_point(m_entries.begin(), m_entries.end(), [&](const Entry& entry) { return key(entry) < wanted; });
  return found != m_entries.end() && key(*found) == wanted ? &*found : nullptr;
}

std::pair<std::size_t, std::size_t> KerchunkRefs::range(std::string_view prefix) const {
  const auto first = std::partition_point(m_entries.begin(), m_entries.end(), [&](const Entry& entry) { return key(entry) < prefix; });
  const auto last = std::partition_point(first, m_entries.end(), [&](const Entry& entry) { return key(entry).starts_with(prefix); });
  return {static_cast<std::size_t>(first - m_entries.begin()), static_cast<std::size_t>(last - m_entries.begin())};
}

}  // namespace cubeloom
