// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/json_document.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/json_scan.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/text_file.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
constexpr int kMaxDepth = 64;
constexpr std::int64_t kMaxValues = 1000000;

/// Listens to the parser until a key tells the kind. Every event returns whether to go on.
class Sniffer : public nlohmann::json_sax<Json> {
 public:
  JsonKind kind() const { return m_kind; }

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_array(std::size_t /*count*/) override { return ++m_depth <= kMaxDepth; }
  bool end_array() override { return leave(); }
  bool end_object() override { return leave(); }
  bool start_object(std::size_t /*count*/) override {
    if (m_depth == 1 && m_key == "refs") return decide(JsonKind::Kerchunk);
    return ++m_depth <= kMaxDepth;
  }
  bool key(string_t& key) override {
    // In a list of items ("features") each has its own version.
    if (key == "stac_version" && (m_depth == 1 || m_depth == 3)) return decide(JsonKind::Stac);
    if (m_depth != 1) return true;
    m_key = key;
    // Version 0 of references has them at the top.
    if (key == ".zgroup" || key == ".zarray" || key.ends_with("/.zarray")) return decide(JsonKind::Kerchunk);
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const nlohmann::detail::exception& /*why*/) override { return false; }

 private:
  bool leave() {
    --m_depth;
    return true;
  }
  bool decide(JsonKind kind) {
    m_kind = kind;
    return false;
  }

  JsonKind m_kind = JsonKind::Other;
  int m_depth = 0;
  std::string m_key;
};

/// Python's bare NaN, Infinity and -Infinity as texts of that name.
std::string withQuotedNumbers(const std::string& text) {
  static constexpr std::array<std::string_view, 3> kNoNumbers{"-Infinity", "Infinity", "NaN"};
  std::string clean;
  std::size_t copied = 0;
  scanJson(text, [&](std::size_t at) {
    const char c = text[at];
    if (at < copied || (c != '-' && c != 'I' && c != 'N')) return;
    for (const std::string_view word : kNoNumbers) {
      if (text.compare(at, word.size(), word) != 0) continue;
      clean.append(text, copied, at - copied).append("\"").append(word).append("\"");
      copied = at + word.size();
      return;
    }
  });
  return clean.append(text, copied);
}

}  // namespace

Result<JsonKind> sniffJson(const std::string& path) {
  const auto text = fileStart(path, kMaxBytes);
  if (!text) return fail(text.error());
  Sniffer sniffer;
  Json::sax_parse(*text, &sniffer, Json::input_format_t::json, false);
  return sniffer.kind();
}

Result<Json> parseJsonText(const std::string& text, const std::string& path) {
  const JsonExtent extent = jsonExtent(text);
  if (extent.depth > kMaxDepth)
    return failAt(ErrorCode::OpenFailed, path, path + " nests deeper than " + std::to_string(kMaxDepth) + " levels");
  if (extent.values > kMaxValues)
    return failAt(ErrorCode::OpenFailed, path,
                  path + " holds more than " + formatCount(kMaxValues) + " values (" + formatCount(extent.values) +
                      "), the most that are read of one document",
                  "split it, or leave out what is no metadata");
  Json json = Json::parse(withQuotedNumbers(text), nullptr, false);
  if (json.is_discarded())
    return failAt(ErrorCode::OpenFailed, path, path + " is not valid JSON",
                  "it may be cut off; look for a missing comma, quote or bracket");
  return json;
}

Result<Json> readJson(const std::string& path, const std::string& what) {
  auto text = readTextFile(path, kMaxBytes, what);
  if (!text) return fail(text.error());
  return parseJsonText(*text, path);
}

}  // namespace cubeloom
