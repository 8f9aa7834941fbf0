// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/param.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/access/formats.h"
#include "engine/base/pixel_type.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

Failure wrong(const Param& param, const Json& value, const std::string& expected, std::string hint = {}) {
  Error error;
  error.code = ErrorCode::InvalidParameter;
  error.parameter = param.name;
  std::string shown = value.dump();
  if (shown.size() > 120) shown = shown.substr(0, 117) + "...";
  error.message = "'" + param.name + "' is " + shown + ", expected " + expected;
  error.hint = std::move(hint);
  return fail(std::move(error));
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

Result<void> checkRange(const Param& param, const Json& value, double number) {
  if (param.minimum && !(number >= *param.minimum)) return wrong(param, value, "at least " + formatNumber(*param.minimum));
  if (param.maximum && !(number <= *param.maximum)) return wrong(param, value, "at most " + formatNumber(*param.maximum));
  return {};
}

Result<void> checkNumber(const Param& param, const Json& value) {
  const auto number = jsonNumber(value);
  if (!number) return wrong(param, value, "a number");
  if (param.type == ParamType::Integer && !isWhole(value)) return wrong(param, value, "a whole number");
  return checkRange(param, value, *number);
}

Result<void> checkResolution(const Param& param, const Json& value) {
  static constexpr const char* kExpected = "a positive number, [x, y], \"auto\", \"fit\" or \"same\"";
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (text == "auto" || text == "fit" || text == "same") return {};
    return wrong(param, value, kExpected);
  }
  if (value.is_number() && value.get<double>() > 0 && std::isfinite(value.get<double>())) return {};
  if (isNumberList(value, 2) && value[0].get<double>() > 0 && value[1].get<double>() > 0) return {};
  return wrong(param, value, kExpected);
}

Result<void> checkShape(const Param& param, const Json& value) {
  const auto positive = [](const Json& v) { return isWhole(v) && v.get<double>() >= 1 && v.get<double>() <= 1e9; };
  if (positive(value) || (isNumberList(value, 2) && positive(value[0]) && positive(value[1]))) return {};
  return wrong(param, value, "[rows, columns] or one whole number of at least 1");
}

Result<void> checkBounds(const Param& param, const Json& value) {
  if (!isNumberList(value, 4)) return wrong(param, value, "[xmin, ymin, xmax, ymax]");
  if (!(value[0].get<double>() < value[2].get<double>() && value[1].get<double>() < value[3].get<double>()))
    return wrong(param, value, "xmin < xmax and ymin < ymax");
  return {};
}

Result<void> checkSelection(const Param& param, const Json& value) {
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
  return {};
}

/// The choice that a value means, as declared: case does not matter, and words of other programs for it are taken.
std::optional<std::string> choiceOf(const Param& param, const Json& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string given = value.get<std::string>();
  for (const std::string& word : {toLower(given), toLower(ownWord(given))})
    for (const std::string& choice : param.choices)
      if (toLower(choice) == word) return choice;
  return std::nullopt;
}

Result<void> checkOne(const Param& param, const Json& value) {
  switch (param.type) {
    case ParamType::Choice: {
      if (choiceOf(param, value)) return {};
      std::string hint;
      if (value.is_string())
        if (const auto match = closestMatch(value.get<std::string>(), param.choices)) hint = "did you mean '" + *match + "'?";
      return wrong(param, value, "one of " + join(param.choices, ", "), hint);
    }
    case ParamType::Bool:
      if (!value.is_boolean()) return wrong(param, value, "true or false");
      return {};
    case ParamType::Integer:
    case ParamType::Number: return checkNumber(param, value);
    case ParamType::Resolution: return checkResolution(param, value);
    case ParamType::Shape: return checkShape(param, value);
    case ParamType::Bounds: return checkBounds(param, value);
    case ParamType::Dims:
      if (!isTextList(value)) return wrong(param, value, "a list of dim names");
      return {};
    case ParamType::Names:
      if (!value.is_object() || !std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); }))
        return wrong(param, value, "an object of old name: new name");
      return {};
    case ParamType::Indexers:
    case ParamType::Selectors: return checkSelection(param, value);
    case ParamType::PixelType:
      if (!value.is_string() || !pixelTypeFromName(value.get<std::string>()))
        return wrong(param, value, "a pixel type such as uint8, int16, float32 or float64");
      return {};
    default:
      if (!value.is_string()) return wrong(param, value, "a text");
      if (param.required && trim(value.get<std::string>()).empty()) return wrong(param, value, "a text that is not empty");
      return {};
  }
}

}  // namespace

const char* paramTypeName(ParamType type) {
  switch (type) {
    case ParamType::Text: return "text";
    case ParamType::Path: return "path";
    case ParamType::OutputPath: return "output_path";
    case ParamType::Choice: return "choice";
    case ParamType::Bool: return "bool";
    case ParamType::Integer: return "integer";
    case ParamType::Number: return "number";
    case ParamType::Crs: return "crs";
    case ParamType::Resolution: return "resolution";
    case ParamType::Shape: return "shape";
    case ParamType::Bounds: return "bounds";
    case ParamType::Dims: return "dims";
    case ParamType::Names: return "names";
    case ParamType::Indexers: return "indexers";
    case ParamType::Selectors: return "selectors";
    case ParamType::PixelType: return "dtype";
    case ParamType::Expression: return "expression";
  }
  return "text";
}

std::optional<double> jsonNumber(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return parseNumber(value.get<std::string>());
  return std::nullopt;
}

Params::Params() : m_values(std::make_shared<const Json>(Json::object())) {}

Result<Params> Params::check(const std::vector<Param>& declared, const Json& values) {
  if (!values.is_object()) return fail(ErrorCode::InvalidParameter, "params is " + values.dump() + ", expected an object");
  std::vector<std::string> names;
  names.reserve(declared.size());
  for (const Param& param : declared) names.push_back(param.name);
  for (const auto& [name, value] : values.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    Error error;
    error.code = ErrorCode::InvalidParameter;
    error.parameter = name;
    error.message = "unknown parameter '" + name + "'";
    const auto match = closestMatch(name, names);
    error.hint = match ? "did you mean '" + *match + "'?" : "known: " + join(names, ", ");
    return fail(std::move(error));
  }
  Json complete = Json::object();
  for (const Param& param : declared) {
    const auto given = values.find(param.name);
    if (given != values.end() && !given->is_null()) {
      CUBELOOM_TRY(checkOne(param, *given));
      complete[param.name] = param.type == ParamType::Choice ? Json(*choiceOf(param, *given)) : *given;
    } else if (param.required) {
      Error error;
      error.code = ErrorCode::InvalidParameter;
      error.parameter = param.name;
      error.message = "'" + param.name + "' is missing";
      error.hint = param.help;
      return fail(std::move(error));
    } else if (!param.defaultValue.empty()) {
      complete[param.name] = Json::parse(param.defaultValue);
    }
  }
  Params params;
  params.m_values = std::make_shared<const Json>(std::move(complete));
  return params;
}

bool Params::has(const std::string& name) const { return m_values->contains(name) && !(*m_values)[name].is_null(); }

const Json& Params::json(const std::string& name) const {
  static const Json kNull;
  const auto found = m_values->find(name);
  return found == m_values->end() ? kNull : *found;
}

std::string Params::text(const std::string& name) const { return json(name).is_string() ? json(name).get<std::string>() : std::string(); }
double Params::number(const std::string& name, double otherwise) const { return jsonNumber(json(name)).value_or(otherwise); }

std::int64_t Params::integer(const std::string& name, std::int64_t otherwise) const {
  return json(name).is_number() ? static_cast<std::int64_t>(json(name).get<double>()) : otherwise;
}

bool Params::flag(const std::string& name) const { return json(name).is_boolean() && json(name).get<bool>(); }

std::vector<std::string> Params::texts(const std::string& name) const {
  return json(name).is_array() ? json(name).get<std::vector<std::string>>() : std::vector<std::string>();
}

std::vector<double> Params::numbers(const std::string& name) const {
  if (json(name).is_number()) return {json(name).get<double>()};
  return json(name).is_array() ? json(name).get<std::vector<double>>() : std::vector<double>();
}

}  // namespace cubeloom
