// SPDX-License-Identifier: GPL-3.0-or-later
// expand_dims: a new dim of one entry, as a view.
#include "engine/base/text.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Add a dim";
  d.summary = "Gives the array a new dim of one entry, which concat can then lengthen.";
  d.help =
      "The entry lies at 'value': a number, a date (2022-02-24, 2022-02-24T18:12) or a name. Without one it takes the single coordinate of "
      "that name that the array has, as one that isel has left, else none. Nothing is copied.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.expand_dims.html"};
  d.example = "expand_dims dim=member value=3";
  d.python = "{?value=:array.expand_dims({dim}, axis={axis})?}{?!value=:array.expand_dims({ {dim}: [{value:entry}] }, axis={axis})?}";
  d.noGdal = "GDAL's rasters have no dims of their own";
  d.keywords = {"new axis", "add dimension", "unsqueeze", "newaxis", "time"};
  Param dim{.name = "dim", .help = "The new dim's name."};
  dim.required = true;
  d.params = {dim,
              {.name = "value", .help = "Where its entry lies: a number, a date, or a name."},
              {.name = "axis",
               .type = ParamType::Integer,
               .help = "Its place among the dims, counted from 0; -1 is the last.",
               .defaultTo = 0,
               .minimum = -16,
               .maximum = 15}};
  return d;
}

class BoundExpandDims : public ViewOperation {
 public:
  BoundExpandDims(const ArraySpec& input, Dim dim, std::size_t axis) {
    initView(input);
    m_inputDim.insert(m_inputDim.begin() + static_cast<std::ptrdiff_t>(axis), -1);
    m_summary = dim.name + (dim.coordinate.kind == Coordinate::Kind::None && dim.coordinate.labels.empty() ? "" : " " + entryText(dim, 0));
    m_spec = withDimBefore(input, std::move(dim), axis);
  }

 private:
  static ArraySpec withDimBefore(const ArraySpec& input, Dim dim, std::size_t axis) {
    ArraySpec spec = input;
    std::erase_if(spec.coordinates, [&dim](const AuxiliaryCoordinate& one) { return one.name == dim.name; });
    const auto at = static_cast<std::ptrdiff_t>(axis);
    spec.dims.insert(spec.dims.begin() + at, std::move(dim));
    if (!spec.storage.block.empty()) spec.storage.block.insert(spec.storage.block.begin() + at, 1);
    for (int& stored : spec.storage.order) stored += stored >= static_cast<int>(axis) ? 1 : 0;
    if (!spec.storage.order.empty()) spec.storage.order.insert(spec.storage.order.begin(), static_cast<int>(axis));
    if (spec.yDim >= static_cast<int>(axis)) ++spec.yDim;
    if (spec.xDim >= static_cast<int>(axis)) ++spec.xDim;
    return spec;
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  Dim dim{params.text("dim"), 1, {}};
  if (input.indexOf(dim.name) >= 0)
    return invalidParameter("dim", "the array has a dim '" + dim.name + "' already", "choose another name, or rename that one before");
  const AuxiliaryCoordinate* known = input.coordinateNamed(dim.name);
  if (known && !known->dims.empty())
    return invalidParameter("dim", "'" + dim.name + "' is a coordinate along " + join(known->dims, ", "),
                            "choose another name, or rename the coordinate before");
  if (params.has("value") && !trim(params.text("value")).empty()) {
    dim.coordinate = coordinateFrom({params.text("value")});
  } else if (known) {
    dim.coordinate = *known->values;
  }
  const auto dims = static_cast<std::int64_t>(input.dims.size());
  const std::int64_t axis = params.integer("axis"), place = axis < 0 ? axis + dims + 1 : axis;
  if (place < 0 || place > dims)
    return invalidParameter("axis", "axis " + std::to_string(axis) + " is no place among " + std::to_string(dims + 1) + " dims",
                            "give 0 to " + std::to_string(dims) + ", or -1 for the last");
  return std::make_shared<BoundExpandDims>(input, std::move(dim), static_cast<std::size_t>(place));
}

}  // namespace

CUBELOOM_OPERATION(expand_dims) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
