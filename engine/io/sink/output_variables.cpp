// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/output_variables.h"

#include <set>
#include <utility>

#include "engine/array/variables_dim.h"

namespace cubeloom {

OutputVariables outputVariables(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  OutputVariables variables;
  const int dim = variablesDim(spec);
  if (dim < 0) {
    variables.specs = {spec};
    return variables;
  }
  variables.dim = dim;
  const auto d = static_cast<std::size_t>(dim);
  Region region = fullRegion(spec.shape());
  for (std::int64_t i = 0; i < spec.dims[d].size; ++i) {
    region[d] = IndexSet::single(i);
    variables.specs.push_back(spec.select(region).squeezed(dim));
  }
  return variables;
}

SinkRequest requestOfOne(const SinkRequest& request, const OutputVariables& variables) {
  SinkRequest one = request;
  one.spec = variables.specs.front();
  one.options.chunks = variables.within(one.options.chunks);
  return one;
}

void makeDifferent(std::vector<std::string>& names) {
  std::set<std::string> taken;
  for (std::string& name : names) {
    const std::string wanted = name;
    for (int number = 2; !taken.insert(name).second; ++number) name = wanted + "_" + std::to_string(number);
  }
}

}  // namespace cubeloom
