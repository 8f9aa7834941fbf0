// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/select_operation.h"

#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/op/view/longitudes.h"

namespace cubeloom {
namespace {

class Selection : public ViewOperation {
 public:
  Selection(const ArraySpec& input, const std::map<std::string, DimSelection>& selections, std::string summary) {
    initView(input);
    std::vector<int> kept;
    for (std::size_t d = 0; d < input.dims.size(); ++d) {
      const auto found = selections.find(input.dims[d].name);
      if (found != selections.end()) m_chosen[d] = found->second.indices;
      if (found == selections.end() || !found->second.dropsDim) kept.push_back(static_cast<int>(d));
    }
    m_spec = specOf(input, selections);
    for (std::size_t d = input.dims.size(); d-- > 0;) {
      if (std::find(kept.begin(), kept.end(), static_cast<int>(d)) != kept.end()) continue;
      m_spec = m_spec.squeezed(static_cast<int>(d));
    }
    m_inputDim = kept;
    m_summary = std::move(summary);
    for (const auto& [name, selection] : selections)
      if (!selection.warning.empty()) m_warnings.push_back(selection.warning);
    if (input.geobox && !m_spec.geobox)
      m_warnings.push_back("rows or columns are picked one by one: the result has no regular grid on the ground");
  }

 private:
  ArraySpec specOf(const ArraySpec& input, const std::map<std::string, DimSelection>& selections) const {
    for (const auto& [name, selection] : selections)
      if (selection.turn) return selectRound(input, m_chosen, input.indexOf(name), *selection.turn);
    return input.select(m_chosen);
  }
};

}  // namespace

std::shared_ptr<const BoundOperation> makeSelection(const ArraySpec& input, const std::map<std::string, DimSelection>& selections,
                                                    std::string summary) {
  return std::make_shared<Selection>(input, selections, std::move(summary));
}

Result<std::map<std::string, DimSelection>> readSelections(const ArraySpec& input, const Json& indexers,
                                                           const std::function<Result<DimSelection>(const Dim&, const Json&)>& read) {
  std::map<std::string, DimSelection> selections;
  if (!indexers.is_object()) return selections;
  for (const auto& [name, selection] : indexers.items()) {
    const int d = input.indexOf(name);
    if (d < 0) return invalidParameter("indexers", "there is no dim '" + name + "'", "the dims are " + dimList(input));
    auto one = read(input.dims[static_cast<std::size_t>(d)], selection);
    if (!one) return fail(one.error());
    selections[name] = std::move(*one);
  }
  return selections;
}

Result<std::vector<int>> dimsNamed(const ArraySpec& input, const std::vector<std::string>& names) {
  std::vector<int> dims;
  for (const std::string& name : names) {
    const int d = input.indexOf(name);
    if (d < 0) return invalidParameter("dims", "there is no dim '" + name + "'", "the dims are " + dimList(input));
    if (std::find(dims.begin(), dims.end(), d) != dims.end()) return invalidParameter("dims", "'" + name + "' stands more than once");
    dims.push_back(d);
  }
  return dims;
}

std::string selectionSummary(const Json& indexers) {
  std::vector<std::string> parts;
  if (indexers.is_object())
    for (const auto& [name, selection] : indexers.items()) {
      std::string value = selection.is_string() ? selection.get<std::string>() : selection.dump();
      if (value.size() > 32) value = value.substr(0, 29) + "...";
      parts.push_back(name + " " + value);
    }
  return parts.empty() ? "everything" : join(parts, " · ");
}

}  // namespace cubeloom
