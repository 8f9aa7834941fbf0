// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/variables_dim.h"

#include <nlohmann/json.hpp>

namespace cubeloom {
namespace {

constexpr const char* kKey = "_variables";

bool isOfVariables(const Dim& dim) { return dim.coordinate.attributes.contains(kKey); }

}  // namespace

void setVariables(Dim& dim, const VariableAttributes& attributes) {
  dim.coordinate.attributes[kKey] = nlohmann::json(attributes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int variablesDim(const ArraySpec& spec) {
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    const Dim& dim = spec.dims[d];
    if (dim.size > 0 && isOfVariables(dim) && dim.coordinate.labels.size() == static_cast<std::size_t>(dim.size))
      return static_cast<int>(d);
  }
  return -1;
}

VariableAttributes variableAttributes(const Dim& dim) {
  VariableAttributes all;
  const auto found = dim.coordinate.attributes.find(kKey);
  if (found == dim.coordinate.attributes.end()) return all;
  const nlohmann::json said = nlohmann::json::parse(found->second, nullptr, false);
  if (!said.is_object()) return all;
  for (const auto& [name, attributes] : said.items())
    for (const auto& [key, text] : attributes.items())
      if (text.is_string()) all[name][key] = text.get<std::string>();
  return all;
}

void joinVariables(ArraySpec& spec) {
  for (Dim& dim : spec.dims) dim.coordinate.attributes.erase(kKey);
}

void forgetVariableAttributes(ArraySpec& spec) {
  std::erase_if(spec.coordinates, [](const AuxiliaryCoordinate& one) { return one.name == kVariableUnits; });
  for (Dim& dim : spec.dims)
    if (isOfVariables(dim)) setVariables(dim, {});
}

void forgetVariableAttribute(ArraySpec& spec, const std::string& name) {
  for (Dim& dim : spec.dims) {
    if (!isOfVariables(dim)) continue;
    VariableAttributes left = variableAttributes(dim);
    for (auto& [variable, attributes] : left) attributes.erase(name);
    setVariables(dim, left);
  }
}

void joinVariableDims(const std::vector<Dim>& dims, Coordinate& joined) {
  joined.attributes.erase(kKey);
  VariableAttributes all;
  for (const Dim& dim : dims) {
    if (!isOfVariables(dim)) return;
    all.merge(variableAttributes(dim));
  }
  if (dims.empty()) return;
  Dim dim{"", 0, joined};
  setVariables(dim, all);
  joined = std::move(dim.coordinate);
}

}  // namespace cubeloom
