// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/param.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "engine/base/json_text.h"
#include "engine/base/text.h"
#include "engine/op/param_kinds.h"

namespace cubeloom {

const char* paramTypeName(ParamType type) { return kindOf(type).name; }

std::string labelOf(const Param& param) {
  static constexpr std::array<std::string_view, 3> kAbbreviations{"crs", "dem", "rpc"};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kWords{
      {{"dim", "dimension"}, {"dims", "dimensions"}, {"q", "quantiles"}}};
  std::string label = param.label.empty() ? param.name : param.label;
  std::replace(label.begin(), label.end(), '_', ' ');
  std::vector<std::string> words = split(label, ' ');
  for (std::string& word : words)
    for (const auto& [brief, full] : kWords)
      if (word == brief) word = full;
  for (std::string& word : words)
    if (std::find(kAbbreviations.begin(), kAbbreviations.end(), word) != kAbbreviations.end())
      std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  label = join(words, " ");
  if (!label.empty()) label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
  return label;
}

std::vector<std::string> choiceNames(const Param& param) {
  std::vector<std::string> names;
  names.reserve(param.choices.size());
  for (const Choice& choice : param.choices) names.push_back(choice.name);
  return names;
}

std::optional<double> jsonNumber(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return parseNumber(value.get<std::string>());
  return std::nullopt;
}

Params::Params() : m_values(std::make_shared<const Json>(Json::object())) {}

Result<Params> Params::check(const std::vector<Param>& declared, const Json& values) {
  if (!values.is_object()) return fail(ErrorCode::InvalidParameter, "params is " + jsonText(values) + ", expected an object");
  std::vector<std::string> names;
  names.reserve(declared.size());
  for (const Param& param : declared) names.push_back(param.name);
  for (const auto& [name, value] : values.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto match = closestMatch(name, names);
    return invalidParameter(name, "unknown parameter '" + name + "'",
                            match ? "did you mean '" + *match + "'?" : "known: " + join(names, ", "));
  }
  Json complete = Json::object();
  for (const Param& param : declared) {
    const auto given = values.find(param.name);
    // "nodata=" is an empty form, not a number.
    const bool isNumber = param.type == ParamType::Number || param.type == ParamType::Integer;
    const bool isGiven =
        given != values.end() && !given->is_null() && !(isNumber && given->is_string() && given->get_ref<const std::string&>().empty());
    if (!isGiven && param.required) return invalidParameter(param.name, "'" + param.name + "' is missing", param.help);
    if (!isGiven && param.defaultTo.is_null()) continue;
    auto checked = kindOf(param.type).check(param, isGiven ? *given : param.defaultTo);
    if (!checked) return fail(checked.error());
    complete[param.name] = std::move(*checked);
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
std::string Params::choice(const std::string& name) const { return text(name); }
double Params::number(const std::string& name, double otherwise) const { return jsonNumber(json(name)).value_or(otherwise); }

long double Params::exact(const std::string& name, long double otherwise) const {
  if (!has(name)) return otherwise;
  const Json& value = json(name);
  if (value.is_number_unsigned()) return static_cast<long double>(value.get<std::uint64_t>());
  if (value.is_number_integer()) return static_cast<long double>(value.get<std::int64_t>());
  return static_cast<long double>(number(name));
}

std::int64_t Params::integer(const std::string& name, std::int64_t otherwise) const {
  const Json& value = json(name);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return value.is_number() ? static_cast<std::int64_t>(value.get<double>()) : otherwise;
}

bool Params::flag(const std::string& name) const { return json(name).is_boolean() && json(name).get<bool>(); }

std::vector<std::string> Params::texts(const std::string& name) const {
  return json(name).is_array() ? json(name).get<std::vector<std::string>>() : std::vector<std::string>();
}

std::vector<double> Params::numbers(const std::string& name) const {
  const Json& value = json(name);
  if (!value.is_array()) return value.is_number() ? std::vector<double>{value.get<double>()} : std::vector<double>();
  std::vector<double> numbers;
  for (const Json& entry : value)
    if (const auto number = jsonNumber(entry)) numbers.push_back(*number);
  return numbers;
}

std::optional<std::pair<double, double>> Params::range(const std::string& name) const {
  const auto ends = numbers(name);
  return ends.size() == 2 ? std::optional(std::pair(ends[0], ends[1])) : std::nullopt;
}

Result<Crs> Params::crs(const std::string& name) const {
  if (text(name).empty()) return Crs();
  auto crs = Crs::fromUser(text(name));
  if (crs) return crs;
  Error error = crs.error();
  error.parameter = name;
  return fail(std::move(error));
}

std::optional<FeaturesFile> Params::features(const std::string& name) const { return featuresFrom(json(name)); }
std::vector<TableRow> Params::table(const std::string& name) const { return tableFrom(json(name)).value_or(std::vector<TableRow>()); }
std::optional<KernelWeights> Params::kernel(const std::string& name) const { return kernelFrom(json(name)); }
std::vector<Rgb> Params::palette(const std::string& name) const { return paletteFrom(json(name)).value_or(std::vector<Rgb>()); }

}  // namespace cubeloom
