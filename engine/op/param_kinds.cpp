// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/param_kinds.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/base/json_text.h"
#include "engine/base/pixel_type.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace cubeloom {
namespace {

using Checked = Result<Json>;

Failure wrong(const Param& param, const Json& value, const std::string& expected, std::string hint = {}) {
  const auto* text = value.get_ptr<const std::string*>();
  std::string shown =
      text != nullptr && !isUtf8(*text) ? "\"" + printable(*text) + "\"" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() > 120) shown = shown.substr(0, 117) + "...";
  return invalidParameter(param.name, "'" + param.name + "' is " + shown + ", expected " + expected, std::move(hint));
}

bool isWhole(const Json& value) {
  return value.is_number_integer() || (value.is_number() && value.get<double>() == std::floor(value.get<double>()));
}

bool isNumberList(const Json& value, std::size_t count) {
  return value.is_array() && value.size() == count && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_number(); });
}

bool isTextList(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
}

// Checks.

Checked checkRange(const Param& param, const Json& value, double number) {
  if (param.minimum && !(number >= *param.minimum)) return wrong(param, value, "at least " + formatNumber(*param.minimum));
  if (param.maximum && !(number <= *param.maximum)) return wrong(param, value, "at most " + formatNumber(*param.maximum));
  return value;
}

Checked checkText(const Param& param, const Json& value) {
  if (!value.is_string()) return wrong(param, value, "a text");
  if (param.required && trim(value.get<std::string>()).empty()) return wrong(param, value, "a text that is not empty");
  return value;
}

Checked checkChoice(const Param& param, const Json& value) {
  std::string hint;
  if (value.is_string()) {
    const std::string given = toLower(trim(value.get<std::string>()));
    for (const Choice& choice : param.choices) {
      if (given == toLower(choice.name)) return Json(choice.name);
      for (const std::string& synonym : choice.synonyms)
        if (given == toLower(synonym)) return Json(choice.name);
    }
    if (const auto match = closestMatch(value.get<std::string>(), choiceNames(param))) hint = "did you mean '" + *match + "'?";
  }
  return wrong(param, value, "one of " + join(choiceNames(param), ", "), hint);
}

Checked checkBool(const Param& param, const Json& value) {
  if (!value.is_boolean()) return wrong(param, value, "true or false");
  return value;
}

Checked checkNumber(const Param& param, const Json& value) {
  const auto number = jsonNumber(value);
  if (!number) return wrong(param, value, "a number");
  return checkRange(param, value, *number);
}

Checked checkInteger(const Param& param, const Json& value) {
  if (!jsonNumber(value)) return wrong(param, value, "a number");
  if (!isWhole(value)) return wrong(param, value, "a whole number");
  return checkRange(param, value, value.get<double>());
}

Checked checkSeed(const Param& param, const Json& value) {
  if (!isWhole(value) || value.get<double>() < 0 || value.get<double>() > 9007199254740992.0)
    return wrong(param, value, "a whole number from 0 to 2^53");
  return value;
}

Checked checkResolution(const Param& param, const Json& value) {
  static constexpr const char* kExpected = "a positive number, [x, y], \"auto\", \"fit\" or \"same\"";
  if (value.is_string()) {
    const auto text = toLower(value.get<std::string>());
    if (text == "auto" || text == "fit" || text == "same") return Json(text);
    return wrong(param, value, kExpected);
  }
  if (value.is_number() && value.get<double>() > 0 && std::isfinite(value.get<double>())) return value;
  if (isNumberList(value, 2) && value[0].get<double>() > 0 && value[1].get<double>() > 0) return value;
  return wrong(param, value, kExpected);
}

Checked checkShape(const Param& param, const Json& value) {
  const auto positive = [](const Json& v) { return isWhole(v) && v.get<double>() >= 1 && v.get<double>() <= 1e9; };
  if (positive(value) || (isNumberList(value, 2) && positive(value[0]) && positive(value[1]))) return value;
  return wrong(param, value, "[rows, columns] or one whole number of at least 1");
}

Checked checkBounds(const Param& param, const Json& value) {
  if (!isNumberList(value, 4)) return wrong(param, value, "[xmin, ymin, xmax, ymax]");
  const auto at = [&value](std::size_t i) { return value[i].get<double>(); };
  const bool isOverAntimeridian = at(0) > at(2) && at(0) <= 180 && at(2) >= -180 && at(1) < at(3);
  if (isOverAntimeridian)
    return wrong(param, value,
                 "xmin < xmax and ymin < ymax; over the antimeridian the east is counted on, as in " + formatNumber(at(0)) + "," +
                     formatNumber(at(1)) + "," + formatNumber(at(2) + 360) + "," + formatNumber(at(3)));
  if (!(at(0) < at(2) && at(1) < at(3))) return wrong(param, value, "xmin < xmax and ymin < ymax");
  return value;
}

Checked checkDims(const Param& param, const Json& value) {
  if (!isTextList(value)) return wrong(param, value, "a list of dim names");
  return value;
}

Checked checkNames(const Param& param, const Json& value) {
  if (!value.is_object() || !std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); }))
    return wrong(param, value, "an object of old name: new name");
  return value;
}

Checked checkSelection(const Param& param, const Json& value) {
  if (!value.is_object()) return wrong(param, value, "an object of dim: selection");
  const bool positions = param.type == ParamType::Indexers;
  for (const auto& [dim, selection] : value.items()) {
    const auto single = [positions](const Json& v) { return positions ? v.is_number_integer() : v.is_number() || v.is_string(); };
    const bool list = selection.is_array() && std::all_of(selection.begin(), selection.end(), single);
    if (!single(selection) && !list && !selection.is_string())
      return wrong(param, value,
                   positions ? "for " + dim + " an index, a list of indices or \"start:stop[:step]\""
                             : "for " + dim + " a value, a list of values or \"start:stop\"");
  }
  return value;
}

Checked checkFactors(const Param& param, const Json& value) {
  if (!value.is_object()) return wrong(param, value, "an object of dim: whole number");
  for (const auto& [dim, factor] : value.items())
    if (!factor.is_number_integer() || factor.get<std::int64_t>() < 1)
      return wrong(param, value, "for " + dim + " a whole number of at least 1", "leave '" + dim + "' out where nothing changes along it");
  return value;
}

Checked checkPixelType(const Param& param, const Json& value) {
  const auto type = value.is_string() ? pixelTypeFromName(value.get<std::string>()) : std::nullopt;
  if (!type) return wrong(param, value, "a pixel type such as uint8, int16, float32 or float64");
  return Json(std::string(pixelTypeName(*type)));
}

/// A list, one number, or both written as a text.
Checked checkNumbers(const Param& param, const Json& value) {
  Json list = value.is_string() ? selectionFromText(value.get<std::string>()) : value;
  if (!list.is_array()) list = Json::array({list});
  for (const Json& entry : list) {
    const auto number = jsonNumber(entry);
    if (!number) return wrong(param, value, "numbers, as in [0.02, 0.98]");
    CUBELOOM_TRY(checkRange(param, entry, *number));
  }
  if (list.empty()) return wrong(param, value, "one number at least");
  return list;
}

Json rangeFromText(const std::string& text) {
  const auto ends = split(text, text.find(',') == std::string::npos ? ':' : ',');
  if (ends.size() != 2) return text;
  Json range = Json::array();
  for (const std::string& end : ends) {
    const auto number = parseNumber(end);
    if (!number) return text;
    range.push_back(std::isfinite(*number) ? Json(*number) : Json(std::string(trim(end))));
  }
  return range;
}

Checked checkRangeOfTwo(const Param& param, const Json& value) {
  const Json range = value.is_string() ? rangeFromText(value.get<std::string>()) : value;
  const auto low = range.is_array() && range.size() == 2 ? jsonNumber(range[0]) : std::nullopt;
  const auto high = low ? jsonNumber(range[1]) : std::nullopt;
  if (!high || !(*low < *high)) return wrong(param, value, "[low, high] with low < high");
  CUBELOOM_TRY(checkRange(param, range[0], *low));
  CUBELOOM_TRY(checkRange(param, range[1], *high));
  return range;
}

/// The check of a kind that has a reader of its own.
template <auto From>
Checked checkBy(const Param& param, const Json& value, const char* expected, const Json& normal) {
  std::string why;
  if (From(value, &why)) return normal;
  return wrong(param, value, expected, std::move(why));
}
Checked checkFeatures(const Param& param, const Json& value) {
  return checkBy<featuresFrom>(param, value, "a file with geometries, or an object of path, layer, where, id",
                               value.is_string() ? featuresFromText(value.get<std::string>()) : value);
}
Checked checkTable(const Param& param, const Json& value) {
  return checkBy<tableFrom>(param, value, "rows such as {\"when\": \"[0,0.3)\", \"value\": 2}", value);
}
Checked checkKernel(const Param& param, const Json& value) {
  return checkBy<kernelFrom>(param, value, "rows of weights such as [[1,2,1],[2,4,2],[1,2,1]]", value);
}
Checked checkPalette(const Param& param, const Json& value) {
  return checkBy<paletteFrom>(param, value, "the name of a palette or a list of colours", value);
}

// Text.

Json textItself(const std::string& text) { return text; }

/// A number when the text is one, else the text.
Json plainFromText(const std::string& text) {
  if (const auto whole = parseInteger(text)) return *whole;
  if (const auto whole = parseUnsigned(text)) return *whole;
  if (const auto number = parseNumber(text); number && std::isfinite(*number)) return *number;
  return text;
}

Json boolFromText(const std::string& text) {
  const std::string word = toLower(trim(text));
  if (word == "true" || word == "yes" || word == "1") return true;
  if (word == "false" || word == "no" || word == "0") return false;
  return text;
}

Json dimsFromText(const std::string& text) {
  Json list = Json::array();
  for (const std::string& part : split(text, ',')) list.push_back(std::string(trim(part)));
  return list;
}

/// "a:1,b:2"; where a value holds commas itself: "a:1,5,9;b:2" or "a:1,5,9;".
template <class Value>
Json pairsFromText(const std::string& text, Value&& value) {
  Json object = Json::object();
  for (const std::string& pair : split(text, text.find(';') == std::string::npos ? ',' : ';')) {
    if (trim(pair).empty()) continue;
    const auto colon = pair.find(':');
    if (colon == std::string::npos) return text;
    object[pair.substr(0, colon)] = value(pair.substr(colon + 1));
  }
  return object;
}
Json namesFromText(const std::string& text) { return pairsFromText(text, textItself); }
Json selectionsFromText(const std::string& text) { return pairsFromText(text, selectionFromText); }

/// Of texts, numbers, and lists of them.
std::string plainToText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return formatNumber(value.get<double>());
  if (!value.is_array()) return jsonText(value);
  std::vector<std::string> parts;
  for (const Json& entry : value) parts.push_back(plainToText(entry));
  return join(parts, ",");
}

std::string pairsToText(const Json& value) {
  if (!value.is_object()) return plainToText(value);
  std::vector<std::string> pairs;
  bool hasCommas = false;
  for (const auto& [from, to] : value.items()) {
    const std::string text = selectionToText(to);
    hasCommas = hasCommas || text.find(',') != std::string::npos;
    pairs.push_back(from + ":" + text);
  }
  return hasCommas ? join(pairs, ";") + ";" : join(pairs, ",");
}

constexpr const char* kTextSchema = R"({"type": "string"})";
constexpr const char* kNumberSchema = R"({"anyOf": [{"type": "number"}, {"enum": ["nan", "inf", "-inf"]}]})";
constexpr const char* kNumbersSchema = R"({"type": "array", "items": {"type": "number"}, "minItems": 1})";
constexpr const char* kPairSchema = R"({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})";
constexpr const char* kBoundsSchema = R"({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4})";
constexpr const char* kResolutionSchema =
    R"({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"enum": ["auto", "fit", "same"]},
        {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}, "minItems": 2, "maxItems": 2}]})";
constexpr const char* kShapeSchema =
    R"({"anyOf": [{"type": "integer", "minimum": 1},
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2}]})";
constexpr const char* kDimsSchema = R"({"type": "array", "items": {"type": "string"}})";
constexpr const char* kNamesSchema = R"({"type": "object", "additionalProperties": {"type": "string"}})";
constexpr const char* kIndexersSchema =
    R"({"type": "object", "additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "string"},
        {"type": "array", "items": {"type": "integer"}}]}})";
constexpr const char* kFactorsSchema = R"({"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}})";
constexpr const char* kSelectorsSchema =
    R"({"type": "object", "additionalProperties": {"anyOf": [{"type": ["number", "string"]},
        {"type": "array", "items": {"type": ["number", "string"]}}]}})";
constexpr const char* kFeaturesSchema =
    R"({"anyOf": [{"type": "string"}, {"type": "object", "required": ["path"], "additionalProperties": false, "properties":
        {"path": {"type": "string"}, "layer": {"type": "string"}, "where": {"type": "string"}, "id": {"type": "string"}}}]})";
constexpr const char* kTableSchema =
    R"({"type": "array", "minItems": 1, "items": {"type": "object", "required": ["when", "value"], "additionalProperties": false, "properties":
        {"when": {"type": "string"}, "value": {"type": ["number", "string"]}, "name": {"type": "string"}, "color": {"type": "string"}}}})";
constexpr const char* kKernelSchema = R"({"type": "array", "minItems": 1, "items": {"type": "array", "items": {"type": "number"}}})";
constexpr const char* kPaletteSchema =
    R"({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 2, "items": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}}]})";
constexpr const char* kSeedSchema = R"({"type": "integer", "minimum": 0, "maximum": 9007199254740992})";

using E = ParamEditorKind;
using T = ParamType;

/// In the order of ParamType.
constexpr ParamKind kKinds[] = {
    {T::Text, "text", E::Line, kTextSchema, checkText, textItself, plainToText},
    {T::Path, "path", E::InputFile, kTextSchema, checkText, textItself, plainToText},
    {T::OutputPath, "output_path", E::OutputFile, kTextSchema, checkText, textItself, plainToText},
    {T::Choice, "choice", E::Choice, kTextSchema, checkChoice, textItself, plainToText},
    {T::Bool, "bool", E::Flag, R"({"type": "boolean"})", checkBool, boolFromText, plainToText},
    {T::Integer, "integer", E::Line, R"({"type": "integer"})", checkInteger, plainFromText, plainToText},
    {T::Number, "number", E::Line, kNumberSchema, checkNumber, plainFromText, plainToText},
    {T::Crs, "crs", E::Crs, kTextSchema, checkText, textItself, plainToText},
    {T::Resolution, "resolution", E::Line, kResolutionSchema, checkResolution, selectionFromText, plainToText},
    {T::Shape, "shape", E::Line, kShapeSchema, checkShape, selectionFromText, plainToText},
    {T::Bounds, "bounds", E::Bounds, kBoundsSchema, checkBounds, selectionFromText, plainToText},
    {T::Dims, "dims", E::Dims, kDimsSchema, checkDims, dimsFromText, plainToText},
    {T::Names, "names", E::PerDim, kNamesSchema, checkNames, namesFromText, pairsToText},
    {T::Indexers, "indexers", E::PerDim, kIndexersSchema, checkSelection, selectionsFromText, pairsToText},
    {T::Selectors, "selectors", E::PerDim, kSelectorsSchema, checkSelection, selectionsFromText, pairsToText},
    {T::Factors, "factors", E::PerDim, kFactorsSchema, checkFactors, selectionsFromText, pairsToText},
    {T::PixelType, "dtype", E::Choice, kTextSchema, checkPixelType, textItself, plainToText},
    {T::Expression, "expression", E::Expression, kTextSchema, checkText, textItself, plainToText},
    {T::Node, "node", E::Node, kTextSchema, checkText, textItself, plainToText},
    {T::Numbers, "numbers", E::Line, kNumbersSchema, checkNumbers, selectionFromText, plainToText},
    {T::Range, "range", E::Range, kPairSchema, checkRangeOfTwo, rangeFromText, plainToText},
    {T::Features, "features", E::Features, kFeaturesSchema, checkFeatures, featuresFromText, featuresToText},
    {T::Table, "table", E::Table, kTableSchema, checkTable, tableFromText, tableToText},
    {T::Kernel, "kernel", E::Line, kKernelSchema, checkKernel, kernelFromText, kernelToText},
    {T::Seed, "seed", E::Line, kSeedSchema, checkSeed, plainFromText, plainToText},
    {T::Palette, "palette", E::Line, kPaletteSchema, checkPalette, paletteFromText, plainToText},
};

constexpr bool isInOrder() {
  for (std::size_t i = 0; i < std::size(kKinds); ++i)
    if (kKinds[i].type != static_cast<ParamType>(i)) return false;
  return std::size(kKinds) == static_cast<std::size_t>(ParamType::Palette) + 1;
}
static_assert(isInOrder(), "every ParamType has its row, in order");

}  // namespace

const ParamKind& kindOf(ParamType type) { return kKinds[static_cast<std::size_t>(type)]; }

bool isPerDim(ParamType type) { return type == T::Indexers || type == T::Selectors || type == T::Factors; }

std::span<const ParamKind> paramKinds() { return kKinds; }

Json paramSchema(const Param& param) {
  Json schema = Json::parse(kindOf(param.type).schema);
  if (!param.choices.empty()) schema = {{"enum", choiceNames(param)}};
  Json& number = schema.contains("items") ? schema["items"] : schema.contains("anyOf") ? schema["anyOf"][0] : schema;
  if (param.minimum) number["minimum"] = *param.minimum;
  if (param.maximum) number["maximum"] = *param.maximum;
  schema["description"] = param.help;
  if (!param.defaultTo.is_null()) schema["default"] = param.defaultTo;
  return schema;
}

Json selectionFromText(const std::string& text) {
  if (text.find(',') == std::string::npos) return plainFromText(text);
  Json list = Json::array();
  for (const std::string& part : split(text, ',')) list.push_back(plainFromText(part));
  if (list.size() == 2 && list[1].is_string() && list[1].get_ref<const std::string&>().empty()) list.erase(1);
  return list;
}

std::string selectionToText(const Json& selection) {
  return plainToText(selection) + (selection.is_array() && selection.size() == 1 ? "," : "");
}

}  // namespace cubeloom
