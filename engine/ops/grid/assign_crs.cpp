// SPDX-License-Identifier: GPL-3.0-or-later
// assign_crs: say which coordinate system the grid is in, without moving a pixel.
#include "engine/geo/plausible_place.h"
#include "engine/op/view/assigned_crs.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Assign CRS";
  d.summary = "Says which coordinate reference system the grid is in; moves nothing.";
  d.help =
      "For files that do not say, or say it wrongly. To change the system of a grid use reproject; where a file does not say where its "
      "pixels lie either, use assign_grid.";
  d.references = {"https://odc-geo.readthedocs.io/en/latest/_api/odc.geo.xr.ODCExtension.assign_crs.html"};
  d.example = "assign_crs crs=EPSG:32610";
  d.python = "array.rio.write_crs({crs})";
  d.gdal = "gdal_translate -a_srs {crs} {input} {output}";
  d.keywords = {"projection", "georeference", "epsg", "srs"};
  Param crs{.name = "crs", .type = ParamType::Crs, .help = "EPSG code, WKT or PROJ text."};
  crs.required = true;
  d.params = {crs};
  return d;
}

class BoundAssignCrs : public ViewOperation {
 public:
  BoundAssignCrs(const ArraySpec& input, ArraySpec assigned) {
    initView(input);
    m_spec = std::move(assigned);
    const Crs& crs = m_spec.geobox->crs();
    m_summary = crs.label();
    if (input.geobox->crs().isValid() && !input.geobox->crs().isSameAs(crs))
      m_warnings.push_back("the input says " + input.geobox->crs().label() + "; its coordinates are now read as " + crs.label());
    if (const std::string wrong = implausiblePlace(*m_spec.geobox); !wrong.empty()) m_warnings.push_back(wrong);
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  auto crs = params.crs("crs");
  if (!crs) return fail(crs.error());
  auto assigned = withAssignedCrs(inputs[0], *crs);
  if (!assigned) return fail(assigned.error());
  return std::make_shared<BoundAssignCrs>(inputs[0], std::move(*assigned));
}

}  // namespace

CUBELOOM_OPERATION(assign_crs) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
