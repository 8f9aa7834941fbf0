// SPDX-License-Identifier: GPL-3.0-or-later
// set_labels: what bands are called, the unit of the values, and attributes, as a view.
#include <nlohmann/json.hpp>

#include "engine/array/variables_dim.h"
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Set labels";
  d.summary = "Gives bands names, the values a unit, and the array attributes.";
  d.help =
      "'names' has one name per index of the dim, behind commas. Nothing else changes: the unit is said, values are not converted. An "
      "attribute with an empty value goes.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.assign_attrs.html",
                  "https://cfconventions.org/cf-conventions/cf-conventions.html#_description_of_the_data"};
  d.example = "set_labels unit=1 long_name='surface reflectance'";
  d.python =
      "array{?.assign_coords({ {dim|'band'} + '_name': ({dim|'band'}, {names:entries}) })?}{?.assign_attrs(units={unit})?}"
      "{?.assign_attrs(long_name={long_name})?}{?.assign_attrs({attributes})?}";
  d.gdal = "gdal_edit.py{? -units {unit}?} {output}";
  d.keywords = {"band names", "units", "attributes", "metadata", "long_name", "description"};
  d.params = {dimParam(),
              {.name = "names", .help = "One name per index, behind commas."},
              {.name = "unit", .help = "Of the values, as UDUNITS writes it: 1, K, W m-2 sr-1 um-1."},
              {.name = "long_name", .help = "What the values are, for people.", .label = "long name"},
              {.name = "attributes", .type = ParamType::Names, .help = "Further attributes: name and value."}};
  return d;
}

class BoundSetLabels : public ViewOperation {
 public:
  BoundSetLabels(const ArraySpec& input, ArraySpec labelled, std::string summary) {
    initView(input);
    m_spec = std::move(labelled);
    m_summary = std::move(summary);
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  ArraySpec spec = inputs[0];
  std::vector<std::string> said;
  if (const std::string names = params.text("names"); !trim(names).empty()) {
    const auto d = dimOf(params, spec);
    if (!d) return fail(d.error());
    Dim& dim = spec.dims[static_cast<std::size_t>(*d)];
    dim.coordinate.labels.clear();
    for (const std::string& name : split(names, ',')) dim.coordinate.labels.emplace_back(trim(name));
    if (const auto given = static_cast<std::int64_t>(dim.coordinate.labels.size()); given != dim.size)
      return invalidParameter("names",
                              formatCount(given) + " names for '" + dim.name + "', which has " + formatCount(dim.size) + " entries",
                              "give one per index");
    said.push_back("names along " + dim.name);
  }
  if (params.has("unit")) {
    said.push_back("unit " + (spec.unit = params.text("unit")));
    std::erase_if(spec.coordinates, [](const AuxiliaryCoordinate& one) { return one.name == kVariableUnits; });
  }
  if (params.has("long_name")) {
    said.push_back(spec.attributes["long_name"] = params.text("long_name"));
    forgetVariableAttribute(spec, "long_name");
  }
  for (const auto& [name, value] : params.json("attributes").items()) {
    const auto text = value.get<std::string>();
    if (trim(name).empty()) return invalidParameter("attributes", "an attribute has no name");
    text.empty() ? static_cast<void>(spec.attributes.erase(name)) : static_cast<void>(spec.attributes[name] = text);
    forgetVariableAttribute(spec, name);
    said.push_back(name);
  }
  return std::make_shared<BoundSetLabels>(inputs[0], std::move(spec), said.empty() ? "nothing" : join(said, " · "));
}

}  // namespace

CUBELOOM_OPERATION(set_labels) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
