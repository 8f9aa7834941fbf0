// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/param_values.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

/// Says why and gives nothing.
std::nullopt_t no(std::string* why, const std::string& text) {
  if (why) *why = text;
  return std::nullopt;
}

std::string textOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Every key is one of `known` and holds a text (or anything, for `free`).
bool hasOnly(const Json& object, const std::vector<std::string>& known, const std::string& free, std::string* why) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return no(why, "unknown key '" + key + "', known: " + join(known, ", ")), false;
    if (key != free && !value.is_string()) return no(why, "'" + key + "' is " + jsonText(value) + ", expected a text"), false;
  }
  return true;
}

std::optional<Rgb> colorFrom(const std::string& text) {
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  Rgb color{};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto digit = std::string_view("0123456789abcdef").find(toLower(text)[i + 1]);
    if (digit == std::string_view::npos) return std::nullopt;
    color[i / 2] = static_cast<std::uint8_t>(color[i / 2] * 16 + digit);
  }
  return color;
}

/// `number` with all digits that `text` gives a whole one of 64 bits.
long double exactOf(std::string_view text, double number) {
  if (const auto whole = parseInteger(text)) return static_cast<long double>(*whole);
  if (const auto whole = parseUnsigned(text)) return static_cast<long double>(*whole);
  return static_cast<long double>(number);
}

/// "nodata", "5" or "[0,0.3)".
bool readCondition(const std::string& when, TableRow& row) {
  const std::string text(trim(when));
  if (text == "nodata") return row.isNodata = true;
  if (const auto number = parseNumber(text)) {
    row.low = row.high = *number;
    row.exactLow = row.exactHigh = exactOf(text, *number);
    return !std::isnan(*number);
  }
  if (text.size() < 5 || (text.front() != '[' && text.front() != '(') || (text.back() != ']' && text.back() != ')')) return false;
  const auto ends = split(std::string_view(text).substr(1, text.size() - 2), ',');
  if (ends.size() != 2) return false;
  const auto low = parseNumber(ends[0]), high = parseNumber(ends[1]);
  if (!low || !high) return false;
  row.low = *low;
  row.high = *high;
  row.exactLow = exactOf(ends[0], *low);
  row.exactHigh = exactOf(ends[1], *high);
  if (!(row.exactLow < row.exactHigh)) return false;
  row.hasLow = text.front() == '[';
  row.hasHigh = text.back() == ']';
  return true;
}

/// Ten colours each, evenly spaced, of matplotlib's maps.
struct NamedPalette {
  const char* name;
  const char* colors;
};
constexpr NamedPalette kPalettes[] = {
    {"gray", "#000000,#ffffff"},
    {"viridis", "#440154,#482878,#3e4989,#31688e,#26828e,#1f9e89,#35b779,#6ece58,#b5de2b,#fde725"},
    {"plasma", "#0d0887,#46039f,#7201a8,#9c179e,#bd3786,#d8576b,#ed7953,#fb9f3a,#fdca26,#f0f921"},
    {"inferno", "#000004,#1b0c41,#4a0c6b,#781c6d,#a52c60,#cf4446,#ed6925,#fb9b06,#f7d13d,#fcffa4"},
    {"magma", "#000004,#180f3d,#440f76,#721f81,#9e2f7f,#cd4071,#f1605d,#fd9668,#feca8d,#fcfdbf"},
};

}  // namespace

std::optional<FeaturesFile> featuresFrom(const Json& value, std::string* why) {
  if (value.is_string()) return value.get<std::string>().empty() ? no(why, "it is empty") : featuresFrom(featuresFromText(value), why);
  if (!value.is_object()) return no(why, "it is neither a path nor an object");
  if (!hasOnly(value, {"path", "layer", "where", "id"}, {}, why)) return std::nullopt;
  FeaturesFile file{textOf(value, "path"), textOf(value, "layer"), textOf(value, "where"), textOf(value, "id")};
  if (file.path.empty()) return no(why, "'path' is missing");
  return file;
}

Json featuresFromText(const std::string& text) {
  Json object = Json::object();
  const auto parts = split(text, '|');
  object["path"] = parts.empty() ? std::string() : parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    object[parts[i].substr(0, equals)] = equals == std::string::npos ? Json(true) : Json(parts[i].substr(equals + 1));
  }
  return object;
}

std::string featuresToText(const Json& value) {
  if (!value.is_object()) return value.is_string() ? value.get<std::string>() : jsonText(value);
  std::string text = textOf(value, "path");
  for (const char* key : {"layer", "where", "id"})
    if (const std::string part = textOf(value, key); !part.empty()) text += std::string("|") + key + "=" + part;
  return text;
}

std::optional<std::vector<TableRow>> tableFrom(const Json& value, std::string* why) {
  if (!value.is_array() || value.empty()) return no(why, "it is no list of rows");
  std::vector<TableRow> rows;
  for (const Json& entry : value) {
    if (!entry.is_object() || !entry.contains("when") || !entry.contains("value"))
      return no(why, "a row has 'when' and 'value', not " + jsonText(entry));
    if (!hasOnly(entry, {"when", "value", "name", "color"}, "value", why)) return std::nullopt;
    TableRow row;
    if (!readCondition(textOf(entry, "when"), row)) return no(why, "'" + textOf(entry, "when") + "' is no number, interval or nodata");
    const Json& to = entry["value"];
    const auto number = to.is_number()   ? std::optional(to.get<double>())
                        : to.is_string() ? parseNumber(to.get<std::string>())
                                         : std::nullopt;
    if (!number) return no(why, jsonText(to) + " is no number");
    row.value = *number;
    row.name = textOf(entry, "name");
    const std::string color = textOf(entry, "color");
    row.color = colorFrom(color);
    if (!color.empty() && !row.color) return no(why, "'" + color + "' is no colour such as #0000ff");
    rows.push_back(std::move(row));
  }
  return rows;
}

Json tableFromText(const std::string& text) {
  Json rows = Json::array();
  for (const std::string& part : split(text, ';')) {
    if (trim(part).empty()) continue;
    const auto equals = part.find('=');
    if (equals == std::string::npos) return text;
    Json row{{"when", std::string(trim(std::string_view(part).substr(0, equals)))}};
    const auto fields = split(std::string_view(part).substr(equals + 1), ':');
    const std::string number = fields.empty() ? std::string() : std::string(trim(fields[0]));
    const auto parsed = parseNumber(number);
    row["value"] = parsed && std::isfinite(*parsed) ? Json(*parsed) : Json(number);
    if (fields.size() > 1 && !fields[1].empty()) row["name"] = fields[1];
    if (fields.size() > 2) row["color"] = fields[2];
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string tableToText(const Json& value) {
  if (!value.is_array()) return value.is_string() ? value.get<std::string>() : jsonText(value);
  std::vector<std::string> rows;
  for (const Json& row : value) {
    if (!row.is_object() || !row.contains("value")) return jsonText(value);
    const Json& to = row["value"];
    std::string text = textOf(row, "when") + "=" + (to.is_number() ? formatNumber(to.get<double>()) : textOf(row, "value"));
    const std::string name = textOf(row, "name"), color = textOf(row, "color");
    if (!name.empty() || !color.empty()) text += ":" + name;
    if (!color.empty()) text += ":" + color;
    rows.push_back(std::move(text));
  }
  return join(rows, ";");
}

std::optional<KernelWeights> kernelFrom(const Json& value, std::string* why) {
  if (!value.is_array() || value.empty()) return no(why, "it is no list of rows");
  KernelWeights kernel;
  kernel.rows = static_cast<std::int64_t>(value.size());
  for (const Json& row : value) {
    if (!row.is_array()) return no(why, "a row is a list of weights, not " + jsonText(row));
    if (kernel.weights.empty()) kernel.cols = static_cast<std::int64_t>(row.size());
    if (static_cast<std::int64_t>(row.size()) != kernel.cols) return no(why, "its rows differ in length");
    for (const Json& weight : row) {
      if (!weight.is_number() || !std::isfinite(weight.get<double>())) return no(why, jsonText(weight) + " is no weight");
      kernel.weights.push_back(weight.get<double>());
    }
  }
  if (kernel.rows % 2 == 0 || kernel.cols % 2 == 0)
    return no(why, "it needs an odd number of rows and of columns, so that it has a centre");
  return kernel;
}

Json kernelFromText(const std::string& text) {
  Json rows = Json::array();
  for (const std::string& line : split(text, ';')) {
    Json row = Json::array();
    for (const std::string& part : split(line, ',')) {
      const auto number = parseNumber(part);
      if (!number) return text;
      row.push_back(*number);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string kernelToText(const Json& value) {
  if (!value.is_array()) return value.is_string() ? value.get<std::string>() : jsonText(value);
  std::vector<std::string> rows;
  for (const Json& row : value) {
    std::vector<std::string> weights;
    if (row.is_array())
      for (const Json& weight : row) weights.push_back(weight.is_number() ? formatNumber(weight.get<double>()) : jsonText(weight));
    rows.push_back(join(weights, ","));
  }
  return join(rows, ";");
}

std::optional<std::vector<Rgb>> paletteFrom(const Json& value, std::string* why) {
  Json list = value;
  if (value.is_string()) {
    const auto* found = std::find_if(std::begin(kPalettes), std::end(kPalettes),
                                     [name = toLower(value.get<std::string>())](const NamedPalette& p) { return name == p.name; });
    if (found == std::end(kPalettes)) return no(why, "there is no palette of that name; there are " + join(paletteNames(), ", "));
    list = split(found->colors, ',');
  }
  if (!list.is_array() || list.size() < 2) return no(why, "a palette has two colours at least");
  std::vector<Rgb> colors;
  for (const Json& entry : list) {
    const auto color = entry.is_string() ? colorFrom(entry.get<std::string>()) : std::nullopt;
    if (!color) return no(why, jsonText(entry) + " is no colour such as \"#0000ff\"");
    colors.push_back(*color);
  }
  return colors;
}

std::vector<std::string> paletteNames() {
  std::vector<std::string> names;
  for (const NamedPalette& palette : kPalettes) names.emplace_back(palette.name);
  return names;
}

Json paletteFromText(const std::string& text) {
  if (text.find('#') == std::string::npos) return text;
  Json colors = Json::array();
  for (const std::string& part : split(text, ',')) colors.push_back(std::string(trim(part)));
  return colors;
}

}  // namespace cubeloom
