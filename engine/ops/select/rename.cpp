// SPDX-License-Identifier: GPL-3.0-or-later
// rename: other names for dims or the array.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Rename";
  d.summary = "Gives dims, coordinates, or the array itself, other names.";
  d.help = "A pair of old and new name per dim or coordinate. The array's own name can be renamed as well.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.rename.html"};
  d.example = "rename names=wavelength:band";
  d.python = "array.rename({names})";
  d.noGdal = "GDAL's rasters have no named dims";
  d.keywords = {"name", "dim"};
  Param names{.name = "names", .type = ParamType::Names, .help = "Old name: new name."};
  names.required = true;
  d.params = {names};
  return d;
}

class BoundRename : public ViewOperation {
 public:
  BoundRename(const ArraySpec& input, ArraySpec renamed, std::string summary) {
    initView(input);
    m_spec = std::move(renamed);
    m_summary = std::move(summary);
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  ArraySpec spec = input;
  std::string summary;
  for (const auto& [from, to] : params.json("names").items()) {
    const auto name = to.get<std::string>();
    if (name.empty()) return invalidParameter("names", "the new name of '" + from + "' is empty");
    summary += (summary.empty() ? "" : " · ") + from + " → " + name;
    if (const int d = input.indexOf(from); d >= 0) {
      spec.dims[static_cast<std::size_t>(d)].name = name;
      for (AuxiliaryCoordinate& one : spec.coordinates) std::replace(one.dims.begin(), one.dims.end(), from, name);
    } else if (const AuxiliaryCoordinate* one = input.coordinateNamed(from)) {
      spec.coordinates[static_cast<std::size_t>(one - input.coordinates.data())].name = name;
    } else if (from == input.variable) {
      spec.variable = name;
    } else {
      return invalidParameter("names", "there is no dim '" + from + "'", "the dims are " + dimList(input));
    }
  }
  std::set<std::string> seen;
  for (const Dim& dim : spec.dims)
    if (!seen.insert(dim.name).second) return invalidParameter("names", "two dims would be called '" + dim.name + "'");
  for (const AuxiliaryCoordinate& one : spec.coordinates)
    if (!seen.insert(one.name).second) return invalidParameter("names", "two coordinates would be called '" + one.name + "'");
  return std::make_shared<BoundRename>(input, std::move(spec), std::move(summary));
}

}  // namespace

CUBELOOM_OPERATION(rename) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
