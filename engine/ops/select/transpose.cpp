// SPDX-License-Identifier: GPL-3.0-or-later
// transpose: dims in another order, as a view.
#include "engine/base/text.h"
#include "engine/op/view/selection.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Transpose";
  d.summary = "Puts the dims in another order; nothing is moved until a file is written.";
  d.help = "Names every dim once, in the new order; '...' stands for all that are not named, in their old order.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.transpose.html"};
  d.example = "transpose dims=wavelength,y,x";
  d.python = "array.transpose({dims:args})";
  d.noGdal = "GDAL's rasters are always bands, rows, columns";
  d.keywords = {"reorder", "axes", "interleave", "permute", "order"};
  Param dims{.name = "dims", .type = ParamType::Dims, .help = "The dims in their new order.", .defaultTo = Json::array({"..."})};
  d.params = {dims};
  return d;
}

class BoundTranspose : public ViewOperation {
 public:
  BoundTranspose(const ArraySpec& input, const std::vector<int>& order) {
    initView(input);
    m_inputDim = order;
    m_spec = input.permuted(order);
    m_summary = join(m_spec.dimNames(), ", ") + " (view only)";
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  std::vector<int> order;
  std::vector<bool> named(input.dims.size(), false);
  std::ptrdiff_t rest = -1;
  for (const std::string& name : params.texts("dims")) {
    if (name == "...") {
      if (rest >= 0) return invalidParameter("dims", "'...' stands more than once");
      rest = static_cast<std::ptrdiff_t>(order.size());
      continue;
    }
    const int d = input.indexOf(name);
    if (d < 0) return invalidParameter("dims", "there is no dim '" + name + "'", "the dims are " + dimList(input));
    if (named[static_cast<std::size_t>(d)]) return invalidParameter("dims", "'" + name + "' stands more than once");
    named[static_cast<std::size_t>(d)] = true;
    order.push_back(d);
  }
  std::vector<int> others;
  for (std::size_t d = 0; d < named.size(); ++d)
    if (!named[d]) others.push_back(static_cast<int>(d));
  if (rest < 0 && !others.empty())
    return invalidParameter("dims", "'" + input.dims[static_cast<std::size_t>(others[0])].name + "' is not named",
                            "name every dim (" + dimList(input) + ") or write '...' for the rest");
  if (rest >= 0) order.insert(order.begin() + rest, others.begin(), others.end());
  return std::make_shared<BoundTranspose>(input, order);
}

}  // namespace

CUBELOOM_OPERATION(transpose) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
