// SPDX-License-Identifier: GPL-3.0-or-later
// assign_coords: another coordinate along a dim, as a view.
#include "engine/array/cell_bounds.h"
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Assign coordinates";
  d.summary = "Says where the entries along a dim lie: wavelengths, dates, numbers or names.";
  d.help =
      "'values' has one entry per index, behind commas: numbers, dates (2022-02-24) or names; 'start' and 'step' say numbers in equal "
      "steps; "
      "a second input gives those of its dim of that name. Pixels are not touched; where rows and columns lie on the ground is said with "
      "assign_grid. What else was known of "
      "the entries (fwhm, bad bands) stays, unless a second input says it, too.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.assign_coords.html"};
  d.example = "assign_coords dim=wavelength start=400 step=5 unit=nm";
  d.python =
      "{?array.assign_coords({ {dim|array.dims[0]}: {values:entries} })?}"
      "{?array.assign_coords({ {dim|array.dims[0]}: {start} + {step} * np.arange(array.sizes[{dim|array.dims[0]}]) })?}"
      "{?start=:{?values=:array.assign_coords({ {dim|array.dims[0]}: in2[{dim|array.dims[0]}] })?}?}";
  d.noGdal = "gdal_edit.py writes names of bands, no coordinates";
  d.keywords = {"wavelengths", "dates", "coordinate", "axis", "label"};
  d.inputs = {{.name = "array"}, {.name = "coordinates", .help = "An array that has them.", .optional = true, .grid = Port::Grid::Any}};
  d.params = {dimParam(),
              {.name = "values", .help = "One entry per index, behind commas."},
              {.name = "start", .type = ParamType::Number, .help = "Where the first entry lies."},
              {.name = "step", .type = ParamType::Number, .help = "How far each lies from the one before."},
              {.name = "unit", .help = "Of numbers, as UDUNITS writes it: nm, m, days since 2000-01-01."}};
  return d;
}

class BoundAssignCoords : public ViewOperation {
 public:
  BoundAssignCoords(const ArraySpec& input, int dim, Coordinate coordinate) {
    initView(input);
    m_spec = input;
    Dim& assigned = m_spec.dims[static_cast<std::size_t>(dim)];
    assigned.coordinate = std::move(coordinate);
    m_summary = assigned.name + " " + entryText(assigned, 0) + (assigned.size > 1 ? " … " + entryText(assigned, assigned.size - 1) : "");
  }
};

Failure wrongCount(const std::string& parameter, std::int64_t given, const Dim& dim) {
  return invalidParameter(parameter, formatCount(given) + " entries for '" + dim.name + "', which has " + formatCount(dim.size),
                          "give one per index, or take a part of the dim with isel before");
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  const Dim& dim = input.dims[static_cast<std::size_t>(*d)];
  if (input.geobox && (*d == input.yDim || *d == input.xDim))
    return invalidParameter("dim", "'" + dim.name + "' lies on the array's grid", "say where that lies with assign_grid");
  const std::string values = params.text("values");
  const bool isStepped = params.has("start") && params.has("step");
  if (params.has("start") != params.has("step"))
    return invalidParameter(params.has("start") ? "step" : "start", "start and step belong together");
  if ((trim(values).empty() ? 0 : 1) + (isStepped ? 1 : 0) + (inputs.size() > 1 ? 1 : 0) != 1)
    return invalidParameter("values", "entries come from 'values', from start and step, or from a second input", "give one of them");
  if (inputs.size() > 1) {
    const int other = inputs[1].indexOf(dim.name);
    if (other < 0)
      return fail(ErrorCode::GridMismatch, "the second input has no dim '" + dim.name + "'", "its dims are " + dimList(inputs[1]));
    const Dim& from = inputs[1].dims[static_cast<std::size_t>(other)];
    if (from.size != dim.size) return wrongCount("dim", from.size, dim);
    return std::make_shared<BoundAssignCoords>(input, *d, from.coordinate);
  }
  Coordinate coordinate;
  if (isStepped) {
    coordinate.kind = Coordinate::Kind::Values;
    for (std::int64_t i = 0; i < dim.size; ++i)
      coordinate.values.push_back(params.number("start") + static_cast<double>(i) * params.number("step"));
  } else {
    const auto entries = split(values, ',');
    if (static_cast<std::int64_t>(entries.size()) != dim.size) return wrongCount("values", static_cast<std::int64_t>(entries.size()), dim);
    coordinate = coordinateFrom(entries);
  }
  coordinate.aux = dim.coordinate.aux;
  dropCellBounds(coordinate);  // other entries have other cells
  if (coordinate.unit.empty()) coordinate.unit = params.text("unit");
  return std::make_shared<BoundAssignCoords>(input, *d, std::move(coordinate));
}

}  // namespace

CUBELOOM_OPERATION(assign_coords) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
